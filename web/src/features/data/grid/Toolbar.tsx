import { ActionIcon, Button, Select, Slider, Switch, Tooltip } from "@mantine/core";
import { IconPhoto, IconSortAscending, IconSortDescending } from "@tabler/icons-react";

import { useProject } from "@/app/project";
import { plural } from "@/ui/format";

import { fieldTitle } from "../filter/fieldTitle";
import { useFields } from "../filter/queries";
import classes from "./Toolbar.module.css";
import type { View } from "./useView";

interface ToolbarProps {
  total: number | undefined;
  isEstimate: boolean;
  view: View;
  onView: (change: Partial<View>) => void;
  sort: string;
  onSort: (sort: string) => void;
  chosen: number;
  onAll: () => void;
}

/** Count, order, labels and size of the tiles; stays above the grid while it scrolls. */
export function Toolbar({ total, isEstimate, view, onView, sort, onSort, chosen, onAll }: ToolbarProps) {
  return (
    <div className={classes.bar}>
      <span className={classes.count}>{total === undefined ? " " : `${isEstimate ? "about " : ""}${plural(total, "image")}`}</span>
      {total !== undefined && total > 0 && chosen < total && (
        <Button size="compact-xs" variant="subtle" onClick={onAll}>
          Select all
        </Button>
      )}
      <span className={classes.space} />
      <Switch
        size="xs"
        label="Labels"
        checked={view.overlays}
        onChange={(event) => { onView({ overlays: event.currentTarget.checked }); }}
      />
      <span className={classes.sizes}>
        <IconPhoto size={13} stroke={1.7} aria-hidden />
        <Slider
          w={92}
          size="xs"
          thumbSize={13}
          label={null}
          aria-label="Size of the pictures"
          min={72}
          max={360}
          step={12}
          value={view.size}
          onChange={(size) => { onView({ size }); }}
        />
        <IconPhoto size={18} stroke={1.7} aria-hidden />
      </span>
      <SortSelect sort={sort} onSort={onSort} />
    </div>
  );
}

interface SortSelectProps {
  sort: string;
  onSort: (sort: string) => void;
}

/** Any field that lists can be in order of, and which way. */
function SortSelect({ sort, onSort }: SortSelectProps) {
  const fields = (useFields(useProject()).data?.items ?? []).filter(({ sortable }) => sortable);
  const isDescending = sort.startsWith("-");
  const field = sort.replace(/^-/, "");
  const turn = isDescending ? "Descending; turn round" : "Ascending; turn round";
  return (
    <span className={classes.sizes}>
      <Select
        size="xs"
        w={146}
        aria-label="Order"
        value={field}
        allowDeselect={false}
        comboboxProps={{ width: "max-content", position: "bottom-end" }}
        onChange={(value) => { onSort((isDescending ? "-" : "") + (value ?? field)); }}
        data={fields.map(({ name }) => ({ value: name, label: fieldTitle(name) }))}
      />
      <Tooltip label={turn}>
        <ActionIcon aria-label={turn} onClick={() => { onSort(isDescending ? field : `-${field}`); }}>
          {isDescending ? <IconSortDescending size={17} /> : <IconSortAscending size={17} />}
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
