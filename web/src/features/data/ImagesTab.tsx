import { Skeleton } from "@mantine/core";
import { useState } from "react";
import { useSearchParams } from "react-router";

import { useProject } from "@/app/project";
import { ErrorState } from "@/ui/ErrorState";

import { Facets } from "./filter/Facets";
import { FilterBar } from "./filter/FilterBar";
import { type ImageFilters, joined, readFilters, writeFilters } from "./filter/filters";
import { Gallery } from "./grid/Gallery";
import { Toolbar } from "./grid/Toolbar";
import { countChosen, EVERYTHING, isChosen, NOTHING, type Selection, withChosen } from "./grid/selection";
import { useIdsBetween, useTotal } from "./grid/useImages";
import { useView } from "./grid/useView";
import classes from "./ImagesTab.module.css";
import { Inspector } from "./inspector/Inspector";
import { NoImages } from "./NoImages";
import { usePrefetch } from "./queries";
import { SelectionBar } from "./SelectionBar";

export function Component() {
  const project = useProject();
  const [search, setSearch] = useSearchParams();
  const filters = readFilters(search);
  const { first, total, isEstimate } = useTotal(project, filters);
  const idsBetween = useIdsBetween(project, filters);
  const prefetch = usePrefetch(project);
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [openedAt, setOpenedAt] = useState<number | null>(null);
  const [view, setView] = useView();
  const opened = search.get("image");

  const open = async (index: number) => {
    const [id] = await idsBetween(index, index);
    if (id === undefined) return;
    setOpenedAt(index);
    setSearch((now) => withImage(now, id));
    prefetch((await idsBetween(index + 1, index + 1))[0]);
  };
  const toggle = async (index: number) => {
    const ids = await idsBetween(index, index);
    setSelection((now) => withChosen(now, ids, !isChosen(now, ids[0] ?? "")));
  };
  const chooseSpan = async (from: number, to: number) => {
    const ids = await idsBetween(from, to);
    setSelection((now) => withChosen(now, ids, true));
  };
  const narrow = (next: ImageFilters) => {
    setSelection(NOTHING);
    setOpenedAt(null);
    setSearch(writeFilters(next));
  };

  return (
    <>
      <FilterBar filters={filters} onChange={narrow} />
      <div className={classes.columns}>
        <Facets where={filters.where} onChange={(where) => { narrow({ ...filters, where }); }} />
        <div className={classes.grid}>
          <Toolbar
            total={total}
            isEstimate={isEstimate}
            view={view}
            onView={setView}
            sort={filters.sort}
            onSort={(sort) => { narrow({ ...filters, sort }); }}
            chosen={countChosen(selection, total ?? 0)}
            onAll={() => { setSelection(EVERYTHING); }}
          />
          {first.isError && first.data === undefined ? (
            <ErrorState error={first.error} onRetry={() => void first.refetch()} />
          ) : total === undefined ? (
            <Skeleton height={420} radius={8} aria-label="Loading images" />
          ) : total === 0 ? (
            <NoImages
              project={project}
              filtered={filters.where.length > 0}
              onClear={() => { narrow({ ...filters, where: [] }); }}
            />
          ) : (
            <Gallery
              key={JSON.stringify(filters)}
              project={project}
              filters={filters}
              total={total}
              size={view.size}
              overlays={view.overlays}
              selection={selection}
              opened={opened}
              onOpen={(index) => void open(index)}
              onToggle={(index) => void toggle(index)}
              onSpan={(from, to) => void chooseSpan(from, to)}
              onAll={() => { setSelection(EVERYTHING); }}
              onClear={() => { setSelection(NOTHING); }}
            />
          )}
        </div>
      </div>
      <SelectionBar
        project={project}
        selection={selection}
        total={total ?? 0}
        filter={joined(filters.where)}
        onClear={() => { setSelection(NOTHING); }}
      />
      <Inspector
        project={project}
        imageId={opened}
        at={openedAt}
        total={total ?? 0}
        onGo={(index) => void open(index)}
        onClose={() => { setSearch((now) => withImage(now, null)); }}
      />
    </>
  );
}

function withImage(search: URLSearchParams, id: string | null): URLSearchParams {
  const next = new URLSearchParams(search);
  if (id === null) next.delete("image");
  else next.set("image", id);
  return next;
}
