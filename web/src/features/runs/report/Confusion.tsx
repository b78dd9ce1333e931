import type { ImageFilter, Report } from "../queries";
import classes from "./Report.module.css";

interface ConfusionProps {
  report: Report;
  selected: ImageFilter;
  onSelect: (label: string, predicted: string) => void;
}

/** True classes in rows, predicted ones in columns; a cell shows its images below. */
export function Confusion({ report, selected, onSelect }: ConfusionProps) {
  const { labels, confusion } = report;
  return (
    <div className={classes.scroll}>
      <table className={classes.matrix}>
        <caption className={classes.axis} style={{ captionSide: "bottom", textAlign: "left" }}>
          Rows are true classes, columns are predictions. Choose a cell to see its images.
        </caption>
        <thead>
          <tr>
            <td />
            {labels.map((label) => (
              <th key={label} scope="col" title={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {confusion.map((row, index) => (
            <Row
              key={labels[index]}
              labels={labels}
              index={index}
              row={row}
              selected={selected}
              onSelect={onSelect}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Omit<ConfusionProps, "report"> {
  labels: string[];
  index: number;
  row: number[];
}

function Row({ labels, index, row, selected, onSelect }: RowProps) {
  const label = labels[index] ?? "";
  const total = row.reduce((sum, value) => sum + value, 0);
  return (
    <tr>
      <th scope="row">{label}</th>
      {row.map((value, column) => {
        const predicted = labels[column] ?? "";
        const share = total === 0 ? 0 : value / total;
        return (
          <td key={predicted}>
            <button
              type="button"
              className={classes.cell}
              disabled={value === 0}
              data-none={value === 0 || undefined}
              data-right={column === index || undefined}
              data-selected={(selected.label === label && selected.predicted === predicted) || undefined}
              style={{ "--share": `${(share === 0 ? 0 : 14 + share * 60).toFixed(0)}%` } as React.CSSProperties}
              aria-label={`${label} predicted as ${predicted}: ${String(value)} of ${String(total)}`}
              onClick={() => { onSelect(label, predicted); }}
            >
              {value}
            </button>
          </td>
        );
      })}
    </tr>
  );
}
