import { Alert, Button, Group, Modal, PasswordInput, Stack, TextInput } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";

import { useProject, useProjectInfo } from "@/app/project";

import { useCreateUser } from "./queries";
import { RoleFields } from "./RoleFields";
import { rolesByWorkspace, toGrants } from "./roles";

/** Creates a user and grants the first roles. */
export function NewUser({ onClose }: { onClose: () => void }) {
  const project = useProject();
  const workspaces = useProjectInfo()?.workspaces ?? [];
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [roles, setRoles] = useState(() => rolesByWorkspace({ grants: [] }, project, workspaces));
  const create = useCreateUser(project);
  return (
    <Modal opened onClose={onClose} title="Add a user">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name, email, password, roles: toGrants(roles) }, { onSuccess: onClose });
        }}
      >
        <Stack gap="sm">
          {create.isError && (
            <Alert color="red" icon={<IconAlertCircle size={18} />} role="alert">
              {create.error.message}
            </Alert>
          )}
          <TextInput
            label="Name"
            required
            data-autofocus
            autoComplete="off"
            value={name}
            onChange={(event) => { setName(event.currentTarget.value); }}
          />
          <TextInput
            label="E-mail"
            type="email"
            value={email}
            onChange={(event) => { setEmail(event.currentTarget.value); }}
          />
          <PasswordInput
            label="First password"
            required
            autoComplete="new-password"
            value={password}
            onChange={(event) => { setPassword(event.currentTarget.value); }}
          />
          <RoleFields value={roles} onChange={setRoles} />
          <Group justify="flex-end" mt="sm" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
