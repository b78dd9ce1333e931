import { Alert, Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject, useProjectInfo } from "@/app/project";

import { useCreateEndpoint } from "./queries";

/** Asks for a name and a workspace; everything else has a default that suits one machine. */
export function CreateEndpoint({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const project = useProject();
  const workspaces = useProjectInfo()?.workspaces ?? [];
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [workspace, setWorkspace] = useState("staging");
  const create = useCreateEndpoint(project);
  return (
    <Modal opened={opened} onClose={onClose} title="New endpoint">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(
            { name, workspace },
            { onSuccess: (made) => void navigate(projectPath(project, `/endpoints/${made.name}`)) },
          );
        }}
      >
        <Stack gap="md">
          {create.isError && (
            <Alert color="red" icon={<IconAlertCircle size={18} />} role="alert">
              {create.error.message}
            </Alert>
          )}
          <TextInput
            label="Name"
            description="Lower-case letters, digits and hyphens"
            placeholder="parts-staging"
            required
            data-autofocus
            value={name}
            onChange={(event) => { setName(event.currentTarget.value); }}
          />
          <Select
            label="Workspace"
            allowDeselect={false}
            data={workspaces}
            value={workspace}
            onChange={(value) => { setWorkspace(value ?? workspace); }}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Allowed right="deploy" workspace={workspace}>
              <Button type="submit" loading={create.isPending} disabled={name === ""}>
                Create
              </Button>
            </Allowed>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
