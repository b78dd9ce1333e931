import { RangeSlider, Select } from "@mantine/core";
import { useState } from "react";

import { useProject } from "@/app/project";
import { number } from "@/ui/format";

import classes from "./Facets.module.css";
import { fieldTitle } from "./fieldTitle";
import { useFields, useHistogram } from "./queries";

interface HistogramProps {
  where: readonly string[];
  onChange: (where: string[]) => void;
}

const FIRST_FIELD = "laplacian_variance";
/** How a statistic is spread over the images; the handles cut off both ends. */
export function Histogram({ where, onChange }: HistogramProps) {
  const project = useProject();
  const fields = useFields(project).data?.items ?? [];
  const [field, setField] = useState(FIRST_FIELD);
  const isOwn = (text: string) => text.startsWith(`${field} >= `) || text.startsWith(`${field} <= `);
  const others = where.filter((text) => !isOwn(text));
  const found = useHistogram(project, others, field).data;
  const edges = found?.edges ?? [];
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  const cut = (values: [number, number]) => {
    const bounds = [
      ...(values[0] > low ? [`${field} >= ${String(values[0])}`] : []),
      ...(values[1] < high ? [`${field} <= ${String(values[1])}`] : []),
    ];
    onChange([...others, ...bounds]);
  };
  return (
    <section className={classes.group}>
      <Select
        size="xs"
        aria-label="Statistic"
        allowDeselect={false}
        value={field}
        onChange={(value) => { setField(value ?? FIRST_FIELD); }}
        data={fields
          .filter(({ kind }) => kind === "number")
          .map(({ name }) => ({ value: name, label: fieldTitle(name) }))}
      />
      {found && high > low && (
        <Range key={`${field}${String(low)}${String(high)}${where.filter(isOwn).join()}`} edges={edges} counts={found.counts} start={bounds(where, field, low, high)} onCut={cut} />
      )}
    </section>
  );
}

/** What the address says of this field, or everything. */
function bounds(where: readonly string[], field: string, low: number, high: number): [number, number] {
  const read = (operator: string) => {
    const text = where.find((item) => item.startsWith(`${field} ${operator} `));
    return text === undefined ? undefined : Number(text.split(" ").at(-1));
  };
  return [read(">=") ?? low, read("<=") ?? high];
}

interface RangeProps {
  edges: readonly number[];
  counts: readonly number[];
  start: [number, number];
  onCut: (values: [number, number]) => void;
}

function Range({ edges, counts, start, onCut }: RangeProps) {
  const [value, setValue] = useState(start);
  const most = Math.max(...counts, 1);
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  return (
    <>
      <div className={classes.bars} aria-hidden>
        {counts.map((images, index) => {
          const inside = (edges[index + 1] ?? 0) > value[0] && (edges[index] ?? 0) < value[1];
          return (
            <span key={index} data-inside={inside || undefined} style={{ height: `${String((100 * images) / most)}%` }} />
          );
        })}
      </div>
      <RangeSlider
        size={3}
        thumbSize={13}
        label={null}
        min={low}
        max={high}
        step={(high - low) / 200}
        minRange={0}
        value={value}
        onChange={setValue}
        onChangeEnd={([from, to]) => { onCut([rounded(from, low), rounded(to, high)]); }}
        thumbFromLabel="At least"
        thumbToLabel="At most"
      />
      <div className={classes.ends}>
        <span>{number(value[0])}</span>
        <span>{number(value[1])}</span>
      </div>
    </>
  );
}

/** Few digits, because the condition is read by people; the ends stay themselves. */
function rounded(value: number, end: number): number {
  return Math.abs(value - end) < 1e-9 ? end : Number(value.toPrecision(4));
}
