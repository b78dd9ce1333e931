import { describe, expect, it } from "vitest";

import { rolesByWorkspace, toGrants } from "./roles";

describe("rolesByWorkspace", () => {
  it("keeps other projects out and shows empty workspaces", () => {
    const user = {
      grants: [
        { project: "parts", workspace: "dev", role: "labeler" as const },
        { project: "parts", workspace: "dev", role: "reviewer" as const },
        { project: "other", workspace: "prod", role: "admin" as const },
      ],
    };
    const roles = rolesByWorkspace(user, "parts", ["dev", "prod"]);
    expect(roles).toEqual({ dev: ["labeler", "reviewer"], prod: [] });
    expect(toGrants(roles)).toEqual([
      { workspace: "dev", role: "labeler" },
      { workspace: "dev", role: "reviewer" },
    ]);
  });
});
