import { CopyButton, Tooltip, UnstyledButton } from "@mantine/core";

import { shortDigest } from "./format";

/** A digest shortened to twelve digits; a click copies all of it. */
export function Digest({ value }: { value: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : `Copy ${value}`} multiline maw={320}>
          <UnstyledButton className="vl-mono" onClick={copy} aria-label={`Copy digest ${value}`}>
            {shortDigest(value)}
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyButton>
  );
}
