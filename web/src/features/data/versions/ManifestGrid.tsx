import { Pagination } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";

import { useCategoryColors } from "@/app/categories";
import { projectPath } from "@/app/project";
import { CategoryChip } from "@/ui/CategoryChip";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";

import { LabeledPhoto } from "../overlay/LabeledPhoto";
import classes from "./ManifestGrid.module.css";
import { PAGE_SIZE, type Split, useVersionImages } from "./queries";

interface ManifestGridProps {
  project: string;
  version: string;
  split: Split | null;
}

/** The rows of a frozen version as thumbnails with the labels they had then. */
export function ManifestGrid({ project, version, split }: ManifestGridProps) {
  const [page, setPage] = useState(1);
  const rows = useVersionImages(project, version, split, page);
  const colors = useCategoryColors();
  return (
    <Loaded query={rows}>
      {(data) => (
        <>
          <ul className={classes.grid}>
            {data.items.map((row) => (
              <li key={row.image_id}>
                <Link to={`${projectPath(project, "/data")}?image=${row.image_id}`} title={row.name}>
                  <LabeledPhoto
                    project={project}
                    imageId={row.image_id}
                    name={row.name}
                    width={row.width}
                    height={row.height}
                    annotations={row.annotations}
                  />
                </Link>
                <span className={classes.text}>
                  {row.label !== null ? (
                    <CategoryChip name={row.label} color={colors.get(row.label)} />
                  ) : (
                    plural(row.annotations.length, "label")
                  )}
                  <span className="vl-dim">{row.split}</span>
                </span>
              </li>
            ))}
          </ul>
          {data.items.length === 0 && <p className="vl-dim">This split is empty.</p>}
          {data.total > PAGE_SIZE && (
            <Pagination size="sm" mt="md" value={page} onChange={setPage} total={Math.ceil(data.total / PAGE_SIZE)} />
          )}
        </>
      )}
    </Loaded>
  );
}
