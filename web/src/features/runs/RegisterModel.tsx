import { Alert, Autocomplete, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle, IconBox } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath } from "@/app/project";
import { useModels, useRegisterRun } from "@/features/models/queries";

import type { Run } from "./queries";

/** Packs, checks, signs and records the model of a finished run. */
export function RegisterModel({ project, run }: { project: string; run: Run }) {
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure(false);
  const models = useModels(project).data ?? [];
  const register = useRegisterRun(project);
  const [model, setModel] = useState(models[0]?.name ?? `${project}-classifier`);
  const [notes, setNotes] = useState("");
  const submit = () => {
    register.mutate(
      { model: model.trim(), runId: run.id, notes },
      {
        onSuccess: (made) =>
          void navigate(projectPath(project, `/models/${made.model}/versions/${String(made.version)}`)),
      },
    );
  };
  return (
    <>
      <Allowed right="register_model">
        <Button leftSection={<IconBox size={16} />} onClick={open}>
          Register model
        </Button>
      </Allowed>
      <Modal opened={opened} onClose={close} title="Register the model">
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            The exported graph is compared with the checkpoint, then everything is signed under one
            digest. Registration starts a promotion through staging.
          </Text>
          <Autocomplete
            label="Model"
            description="A new name starts a new line of versions"
            data={models.map((item) => item.name)}
            value={model}
            onChange={setModel}
          />
          <Textarea
            label="Notes"
            autosize
            minRows={2}
            value={notes}
            onChange={(event) => { setNotes(event.currentTarget.value); }}
          />
          {register.isError && (
            <Alert color="red" icon={<IconAlertCircle size={18} />} title="Not registered" role="alert">
              {register.error.message}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button disabled={model.trim() === ""} loading={register.isPending} onClick={submit}>
              Register
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
