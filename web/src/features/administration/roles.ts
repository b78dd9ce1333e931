import type { Role, RoleGrant, User } from "./queries";

export const ROLES: Role[] = [
  "data_engineer",
  "labeler",
  "reviewer",
  "data_scientist",
  "ml_engineer",
  "approver",
  "infra",
  "viewer",
  "admin",
  "service",
];

/** A user's roles in a project, by workspace in the project's order. */
export function rolesByWorkspace(
  user: Pick<User, "grants">,
  project: string,
  workspaces: readonly string[],
): Record<string, Role[]> {
  const mine = user.grants.filter((grant) => grant.project === project);
  return Object.fromEntries(
    workspaces.map((workspace) => [
      workspace,
      mine.filter((grant) => grant.workspace === workspace).map((grant) => grant.role),
    ]),
  );
}

/** The same as the list that the API takes. */
export function toGrants(roles: Readonly<Record<string, readonly Role[]>>): RoleGrant[] {
  return Object.entries(roles).flatMap(([workspace, granted]) =>
    granted.map((role) => ({ workspace, role })),
  );
}
