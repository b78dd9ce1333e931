import { describe, expect, it } from "vitest";

import type { components } from "@/api/schema";

import { place } from "./paint";
import { readCounts, sampleMask } from "./rle";
import { readShapes } from "./shapes";

type Annotation = components["schemas"]["AnnotationOut"];

const BARE: Annotation = {
  id: "1", category: "bolt", kind: "box", bbox: [1, 2, 5, 6], segmentation: null, keypoints: null, attributes: {},
  score: null, source: "human", author: "lena", reviewed_by: null, external_id: null,
};

describe("labels as shapes", () => {
  it("draw a box by its corners and leave out classes of the whole image", () => {
    const [box, ...rest] = readShapes([BARE, { ...BARE, kind: "class", bbox: null }]);
    expect(box?.rings).toEqual([[1, 2, 5, 2, 5, 6, 1, 6]]);
    expect(rest).toEqual([]);
  });

  it("keep every part of a polygon and the turn of a box", () => {
    const parts = [[0, 0, 4, 0, 4, 4], [8, 8, 9, 8, 9, 9]];
    expect(readShapes([{ ...BARE, kind: "polygon", segmentation: parts }])[0]?.rings).toEqual(parts);
    const turned = readShapes([{ ...BARE, kind: "rotated_box", segmentation: [[3, 0, 6, 3, 3, 6, 0, 3]] }]);
    expect(turned[0]?.rings).toHaveLength(1);
  });

  it("show key points that are labeled, beside a box or alone", () => {
    const keypoints: [number, number, number][] = [[1, 1, 2], [0, 0, 0], [3, 3, 1]];
    const [beside] = readShapes([{ ...BARE, keypoints }]);
    expect(beside?.points).toEqual([[1, 1], [3, 3]]);
    expect(beside?.rings).toHaveLength(1);
    const [alone] = readShapes([{ ...BARE, kind: "keypoints", bbox: null, keypoints }]);
    expect(alone?.rings).toEqual([]);
    expect(alone?.anchor).toEqual([1, 1]);
  });
});

describe("masks", () => {
  // 3 columns of 2: the pixels 1 and 2 down the columns are inside, that is (0, 1) and (1, 0) as x, y.
  it("are read down the columns", () => {
    const sampled = sampleMask({ size: [2, 3], counts: [1, 2, 3] }, 3, 2);
    expect([...sampled]).toEqual([0, 1, 0, 1, 0, 0]);
  });

  it("unpack COCO's letters as pycocotools packs them", () => {
    // pycocotools.mask.encode of a 10 x 10 mask with rows 2 to 4 of columns 3 to 6 inside.
    expect(readCounts("P13700000l0")).toEqual([32, 3, 7, 3, 7, 3, 7, 3, 35]);
  });

  it("are sampled to the size at hand", () => {
    const left = { size: [100, 200] as [number, number], counts: [0, 10_000, 10_000] };
    expect([...sampleMask(left, 4, 1)]).toEqual([1, 1, 0, 0]);
  });
});

it("fits an image into a tile, whole and in the middle", () => {
  expect(place({ width: 200, height: 100 }, { width: 100, height: 100 })).toEqual({
    scale: 0.5, left: 0, top: 25, width: 100, height: 50,
  });
});
