import type { components } from "@/api/schema";

export type Role = components["schemas"]["Role"];
type Me = components["schemas"]["Me"];

const PERMISSIONS = [
  "read", "manage_data", "label", "review", "train", "register_model", "request_promotion",
  "approve_promotion", "deploy", "operate", "administer",
] as const;

export type Permission = (typeof PERMISSIONS)[number];
/** A permission, or what the server asks for in another way: alerts, and the whole installation. */
export type Right = Permission | "watch" | "install";

/** What each role may do in a workspace; the same table as `admin/rules.py`, which decides. */
export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  data_engineer: ["read", "manage_data"],
  labeler: ["read", "label"],
  reviewer: ["read", "label", "review"],
  data_scientist: [
    "read", "manage_data", "label", "train", "register_model", "review", "request_promotion",
  ],
  ml_engineer: ["read", "train", "register_model", "request_promotion", "deploy"],
  approver: ["read", "approve_promotion"],
  infra: ["read", "operate", "deploy"],
  viewer: ["read"],
  admin: PERMISSIONS,
  service: ["read"],
};

/** Any workspace of the project. */
export const ANYWHERE = "*";

/** Alerts belong to those who operate, deploy or train, in whichever workspace. */
const WATCHING: readonly Permission[] = ["operate", "deploy", "train"];

/** Whether somebody holds a right in a workspace of a project. */
export function holds(me: Pick<Me, "is_admin" | "grants">, right: Right, project: string, workspace: string): boolean {
  if (me.is_admin) return true;
  const roles = rolesWith(right);
  return me.grants.some(
    (grant) =>
      grant.project === project &&
      (grant.workspace === workspace || isAnywhere(right, workspace)) &&
      roles.includes(grant.role),
  );
}

/** The roles that carry a right, in the order of the table. */
export function rolesWith(right: Right): Role[] {
  if (right === "install") return [];
  const wanted = right === "watch" ? WATCHING : [right];
  const roles = Object.keys(ROLE_PERMISSIONS) as Role[];
  return roles.filter((role) => wanted.some((permission) => ROLE_PERMISSIONS[role].includes(permission)));
}

/** Tells who may do it, so that the reader knows whom to ask. */
export function refusal(right: Right, workspace: string): string {
  if (right === "install") return "Only an administrator of this installation may do this.";
  const roles = rolesWith(right).map(spoken);
  const last = roles.pop() ?? "";
  const named = roles.length === 0 ? last : `${roles.join(", ")} or ${last}`;
  return `Takes the role ${named}${isAnywhere(right, workspace) ? "" : ` in ${workspace}`}.`;
}

function isAnywhere(right: Right, workspace: string): boolean {
  return right === "read" || right === "watch" || workspace === ANYWHERE;
}

function spoken(role: Role): string {
  return role === "ml_engineer" ? "ML engineer" : role.replaceAll("_", " ");
}
