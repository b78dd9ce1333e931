import { Notice } from "@/ui/Notice";

import classes from "./Sources.module.css";
import type { DatastoreCheck } from "./queries";

/** What a test found, or what is wrong and how to mend it. */
export function CheckResult({ check }: { check: DatastoreCheck }) {
  return (
    <Notice tone={check.reachable ? (check.num_files_seen > 0 ? "ok" : "attention") : "failing"}>
      <div>
        <strong>{check.name}</strong>: {check.message}
      </div>
      {check.remedy !== "" && <div>{check.remedy}</div>}
      {check.sample.length > 0 && (
        <ul className={classes.sample}>
          {check.sample.slice(0, 5).map((path) => (
            <li key={path} className="vl-mono">
              {path}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
