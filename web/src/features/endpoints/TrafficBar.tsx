import { seriesColor } from "@/ui/Chart";

import type { Deployment } from "./queries";
import classes from "./TrafficBar.module.css";

/** The colour of a deployment: the same in the bar, in the table and in charts. */
export function deploymentColor(index: number): string {
  return `var(--mantine-color-${seriesColor(index).replace(".", "-")})`;
}

/** How live requests are split over deployments, and who scores them in the shadow. */
export function TrafficBar({ deployments }: { deployments: readonly Deployment[] }) {
  const live = deployments.filter((deployment) => deployment.weight > 0);
  const text = live.map((item) => `${item.name} ${String(item.weight)} %`).join(", ");
  if (deployments.length === 0) return <span className="vl-dim">No deployment yet</span>;
  return (
    <div>
      <div className={classes.bar} role="img" aria-label={`Traffic: ${text || "none"}`}>
        {deployments.map(
          (item, index) =>
            item.weight > 0 && (
              <i key={item.name} style={{ flexGrow: item.weight, background: deploymentColor(index) }} />
            ),
        )}
      </div>
      <ul className={classes.legend}>
        {deployments.map((item, index) => (
          <li key={item.name}>
            <i style={{ background: deploymentColor(index) }} data-shadow={item.weight === 0 || undefined} />
            {item.name} {item.weight} %
            {item.mirror > 0 && <span className="vl-dim"> mirrors {item.mirror} %</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
