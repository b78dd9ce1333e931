import { Pagination } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";

import { thumbnailUrl } from "@/api/images";
import { useCategoryColors } from "@/app/categories";
import { projectPath } from "@/app/project";
import { CategoryChip } from "@/ui/CategoryChip";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";

import classes from "./ManifestGrid.module.css";
import { useVersionImages } from "./queries";

interface ManifestGridProps {
  project: string;
  version: string;
  split: string | null;
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
                  <img src={thumbnailUrl(project, row.image_id, 128)} alt={row.name} loading="lazy" />
                </Link>
                {row.label !== null ? (
                  <CategoryChip name={row.label} color={colors.get(row.label)} note={row.split} />
                ) : (
                  <span className="vl-dim">
                    {plural(row.annotations.length, "shape")}, {row.split}
                  </span>
                )}
              </li>
            ))}
          </ul>
          {data.total > 24 && (
            <Pagination size="sm" mt="md" value={page} onChange={setPage} total={Math.ceil(data.total / 24)} />
          )}
        </>
      )}
    </Loaded>
  );
}
