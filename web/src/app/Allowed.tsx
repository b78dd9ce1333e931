import { Tooltip } from "@mantine/core";
import { cloneElement, type ReactElement, type SyntheticEvent } from "react";

import classes from "./Allowed.module.css";
import type { Right } from "./permissions";
import { useMay } from "./useMay";

interface Disableable {
  disabled?: boolean;
  tabIndex?: number;
  onClick?: (event: never) => void;
}

interface AllowedProps {
  right: Right;
  workspace?: string;
  /** What is the reader's own needs no role. */
  isOwn?: boolean;
  children: ReactElement;
  /** What a menu or popover around it hands to its target: clicks, a ref, what it controls. */
  [handed: string]: unknown;
}

/** A button that people without the right see disabled, with a word on who may press it. */
export function Allowed({ right, workspace, isOwn = false, children, ...handed }: AllowedProps) {
  const { why } = useMay(right, workspace);
  if (why === null || isOwn) return cloneElement(children, handed);
  const button = children as ReactElement<Disableable & { "data-disabled"?: boolean; "aria-disabled"?: boolean }>;
  return (
    <Tooltip label={why} multiline maw={300}>
      <span
        role="group"
        aria-label={why}
        tabIndex={0}
        className={classes.refused}
        onClick={(event) => { event.stopPropagation(); }}
      >
        {cloneElement(button, {
          disabled: true,
          "data-disabled": true,
          "aria-disabled": true,
          tabIndex: -1,
          onClick: stop,
        })}
      </span>
    </Tooltip>
  );
}

/** A link cannot be disabled; it must not lead anywhere. */
function stop(event: SyntheticEvent): void {
  event.preventDefault();
}
