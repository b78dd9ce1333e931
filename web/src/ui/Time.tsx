import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";

import { ago, dateTime } from "./format";

const CLOCK_SKEW_MS = 60_000;

/** "3 min ago" or "in 2 days", kept current, with the full time on hover. */
export function Time({ iso }: { iso: string | null | undefined }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, 10_000);
    return () => { clearInterval(timer); };
  }, []);
  if (!iso) return <span className="vl-dim">–</span>;
  const time = Date.parse(iso);
  // A clock that is a little behind the server's must not put the past into the future.
  const reference = time - now > CLOCK_SKEW_MS ? now : Math.max(now, time);
  return (
    <Tooltip label={dateTime(iso)}>
      <time dateTime={iso} style={{ whiteSpace: "nowrap" }}>{ago(iso, reference)}</time>
    </Tooltip>
  );
}
