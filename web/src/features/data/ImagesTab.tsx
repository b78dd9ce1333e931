import { Button, Pagination } from "@mantine/core";
import { IconPhotoPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { count } from "@/ui/format";
import { Command } from "@/ui/Command";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";

import { FilterBar } from "./FilterBar";
import { countFilters, PAGE_SIZE, readFilters, readPage } from "./filters";
import { GridSkeleton, ImageGrid } from "./ImageGrid";
import classes from "./ImagesTab.module.css";
import { Inspector } from "./Inspector";
import { type ImageSummary, useImages } from "./queries";
import { SelectionBar } from "./SelectionBar";

export function Component() {
  const project = useProject();
  const [search, setSearch] = useSearchParams();
  const filters = readFilters(search);
  const page = readPage(search);
  const images = useImages(project, filters, page);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const items = images.data?.items ?? [];
  const opened = search.get("image");

  const setParameter = (key: string, value: string | null) => {
    setSearch((now) => {
      const next = new URLSearchParams(now);
      if (value === null) next.delete(key);
      else next.set(key, value);
      return next;
    });
  };

  return (
    <>
      <FilterBar search={search} onChange={(next) => { setSearch(next); }} />
      {images.isError && images.data === undefined ? (
        <ErrorState error={images.error} onRetry={() => void images.refetch()} />
      ) : images.isPending ? (
        <GridSkeleton />
      ) : items.length === 0 ? (
        <NoImages project={project} filtered={countFilters(filters) > 0} onClear={() => { setSearch({}); }} />
      ) : (
        <ImageGrid
          project={project}
          items={items}
          opened={opened}
          selected={selected}
          onOpen={(id) => { setParameter("image", id); }}
          onSelect={setSelected}
        />
      )}
      {images.data !== undefined && images.data.total > 0 && (
        <div className={classes.foot}>
          <span className="vl-dim">
            {count((page - 1) * PAGE_SIZE + 1)}–{count((page - 1) * PAGE_SIZE + items.length)} of{" "}
            {count(images.data.total)}
          </span>
          <Pagination
            size="sm"
            value={page}
            total={Math.max(Math.ceil(images.data.total / PAGE_SIZE), 1)}
            onChange={(next) => { setParameter("page", next === 1 ? null : String(next)); }}
          />
        </div>
      )}
      <SelectionBar project={project} selected={selected} onClear={() => { setSelected(new Set()); }} />
      <Inspector
        project={project}
        imageId={opened}
        neighbours={items.map((item: ImageSummary) => item.id)}
        onOpen={(id) => { setParameter("image", id); }}
      />
    </>
  );
}

interface NoImagesProps {
  project: string;
  filtered: boolean;
  onClear: () => void;
}

function NoImages({ project, filtered, onClear }: NoImagesProps) {
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
