import { Alert, Autocomplete, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertCircle, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import type { components } from "@/api/schema";
import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { useVersions } from "@/features/data/versions/queries";
import { plural } from "@/ui/format";
import { Panel } from "@/ui/Page";

import { useExperiments, useStartRun } from "../queries";
import { type Draft, missing, toRequest } from "./draft";
import { OriginFields } from "./OriginFields";
import { SettingFields } from "./SettingFields";
import classes from "./StartForm.module.css";

interface StartFormProps {
  recipe: components["schemas"]["RecipeOut"];
  initial: Draft;
}

/** What to train on, from where, and how. */
export function StartForm({ recipe, initial }: StartFormProps) {
  const project = useProject();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(initial);
  const start = useStartRun(project);
  const change = (part: Partial<Draft>) => { setDraft({ ...draft, ...part }); };
  const problem = missing(draft);
  const submit = () => {
    start.mutate(toRequest(draft, recipe.name), {
      onSuccess: (run) => void navigate(projectPath(project, `/runs/${run.id}`)),
    });
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === null) submit();
      }}
    >
      <Stack gap="lg">
        <Panel title="Data and name">
          <DataFields draft={draft} onChange={change} />
        </Panel>
        <Panel title="Begin from">
          <OriginFields draft={draft} onChange={change} />
        </Panel>
      </Stack>
      <Stack gap="lg">
        <Panel title="Settings" aside={<Text size="xs" c="dimmed">Empty fields take the recipe’s defaults</Text>}>
          <SettingFields
            parameters={recipe.parameters.filter((item) => item.name !== "weights")}
            hasListedDefaults={draft.origin === "pretrained"}
            values={draft.settings}
            onChange={(settings) => { change({ settings }); }}
          />
        </Panel>
        {start.isError && (
          <Alert color="red" icon={<IconAlertCircle size={18} />} title="Not started" role="alert">
            {start.error.message}
          </Alert>
        )}
        <Group justify="flex-end">
          {problem !== null && <Text size="sm" c="dimmed">{problem}</Text>}
          <Allowed right="train">
            <Button
              type="submit"
              disabled={problem !== null}
              loading={start.isPending}
              leftSection={<IconPlayerPlay size={16} />}
            >
              Start training
            </Button>
          </Allowed>
        </Group>
      </Stack>
    </form>
  );
}

interface FieldsProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

function DataFields({ draft, onChange }: FieldsProps) {
  const project = useProject();
  const versions = useVersions(project).data?.items ?? [];
  const experiments = useExperiments(project).data ?? [];
  const chosen = versions.find((version) => version.reference === draft.datasetVersion);
  return (
    <Stack gap="md">
      <Select
        label="Dataset version"
        placeholder="Choose a frozen version"
        nothingFoundMessage="No version yet: freeze one on the data page."
        searchable
        value={draft.datasetVersion}
        onChange={(datasetVersion) => { onChange({ datasetVersion }); }}
        data={versions.map((version) => ({
          value: version.reference,
          label: `${version.name} version ${String(version.version)}`,
        }))}
        description={
          chosen &&
          `${plural(chosen.num_images, "image")}: ` +
            Object.entries(chosen.splits).map(([split, size]) => `${String(size)} ${split}`).join(", ")
        }
        inputWrapperOrder={["label", "input", "description"]}
      />
      {chosen?.warnings.map((warning) => (
        <Alert key={warning} color="yellow" icon={<IconAlertCircle size={18} />}>
          {warning}
        </Alert>
      ))}
      <Autocomplete
        label="Experiment"
        value={draft.experiment}
        data={experiments.map((experiment) => experiment.name)}
        onChange={(experiment) => { onChange({ experiment }); }}
      />
      <TextInput
        label="Name of the run"
        placeholder="chosen for you when empty"
        value={draft.name}
        onChange={(event) => { onChange({ name: event.currentTarget.value }); }}
      />
    </Stack>
  );
}
