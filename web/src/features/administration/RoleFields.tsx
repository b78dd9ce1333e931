import { MultiSelect, Stack } from "@mantine/core";

import { sentence } from "@/ui/format";

import type { Role } from "./queries";
import { ROLES } from "./roles";

interface RoleFieldsProps {
  value: Record<string, Role[]>;
  onChange: (value: Record<string, Role[]>) => void;
}

/** Roles for each workspace. */
export function RoleFields({ value, onChange }: RoleFieldsProps) {
  return (
    <Stack gap="sm">
      {Object.entries(value).map(([workspace, roles]) => (
        <MultiSelect
          key={workspace}
          label={`Roles in ${workspace}`}
          placeholder={roles.length === 0 ? "none" : undefined}
          data={ROLES.map((role) => ({ value: role, label: sentence(role) }))}
          value={roles}
          onChange={(next) => { onChange({ ...value, [workspace]: next as Role[] }); }}
        />
      ))}
    </Stack>
  );
}
