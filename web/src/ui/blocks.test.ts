import { describe, expect, it } from "vitest";

import { readBlocks } from "./blocks";

describe("readBlocks", () => {
  it("reads the blocks of a model card", () => {
    const card = "# parts\n\n- Task: a\n- Classes: b\n\n| class | images |\n|---|---|\n| nut | 3 |\n\nOne\ntwo.";
    expect(readBlocks(card)).toEqual([
      { kind: "heading", level: 1, text: "parts" },
      { kind: "list", items: ["Task: a", "Classes: b"] },
      { kind: "table", rows: [["class", "images"], ["nut", "3"]] },
      { kind: "paragraph", text: "One two." },
    ]);
  });

  it("keeps empty lines inside code", () => {
    expect(readBlocks("Use:\n\n```python\na\n\nb\n```\n\nDone.")).toEqual([
      { kind: "paragraph", text: "Use:" },
      { kind: "code", text: "a\n\nb" },
      { kind: "paragraph", text: "Done." },
    ]);
  });
});
