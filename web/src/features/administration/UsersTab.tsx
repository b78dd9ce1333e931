import { Badge, Button } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { useProject, useProjectInfo } from "@/app/project";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { words } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";

import classes from "./Administration.module.css";
import { NewUser } from "./NewUser";
import { type User, useUsers } from "./queries";
import { RolesDialog } from "./RolesDialog";
import { rolesByWorkspace } from "./roles";

export function Component() {
  const project = useProject();
  const workspaces = useProjectInfo()?.workspaces ?? [];
  const users = useUsers(project);
  const [editing, setEditing] = useState<User | null>(null);
  const [adding, setAdding] = useState(false);
  const roles: Column<User>[] = workspaces.map((workspace) => ({
    key: workspace,
    title: `Roles in ${workspace}`,
    cell: (user) => <Roles roles={rolesByWorkspace(user, project, workspaces)[workspace] ?? []} />,
  }));
  return (
    <>
      <Panel
        flush
        title="Users"
        aside={
          <Allowed right="install">
            <Button size="xs" leftSection={<IconUserPlus size={15} />} onClick={() => { setAdding(true); }}>
              Add a user
            </Button>
          </Allowed>
        }
      >
        <DataTable
          query={users}
          rowKey={(user) => user.id}
          columns={[NAME, ...roles, STATE]}
          onOpen={setEditing}
          empty={<EmptyState title="No member yet" />}
        />
      </Panel>
      {editing && <RolesDialog user={editing} onClose={() => { setEditing(null); }} />}
      {adding && <NewUser onClose={() => { setAdding(false); }} />}
    </>
  );
}

function Roles({ roles }: { roles: readonly string[] }) {
  if (roles.length === 0) return <span className="vl-dim">none</span>;
  return (
    <div className={classes.roles}>
      {roles.map((role) => (
        <Badge key={role} color="gray">
          {words(role)}
        </Badge>
      ))}
    </div>
  );
}

const NAME: Column<User> = {
  key: "name",
  title: "User",
  cell: (user) => (
    <>
      <strong>{user.name}</strong> {user.is_admin && <Badge>administrator</Badge>}
      <div className="vl-dim">{user.email}</div>
    </>
  ),
};

const STATE: Column<User> = {
  key: "state",
  title: "",
  align: "right",
  cell: (user) => <StateBadge state={user.is_active ? "active" : "disabled"} />,
};
