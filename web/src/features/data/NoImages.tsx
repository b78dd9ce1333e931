import { Button } from "@mantine/core";
import { IconPhotoPlus } from "@tabler/icons-react";
import { Link } from "react-router";

import { projectPath } from "@/app/project";
import { Command } from "@/ui/Command";
import { EmptyState } from "@/ui/EmptyState";

interface NoImagesProps {
  project: string;
  filtered: boolean;
  onClear: () => void;
}

/** Says why the grid is empty and what fills it. */
export function NoImages({ project, filtered, onClear }: NoImagesProps) {
  if (filtered) {
    return (
      <EmptyState
        title="No image fulfils all of these filters"
        action={
          <Button variant="default" onClick={onClear}>
            Clear the filters
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      title="No images yet"
      icon={<IconPhotoPlus size={22} stroke={1.6} />}
      action={
        <Button component={Link} to={projectPath(project, "/data/sources")}>
          Ingest a folder
        </Button>
      }
    >
      Point Visionloop at a folder or an object store. Class folders, Pascal VOC and COCO labels are
      read along with the images.
      <Command>{`visionloop data ingest ./photos --project ${project}`}</Command>
    </EmptyState>
  );
}
