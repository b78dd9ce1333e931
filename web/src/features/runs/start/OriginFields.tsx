import { Radio, Select, Stack, TextInput } from "@mantine/core";

import { useProject } from "@/app/project";
import { percent } from "@/ui/format";

import { headline } from "../figures";
import { useRuns } from "../queries";
import type { Draft, Origin } from "./draft";

interface OriginFieldsProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

/** Pretrained weights, nothing, or the model of an earlier run. */
export function OriginFields({ draft, onChange }: OriginFieldsProps) {
  return (
    <Radio.Group
      aria-label="Begin from"
      value={draft.origin}
      onChange={(origin) => { onChange({ origin: origin as Origin }); }}
    >
      <Stack gap="md">
        <Radio
          value="scratch"
          label="Scratch"
          description="A small network that starts from nothing; needs no download."
        />
        <Radio
          value="pretrained"
          label="Pretrained weights"
          description="Fine-tune a checkpoint; the best choice for few photos."
        />
        {draft.origin === "pretrained" && (
          <TextInput
            ml={28}
            label="Weights"
            description="A folder on the server, or the id of a model on a hub"
            placeholder="/models/mobilenet_v2 or google/mobilenet_v2_1.0_224"
            value={draft.weights}
            onChange={(event) => { onChange({ weights: event.currentTarget.value }); }}
          />
        )}
        <Radio
          value="run"
          label="An earlier run"
          description="Go on from its model, for example with newly labeled photos."
        />
        {draft.origin === "run" && <EarlierRun draft={draft} onChange={onChange} />}
      </Stack>
    </Radio.Group>
  );
}

function EarlierRun({ draft, onChange }: OriginFieldsProps) {
  const runs = useRuns(useProject(), { status: "finished" }).data ?? [];
  return (
    <Select
      ml={28}
      label="Run"
      searchable
      placeholder="Choose a finished run"
      nothingFoundMessage="No finished run with a model."
      value={draft.warmStart}
      onChange={(warmStart) => { onChange({ warmStart }); }}
      data={runs
        .filter((run) => run.has_model)
        .map((run) => ({
          value: run.id,
          label: `${run.name}, accuracy ${percent(headline(run.metrics, "accuracy"))}`,
        }))}
    />
  );
}
