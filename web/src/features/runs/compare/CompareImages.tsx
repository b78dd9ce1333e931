import { ApiError } from "@/api/problem";
import { projectPath, useProject } from "@/app/project";
import { thumbnailUrl } from "@/features/data/queries";
import { Facts } from "@/ui/Facts";
import { number, percent, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";
import { PhotoGrid, PhotoTile } from "@/ui/PhotoTile";
import { shareRange } from "@/ui/scale";
import { Whisker } from "@/ui/Whisker";

import type { Run } from "../queries";
import { useModelComparison } from "../report/queries";
import classes from "./Compare.module.css";

const SHOWN = 8;

/** Two models on the same test images: the paired difference, what was mended, what was broken. */
export function CompareImages({ baseline, candidate }: { baseline: Run; candidate: Run }) {
  const project = useProject();
  const query = useModelComparison(project, baseline.evaluation_id, candidate.evaluation_id);
  if (baseline.evaluation_id === null || candidate.evaluation_id === null) return null;
  if (query.error instanceof ApiError && query.error.status < 500) {
    return (
      <Panel title="Image by image">
        <p className="vl-dim">{query.error.message}</p>
      </Panel>
    );
  }
  return (
    <Panel title="Image by image">
      <Loaded query={query}>
        {(found) => (
          <>
            <Facts
              items={[
                { label: baseline.name, value: <Whisker estimate={found.baseline_accuracy} /> },
                { label: candidate.name, value: <Whisker estimate={found.candidate_accuracy} /> },
                {
                  label: "difference, on the same images",
                  value: (
                    <Whisker
                      estimate={found.difference}
                      range={shareRange([found.difference, { low: -0.1, high: 0.1 }])}
                      mark={0}
                      tone={found.difference.low > 0 ? "ok" : found.difference.high < 0 ? "failing" : "idle"}
                    />
                  ),
                },
                {
                  label: `p-value, ${plural(found.num_images, "image")}`,
                  value: `${number(found.p_value)} (${verdict(found.difference)})`,
                },
              ]}
            />
            <div className={classes.columns}>
              <Photos title={`Mended by ${candidate.name}`} ids={found.fixed} />
              <Photos title={`Broken by ${candidate.name}`} ids={found.broken} />
            </div>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function verdict({ value, low, high }: { value: number; low: number; high: number }): string {
  if (low > 0) return `better by ${percent(value)}`;
  if (high < 0) return `worse by ${percent(-value)}`;
  return "no difference shown";
}

function Photos({ title, ids }: { title: string; ids: readonly string[] }) {
  const project = useProject();
  return (
    <div>
      <h3 className={classes.subhead}>
        {title} <span className="vl-dim">({plural(ids.length, "image")})</span>
      </h3>
      <PhotoGrid>
        {ids.slice(0, SHOWN).map((id) => (
          <PhotoTile
            key={id}
            src={thumbnailUrl(project, id, 256)}
            alt={`Photo ${id.slice(0, 8)}`}
            to={projectPath(project, `/data?image=${id}`)}
          />
        ))}
      </PhotoGrid>
    </div>
  );
}
