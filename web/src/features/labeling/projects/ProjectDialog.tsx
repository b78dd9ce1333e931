import { Button, Group, Modal, NumberInput, Slider, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { useNavigate } from "react-router";

import { projectPath } from "@/app/project";
import { percent } from "@/ui/format";

import { type LabelingProject, type LabelingProjectSave, useSaveProject } from "./queries";

const EMPTY: LabelingProjectSave = {
  title: "",
  instructions: "",
  where: [],
  annotation_status: null,
  classes: [],
  members: [],
  num_annotators: 1,
  min_agreement: 0.7,
  gold_share: 0,
};

interface ProjectDialogProps {
  project: string;
  /** Left out for a new one. */
  found?: LabelingProject;
  onClose: () => void;
}

/** Sets a labeling project up: who, what, how often, how sure. */
export function ProjectDialog({ project, found, onClose }: ProjectDialogProps) {
  const save = useSaveProject(project);
  const navigate = useNavigate();
  const [name, setName] = useState(found?.name ?? "");
  const [values, setValues] = useState<LabelingProjectSave>(found ?? EMPTY);
  const change = (part: Partial<LabelingProjectSave>) => { setValues({ ...values, ...part }); };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate(
      { ...values, name },
      {
        onSuccess: (saved) => {
          onClose();
          void navigate(projectPath(project, `/labeling/projects/${encodeURIComponent(saved.name)}`));
        },
      },
    );
  };
  return (
    <Modal opened onClose={onClose} title={found ? `Set up ${found.name}` : "New labeling project"} size="lg">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Group grow align="flex-start">
            <TextInput
              label="Name"
              description="Of its queue; letters, digits, - and _"
              required
              disabled={found !== undefined}
              value={name}
              onChange={(event) => { setName(event.currentTarget.value); }}
            />
            <TextInput
              label="Title"
              description="What people read"
              value={values.title}
              onChange={(event) => { change({ title: event.currentTarget.value }); }}
            />
          </Group>
          <TagsInput
            label="Images"
            description="Filters that all of them fulfil, such as exif.Model=iPhone 7; none takes every image"
            value={values.where}
            onChange={(where) => { change({ where }); }}
          />
          <TagsInput
            label="Members"
            description="User names; none lets every labeler take tasks"
            value={values.members}
            onChange={(members) => { change({ members }); }}
          />
          <Group grow align="flex-start">
            <NumberInput
              label="Annotators an image"
              description="From two on they answer unseen by each other"
              min={1}
              max={20}
              value={values.num_annotators}
              onChange={(value) => { change({ num_annotators: Number(value) || 1 }); }}
            />
            <Share
              label="Agreement that counts at once"
              value={values.min_agreement}
              max={1}
              onChange={(value) => { change({ min_agreement: value }); }}
            />
            <Share
              label="Hidden tests"
              value={values.gold_share}
              max={0.5}
              onChange={(value) => { change({ gold_share: value }); }}
            />
          </Group>
          <Textarea
            label="Instructions"
            description="Markdown; stands beside the canvas"
            autosize
            minRows={5}
            maxRows={14}
            value={values.instructions}
            onChange={(event) => { change({ instructions: event.currentTarget.value }); }}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={save.isPending}>Save</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface ShareProps {
  label: string;
  value: number | undefined;
  max: number;
  onChange: (value: number) => void;
}

function Share({ label, value = 0, max, onChange }: ShareProps) {
  return (
    <div>
      <Text size="sm" fw={500}>{label}</Text>
      <Text size="xs" c="dimmed" mb={8}>{percent(value, 0)}</Text>
      <Slider aria-label={label} min={0} max={max} step={0.05} value={value} onChange={onChange} label={(at) => percent(at, 0)} />
    </div>
  );
}
