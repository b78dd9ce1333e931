import { projectPath, useProject } from "@/app/project";
import { thumbnailUrl } from "@/features/data/queries";
import { EmptyState } from "@/ui/EmptyState";
import { percent, plural } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PhotoGrid, PhotoTile } from "@/ui/PhotoTile";

import type { Content } from "./queries";

/** Labels that the model finds unlikely: often they, not the model, are wrong. */
export function LabelDoubts({ doubts }: { doubts: Content["doubts"] }) {
  const project = useProject();
  return (
    <Panel
      title="Labels in doubt"
      aside={doubts.length > 0 && <span className="vl-dim">{plural(doubts.length, "label")}, the least likely first</span>}
    >
      {doubts.length === 0 && (
        <EmptyState title="No label is in doubt">The model finds every label likely enough.</EmptyState>
      )}
      <PhotoGrid>
        {doubts.map((item) => (
          <PhotoTile
            key={item.image_id}
            src={thumbnailUrl(project, item.image_id, 256)}
            alt={`Labeled ${item.label}, perhaps ${item.suggested}`}
            to={projectPath(project, `/data?image=${item.image_id}`)}
          >
            {item.label} → {item.suggested}?{" "}
            <span className="vl-dim">{percent(item.self_confidence, 0)} likely</span>
          </PhotoTile>
        ))}
      </PhotoGrid>
    </Panel>
  );
}
