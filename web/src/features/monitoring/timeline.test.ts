import { describe, expect, it } from "vitest";

import type { MonitorWindow } from "./queries";
import { accuracyRows, accuracyTicks, driftRows } from "./timeline";

function window(id: string, p: number | null): MonitorWindow {
  const drift = p === null ? null : ({ p_value: p, auc: 0.6 } as MonitorWindow["drift"]);
  return { id, created_at: "2026-01-01T10:00:00Z", drift } as MonitorWindow;
}

describe("driftRows", () => {
  it("turns windows round, skips those without a test and keeps p above zero", () => {
    const rows = driftRows([window("c", 0), window("b", null), window("a", 0.4)]);
    expect(rows.map((row) => row.id)).toEqual(["a", "c"]);
    expect(rows[1]?.p).toBeGreaterThan(0);
  });
});

describe("accuracyRows", () => {
  it("keeps what is missing missing", () => {
    const [row] = accuracyRows([
      {
        window_id: "w",
        time: "2026-01-01T10:00:00Z",
        model_digest: "d",
        num_requests: 200,
        estimate: { value: 0.9123, low: 0.88, high: 0.94, reference: 0.95, method: "cbpe", is_extrapolating: false },
        audit: null,
      },
    ]);
    expect(row).toMatchObject({ estimate: 91.2, band: [88, 94], reference: 95, audited: null });
  });
});

describe("accuracyTicks", () => {
  it("end at 100 percent and begin below the lowest figure", () => {
    const row = { time: "10:00:00", estimate: 91.2, band: [78.1, 94] as [number, number], audited: null, reference: 95 };
    expect(accuracyTicks([row])).toEqual([75, 80, 85, 90, 95, 100]);
    expect(accuracyTicks([])).toEqual([99, 100]);
  });
});
