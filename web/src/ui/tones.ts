/** What a state means to the reader; the only source of state colours. */
export type Tone = "ok" | "attention" | "failing" | "running" | "idle";

const TONES: Record<Tone, readonly string[]> = {
  ok: [
    "ok", "succeeded", "finished", "completed", "complete", "passed", "active", "accepted", "approved",
    "healthy", "ready", "live", "labeled", "done", "resolved", "applied", "deployed", "verified",
    "champion", "delivered", "indexed",
  ],
  attention: [
    "attention", "warning", "waiting", "waiting_for_approval", "waiting_approval", "pending_approval",
    "drifted", "degraded", "missing", "proposed", "open", "skipped", "inconclusive", "submitted",
    "in_review", "acknowledged", "stale",
  ],
  failing: [
    "failing", "failed", "error", "rejected", "critical", "dead", "refused", "down", "unhealthy",
    "crashed", "blocked", "broken", "expired", "lost",
  ],
  running: [
    "running", "starting", "in_progress", "deploying", "queued", "evaluating", "started",
    "restarting", "loading", "stopping", "cancelling", "assigned", "canary", "rolling_out",
  ],
  idle: ["idle", "cancelled", "canceled", "stopped", "excluded", "unlabeled", "created", "archived"],
};

const BY_STATE = new Map<string, Tone>(
  (Object.entries(TONES) as [Tone, readonly string[]][]).flatMap(([tone, states]) =>
    states.map((state) => [state, tone] as const),
  ),
);

/** The tone of any state word that the API uses; unknown words are neutral. */
export function toneOf(state: string): Tone {
  return BY_STATE.get(state.toLowerCase()) ?? "idle";
}
