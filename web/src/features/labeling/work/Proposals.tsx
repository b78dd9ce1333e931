import { Button, Group, Kbd, Slider, Text } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";

import { percent, plural } from "@/ui/format";

import classes from "./Proposals.module.css";
import type { Drawing } from "./useDrawing";

interface ProposalsProps {
  drawing: Drawing;
  model: string | null;
}

/** What a model proposes: how sure it must be, and what becomes of it. */
export function Proposals({ drawing, model }: ProposalsProps) {
  const { proposals, numProposed, marks } = drawing;
  if (numProposed === 0) return null;
  const ids = proposals.map(({ id }) => id);
  const judge = (type: "accept" | "reject", meant: readonly string[]) => {
    drawing.edit({ type, ids: meant });
    drawing.select(null);
  };
  return (
    <section className={classes.box} aria-label="Proposals of the model">
      <h2>
        <IconSparkles size={16} stroke={1.7} aria-hidden />
        {plural(numProposed, "proposal")} {model !== null && <span className="vl-dim">by {model}</span>}
      </h2>
      <Text size="xs">
        Shown from {percent(marks.threshold, 0)} sure: {String(proposals.length)}
      </Text>
      <Slider
        size="sm"
        aria-label="How sure the model must be"
        min={0}
        max={100}
        label={(value) => `${String(value)} %`}
        value={Math.round(marks.threshold * 100)}
        onChange={(value) => { drawing.mark((now) => ({ ...now, threshold: value / 100 })); }}
      />
      <Group gap={6} grow>
        <Button size="compact-xs" disabled={ids.length === 0} onClick={() => { judge("accept", ids); }}>
          Accept these
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => { judge("reject", drawing.allProposed()); }}
        >
          Reject all
        </Button>
      </Group>
      <Text size="xs" className="vl-dim">
        Click or <Kbd size="xs">Tab</Kbd> to one, then <Kbd size="xs">Enter</Kbd> accepts it, <Kbd size="xs">Esc</Kbd>{" "}
        rejects it.
      </Text>
    </section>
  );
}
