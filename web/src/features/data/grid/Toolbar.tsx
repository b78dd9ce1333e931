import { Button, Select, Slider, Switch } from "@mantine/core";
import { IconPhoto } from "@tabler/icons-react";

import { plural } from "@/ui/format";

import classes from "./Toolbar.module.css";
import type { View } from "./useView";

interface ToolbarProps {
  total: number | undefined;
  view: View;
  onView: (change: Partial<View>) => void;
  sort: string;
  onSort: (sort: string | null) => void;
  chosen: number;
  onAll: () => void;
}

const ORDERS = [
  { value: "created", label: "Oldest first" },
  { value: "-created", label: "Newest first" },
  { value: "name", label: "Name, A to Z" },
  { value: "-name", label: "Name, Z to A" },
];

/** Count, order, labels and size of the tiles; stays above the grid while it scrolls. */
export function Toolbar({ total, view, onView, sort, onSort, chosen, onAll }: ToolbarProps) {
  return (
    <div className={classes.bar}>
      <span className={classes.count}>{total === undefined ? " " : plural(total, "image")}</span>
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
      <Select
        size="xs"
        w={132}
        aria-label="Order"
        value={sort}
        allowDeselect={false}
        onChange={onSort}
        data={ORDERS}
      />
    </div>
  );
}
