import { count } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";

import classes from "./DiffPanel.module.css";
import { useDiff } from "./queries";

interface DiffPanelProps {
  project: string;
  version: string;
  against: string | null;
}

/** What changed since another version: counts, then the first changed images. */
export function DiffPanel({ project, version, against }: DiffPanelProps) {
  const diff = useDiff(project, version, against);
  if (against === null) {
    return <p className={classes.none}>Choose an earlier version to see what changed since.</p>;
  }
  return (
    <Loaded query={diff}>
      {(data) => (
        <>
          <dl className={classes.counts}>
            <Count label="added" value={data.num_added} />
            <Count label="removed" value={data.num_removed} />
            <Count label="relabeled" value={data.num_relabeled} />
            <Count label="moved" value={data.num_moved} />
            <Count label="unchanged" value={data.num_unchanged} />
          </dl>
          <ul className={classes.changes}>
            {[...data.relabeled, ...data.moved].slice(0, 8).map((change) => (
              <li key={`${change.image_id}${change.after}`}>
                <span className={classes.name}>{change.name}</span>
                <span>
                  {change.before} → {change.after}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Loaded>
  );
}

function Count({ label, value }: { label: string; value: number }) {
  return (
    <div data-zero={value === 0 || undefined}>
      <dd>{count(value)}</dd>
      <dt>{label}</dt>
    </div>
  );
}
