import { percent, sentence } from "@/ui/format";
import { Panel } from "@/ui/Page";

import type { Content } from "./queries";
import classes from "./Responsible.module.css";

const SEVERITIES = [1, 2, 3] as const;
const WORDS = ["light", "medium", "strong"];

/** The same images under damage: what is left of the quality, darker where more is lost. */
export function Robustness({ rows }: { rows: Content["robustness"] }) {
  const clean = rows.find((row) => row.severity === 0)?.quality.value ?? 0;
  const names = [...new Set(rows.filter((row) => row.severity > 0).map((row) => row.corruption))];
  const cell = (name: string, severity: number) =>
    rows.find((row) => row.corruption === name && row.severity === severity);
  return (
    <Panel title="Robustness" aside={<span className="vl-dim">Undamaged: {percent(clean)}</span>}>
      <table className={classes.heat}>
        <thead>
          <tr>
            <td />
            {names.map((name) => (
              <th key={name} scope="col">
                {sentence(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {SEVERITIES.map((severity, index) => (
            <tr key={severity}>
              <th scope="row">{WORDS[index]}</th>
              {names.map((name) => (
                <Heat key={name} name={name} row={cell(name, severity)} clean={clean} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Heat({ name, row, clean }: { name: string; row: Content["robustness"][number] | undefined; clean: number }) {
  if (row === undefined) return <td>–</td>;
  const lost = clean > 0 ? Math.min(1, Math.max(0, row.drop / clean)) : 0;
  const { value, low, high } = row.quality;
  return (
    <td
      style={{ "--lost": `${(lost * 75).toFixed(0)}%` } as React.CSSProperties}
      title={`${sentence(name)}: ${percent(value)}, interval ${percent(low)} to ${percent(high)}`}
    >
      {percent(value, 0)}
    </td>
  );
}
