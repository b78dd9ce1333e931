import { expect, it } from "vitest";

import { fitted, panned, zoomed } from "./view";

const IMAGE = { width: 400, height: 200 };
const STAGE = { width: 832, height: 632 };

it("shows the whole image in the middle", () => {
  expect(fitted(IMAGE, STAGE)).toEqual({ scale: 2, left: 16, top: 116, width: 800, height: 400 });
  expect(fitted({ width: 8, height: 8 }, STAGE).scale).toBe(6);
});

it("zooms around the cursor and never below the whole image", () => {
  const view = fitted(IMAGE, STAGE);
  const near = zoomed(view, IMAGE, STAGE, 2, 116, 216);
  expect((116 - near.left) / near.scale).toBeCloseTo((116 - view.left) / view.scale);
  expect(zoomed(view, IMAGE, STAGE, 0.001, 0, 0).scale).toBe(1);
  expect(zoomed(view, IMAGE, STAGE, 1e6, 0, 0).scale).toBe(40);
});

it("moves", () => {
  expect(panned(fitted(IMAGE, STAGE), 5, -5)).toMatchObject({ left: 21, top: 111 });
});
