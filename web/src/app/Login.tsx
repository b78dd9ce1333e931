import { Button, Paper, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { Navigate, useSearchParams } from "react-router";

import { useMe, useSignIn } from "@/app/session";
import { Mark } from "@/ui/Mark";
import { Notice } from "@/ui/Notice";

import classes from "./Login.module.css";

export function Component() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [search] = useSearchParams();
  const me = useMe();
  const signIn = useSignIn();
  const next = search.get("next") ?? "/";
  // Only addresses of this application: "//host" would leave it.
  const target = next.startsWith("/") && !next.startsWith("//") ? next : "/";
  if (me.data) return <Navigate to={target} replace />;

  return (
    <main className={classes.page}>
      <Paper className={classes.card} p={32}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate({ name, password });
          }}
        >
          <Stack gap="md">
            <div className={classes.brand}>
              <Mark size={30} />
              <div>
                <h1 className={classes.title}>Sign in to Visionloop</h1>
                <p className={classes.lead}>The whole computer-vision loop, in one place.</p>
              </div>
            </div>
            {signIn.isError && (
              <Notice tone="failing">{signIn.error.message}</Notice>
            )}
            <TextInput
              label="User name"
              autoComplete="username"
              autoFocus
              required
              withAsterisk={false}
              value={name}
              onChange={(event) => { setName(event.currentTarget.value); }}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              value={password}
              onChange={(event) => { setPassword(event.currentTarget.value); }}
            />
            <Button type="submit" fullWidth mt={4} loading={signIn.isPending}>
              Sign in
            </Button>
          </Stack>
        </form>
      </Paper>
      <p className={classes.foot}>
        The first start prints the administrator’s name and password on the terminal.
      </p>
    </main>
  );
}
