import { describe, expect, it } from "vitest";

import { ago, bytes, duration, number, percent, percentInterval, plural, sentence, shortDigest } from "./format";

describe("format", () => {
  it("writes a missing value as a dash, never as zero", () => {
    expect(percent(null)).toBe("–");
    expect(number(undefined)).toBe("–");
    expect(percent(0)).toBe("0.0\u00a0%");
  });

  it("keeps three digits of small numbers", () => {
    expect(number(0.123456)).toBe("0.123");
    expect(number(0.0000123)).toBe("1.23e-5");
    expect(number(12345)).toBe("12,345");
  });

  it("gives an interval in the same unit", () => {
    expect(percentInterval(0.93, [0.9, 0.95])).toBe("93.0\u00a0% (90.0–95.0)");
    expect(percentInterval(0.93, null)).toBe("93.0\u00a0%");
  });

  it("tells time as people do", () => {
    const now = Date.parse("2026-03-01T12:00:00Z");
    expect(ago("2026-03-01T11:59:58Z", now)).toBe("just now");
    expect(ago("2026-03-01T11:57:00Z", now)).toBe("3 min ago");
    expect(ago("2026-03-01T14:00:00Z", now)).toBe("in 2 h");
    expect(duration(0.045)).toBe("45 ms");
    expect(duration(93)).toBe("1 min 33 s");
  });

  it("counts and names", () => {
    expect(plural(1, "image")).toBe("1 image");
    expect(plural(2, "class", "classes")).toBe("2 classes");
    expect(sentence("data_scientist")).toBe("Data scientist");
    expect(bytes(1536)).toBe("1.5 KB");
    expect(shortDigest("sha256:0123456789abcdef")).toBe("0123456789ab");
  });
});
