import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

import classes from "./Command.module.css";

/** A shell command that the reader can copy. */
export function Command({ children }: { children: string }) {
  return (
    <div className={classes.command}>
      <code className={classes.code}>{children}</code>
      <CopyButton value={children}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : "Copy the command"}>
            <ActionIcon size="sm" onClick={copy} aria-label="Copy the command">
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
