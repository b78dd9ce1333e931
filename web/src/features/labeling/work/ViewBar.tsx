import { ActionIcon, Popover, Slider, Text, Tooltip } from "@mantine/core";
import { IconBrightness, IconMaximize, IconMinus, IconPlus } from "@tabler/icons-react";

import type { Command } from "./shortcuts";
import classes from "./ViewBar.module.css";

export interface Light {
  brightness: number;
  contrast: number;
}

interface ViewBarProps {
  light: Light;
  onLight: (light: Light) => void;
  onCommand: (command: Command) => void;
}

/** Floating controls of the view: zoom, fit, brightness and contrast. */
export function ViewBar({ light, onLight, onCommand }: ViewBarProps) {
  return (
    <div className={classes.bar} role="toolbar" aria-label="View">
      <Tooltip label="Zoom out (−)">
        <ActionIcon aria-label="Zoom out" onClick={() => { onCommand({ type: "zoom_out" }); }}>
          <IconMinus size={16} />
        </ActionIcon>
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
          <Tooltip label="Brightness and contrast">
            <ActionIcon aria-label="Brightness and contrast">
              <IconBrightness size={16} />
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown>
          <Text size="xs" mb={4}>
            Brightness
          </Text>
          <Slider
            aria-label="Brightness"
            size="sm"
            min={30}
            max={300}
            value={light.brightness}
            onChange={(brightness) => { onLight({ ...light, brightness }); }}
          />
          <Text size="xs" mt="sm" mb={4}>
            Contrast
          </Text>
          <Slider
            aria-label="Contrast"
            size="sm"
            min={30}
            max={300}
            value={light.contrast}
            onChange={(contrast) => { onLight({ ...light, contrast }); }}
          />
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}
