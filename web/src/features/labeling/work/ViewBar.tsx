import { ActionIcon, Button, Popover, Slider, Text, Tooltip } from "@mantine/core";
import { IconBrightness, IconMaximize, IconMinus, IconPlus } from "@tabler/icons-react";

import type { ActionId } from "../keys/actions";
import type { Viewport } from "../canvas/viewport";
import { type Store, useStored } from "../store";
import { DAYLIGHT, type Light, LIGHT_RANGE } from "./light";
import classes from "./ViewBar.module.css";

interface ViewBarProps {
  light: Light;
  /** Screen pixels per image pixel; it changes with every turn of the wheel. */
  view: Store<Viewport>;
  /** There are shapes whose filling can be set. */
  drawable: boolean;
  onLight: (light: Light) => void;
  onCommand: (command: { type: ActionId }) => void;
}

/** Floating controls of the view: zoom, fit, brightness, contrast and filling. */
export function ViewBar({ light, view, drawable, onLight, onCommand }: ViewBarProps) {
  return (
    <div className={classes.bar} role="toolbar" aria-label="View">
      <Tooltip label="Zoom out (−)">
        <ActionIcon aria-label="Zoom out" onClick={() => { onCommand({ type: "zoom_out" }); }}>
          <IconMinus size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="One image pixel is one screen pixel (Shift F)">
        <button type="button" className={classes.scale} onClick={() => { onCommand({ type: "actual_size" }); }}>
          <Percent view={view} />
        </button>
      </Tooltip>
      <Tooltip label="Zoom in (+)">
        <ActionIcon aria-label="Zoom in" onClick={() => { onCommand({ type: "zoom_in" }); }}>
          <IconPlus size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Show the whole image (F)">
        <ActionIcon aria-label="Show the whole image" onClick={() => { onCommand({ type: "fit" }); }}>
          <IconMaximize size={16} />
        </ActionIcon>
      </Tooltip>
      <Popover position="top" width={220} trapFocus>
        <Popover.Target>
          <Tooltip label="Brightness, contrast, filling">
            <ActionIcon aria-label="Brightness, contrast, filling">
              <IconBrightness size={16} />
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown>
          <Sliding name="brightness" label="Brightness (J)" light={light} onLight={onLight} />
          <Sliding name="contrast" label="Contrast (T)" light={light} onLight={onLight} />
          {drawable && <Sliding name="fill" label="Filling of shapes (U)" light={light} onLight={onLight} />}
          <Button size="compact-xs" variant="subtle" onClick={() => { onLight(DAYLIGHT); }}>
            As it was
          </Button>
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}

function Percent({ view }: Pick<ViewBarProps, "view">) {
  const scale = useStored(view, (now) => Math.round(now.scale * 100));
  return <>{String(scale)} %</>;
}

interface SlidingProps {
  name: keyof typeof LIGHT_RANGE;
  label: string;
  light: Light;
  onLight: (light: Light) => void;
}

function Sliding({ name, label, light, onLight }: SlidingProps) {
  const [min, max] = LIGHT_RANGE[name];
  return (
    <>
      <Text size="xs" mb={4}>
        {label}
      </Text>
      <Slider
        aria-label={label}
        size="sm"
        mb="sm"
        min={min}
        max={max}
        value={light[name]}
        onChange={(value) => { onLight({ ...light, [name]: value }); }}
      />
    </>
  );
}
