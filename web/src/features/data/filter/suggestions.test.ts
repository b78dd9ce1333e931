import { describe, expect, it } from "vitest";

import { suggest } from "./suggestions";

const FIELDS = [
  { name: "camera", kind: "text", meaning: "EXIF camera model", example: "camera = iPhone 7" },
  { name: "label", kind: "set", meaning: "classes that it shows", example: "label:bolt" },
  { name: "exif", kind: "keyed", meaning: "capture facts", example: "exif.ISO > 400" },
  { name: "width", kind: "number", meaning: "upright pixels", example: "width >= 1920" },
];
const VALUES = new Map([["label", ["bolt", "hex bolt", "nut"]], ["camera", ["Canon EOS 550D"]]]);

const texts = (typed: string) => suggest(typed, FIELDS, VALUES).map(({ text }) => text);

describe("suggestions", () => {
  it("begin with fields, by name and by meaning", () => {
    expect(texts("")).toHaveLength(FIELDS.length);
    expect(texts("ca")).toEqual(["camera ", "exif."]);
    expect(texts("width > 9 and la")).toEqual(["width > 9 and label:"]);
  });

  it("go on with operators that fit the kind", () => {
    expect(texts("width ")).toContain("width >= ");
    expect(texts("camera ")).not.toContain("camera > ");
  });

  it("end with known values, quoted where they must be", () => {
    expect(texts("label:bo")).toEqual(["label:bolt", 'label:"hex bolt"']);
    expect(texts("camera = c")).toEqual(['camera = "Canon EOS 550D"']);
    expect(texts("label:bolt")).toEqual(['label:"hex bolt"']);
  });
});
