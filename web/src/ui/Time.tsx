import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";

import { ago, dateTime } from "./format";

/** "3 min ago", kept current, with the full time on hover. */
export function Time({ iso }: { iso: string | null | undefined }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, 10_000);
    return () => { clearInterval(timer); };
  }, []);
  if (!iso) return <span className="vl-dim">–</span>;
  return (
    <Tooltip label={dateTime(iso)}>
      <time dateTime={iso}>{ago(iso, Math.max(now, Date.parse(iso)))}</time>
    </Tooltip>
  );
}
