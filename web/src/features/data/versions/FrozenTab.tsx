import { SegmentedControl } from "@mantine/core";
import { useState } from "react";

import { useProject } from "@/app/project";
import { Panel } from "@/ui/Page";

import { ManifestGrid } from "./ManifestGrid";
import type { Split } from "./queries";
import { useShownVersion } from "./VersionPage";

const SPLITS = [
  { value: "all", label: "All" },
  { value: "train", label: "Train" },
  { value: "val", label: "Validation" },
  { value: "test", label: "Test" },
];

/** The images with the labels that they had when the version was frozen. */
export function Component() {
  const project = useProject();
  const version = useShownVersion();
  const [split, setSplit] = useState("all");
  return (
    <Panel
      title="Images as frozen"
      aside={<SegmentedControl size="xs" value={split} onChange={setSplit} data={SPLITS} />}
    >
      <ManifestGrid
        key={split}
        project={project}
        version={version.id}
        split={split === "all" ? null : (split as Split)}
      />
    </Panel>
  );
}
