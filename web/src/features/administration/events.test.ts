import { describe, expect, it } from "vitest";

import { eventSummary, eventTitle, matches } from "./events";

describe("eventTitle", () => {
  it("reads the type as a sentence", () => {
    expect(eventTitle("visionloop.model.version.registered")).toBe("Model version registered");
  });
});

describe("eventSummary", () => {
  it("joins facts and cuts long ones", () => {
    expect(eventSummary({ version: 3, reason: "", key: null })).toBe("version 3");
    expect(eventSummary({ text: "x".repeat(300) })).toHaveLength(141);
  });
});

describe("matches", () => {
  const event = { id: 1, type: "visionloop.user.created", project: "p", subject: "user/ann", time: "", actor: "dana", data: {} };
  it("looks at who, what and details", () => {
    expect(matches(event, "ANN")).toBe(true);
    expect(matches(event, "dana")).toBe(true);
    expect(matches(event, "bob")).toBe(false);
    expect(matches(event, " ")).toBe(true);
  });
});
