import { Button, Group, Modal, Text } from "@mantine/core";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { useProject, useProjectInfo } from "@/app/project";

import { type User, useGrantRoles } from "./queries";
import { RoleFields } from "./RoleFields";
import { rolesByWorkspace, toGrants } from "./roles";

/** Changes what a user may do in the project. */
export function RolesDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const project = useProject();
  const workspaces = useProjectInfo()?.workspaces ?? [];
  const [roles, setRoles] = useState(() => rolesByWorkspace(user, project, workspaces));
  const grant = useGrantRoles(project, user.name);
  return (
    <Modal opened onClose={onClose} title={`Roles of ${user.name}`}>
      <Text size="sm" c="dimmed" mb="sm">
        Roles hold in one workspace each. Whoever asks for a promotion can never approve it, whatever
        the role.
      </Text>
      <RoleFields value={roles} onChange={setRoles} />
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Allowed right="administer">
          <Button
            loading={grant.isPending}
            onClick={() => { grant.mutate(toGrants(roles), { onSuccess: onClose }); }}
          >
            Save
          </Button>
        </Allowed>
      </Group>
    </Modal>
  );
}
