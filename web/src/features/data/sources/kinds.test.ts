import { describe, expect, it } from "vitest";

import { fieldLabel, suggestName } from "./kinds";

describe("the form of a datastore", () => {
  it("suggests a name from the address", () => {
    expect(suggestName("/mnt/Line 1/")).toBe("line-1");
    expect(suggestName("s3://photos/2026_spring")).toBe("2026-spring");
    expect(suggestName("https://example.com/lists/Images.csv?x=1")).toBe("images");
    expect(suggestName("")).toBe("");
  });

  it("names fields in words", () => {
    expect(fieldLabel("account_key")).toBe("Account key");
    expect(fieldLabel("environment")).toBe("As the server itself");
  });
});
