import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { ANYWHERE, holds, refusal, ROLE_PERMISSIONS, type Right, type Role, rolesWith } from "./permissions";

function person(role: Role, workspace: string) {
  return { is_admin: false, grants: [{ project: "parts", workspace, role }] };
}

/** The server's table, read from its source: `Role.X: frozenset(... Permission.Y ... )`. */
function serverTable(): Record<string, string[]> {
  const source = readFileSync(new URL("../../../src/visionloop/admin/rules.py", import.meta.url), "utf8");
  const table = source.slice(source.indexOf("ROLE_PERMISSIONS"), source.indexOf("_PROJECT_WIDE"));
  const rows = table.split(/\n {4}Role\./).slice(1);
  return Object.fromEntries(
    rows.map((row) => {
      const names = [...row.matchAll(/Permission\.([A-Z_]+)|\b_R\b/g)].map((found) => found[1] ?? "READ");
      const name = row.slice(0, row.indexOf(":")).toLowerCase();
      return [name, names.map((item) => item.toLowerCase()).sort()];
    }),
  );
}

describe("the table of roles", () => {
  it("says what the server says", () => {
    const { admin, ...others } = serverTable();
    expect(admin).toEqual([]); // frozenset(Permission): every one
    const mine = Object.entries(ROLE_PERMISSIONS).filter(([role]) => role !== "admin");
    expect(Object.fromEntries(mine.map(([role, list]) => [role, [...list].sort()]))).toEqual(others);
  });

  it("lets an administrator of the installation do everything", () => {
    const admin = { is_admin: true, grants: [] };
    for (const right of ["train", "approve_promotion", "watch", "install"] satisfies Right[]) {
      expect(holds(admin, right, "parts", "prod")).toBe(true);
    }
  });
});

describe("holding a right", () => {
  it("counts in the workspace of the grant only", () => {
    expect(holds(person("approver", "prod"), "approve_promotion", "parts", "prod")).toBe(true);
    expect(holds(person("approver", "dev"), "approve_promotion", "parts", "prod")).toBe(false);
    expect(holds(person("approver", "prod"), "approve_promotion", "signs", "prod")).toBe(false);
  });

  it("leaves alerts to those who operate, deploy or train, wherever", () => {
    expect(holds(person("infra", "staging"), "watch", "parts", "dev")).toBe(true);
    expect(holds(person("labeler", "dev"), "watch", "parts", "dev")).toBe(false);
  });

  it("is enough anywhere, where the workspace is chosen later", () => {
    expect(holds(person("infra", "staging"), "deploy", "parts", ANYWHERE)).toBe(true);
    expect(holds(person("viewer", "staging"), "deploy", "parts", ANYWHERE)).toBe(false);
    expect(refusal("deploy", ANYWHERE)).toBe("Takes the role ML engineer, infra or admin.");
  });

  it("keeps the installation from a project's admin", () => {
    expect(holds(person("admin", "dev"), "install", "parts", "dev")).toBe(false);
    expect(holds(person("admin", "dev"), "administer", "parts", "dev")).toBe(true);
  });
});

describe("whom to ask", () => {
  it("names the roles and the workspace", () => {
    expect(rolesWith("approve_promotion")).toEqual(["approver", "admin"]);
    expect(refusal("approve_promotion", "prod")).toBe("Takes the role approver or admin in prod.");
    expect(refusal("train", "dev")).toBe("Takes the role data scientist, ML engineer or admin in dev.");
    expect(refusal("install", "dev")).toBe("Only an administrator of this installation may do this.");
  });
});
