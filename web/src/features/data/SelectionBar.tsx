import { Button, Group, Popover, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconEyeOff, IconTags } from "@tabler/icons-react";
import { useState } from "react";

import { api, body } from "@/api/client";
import { Allowed } from "@/app/Allowed";
import { plural } from "@/ui/format";

import { useExclude } from "./queries";
import classes from "./SelectionBar.module.css";

interface SelectionBarProps {
  project: string;
  selected: ReadonlySet<string>;
  onClear: () => void;
}

/** What can be done with the selected images: queue them for labeling, or leave them out. */
export function SelectionBar({ project, selected, onClear }: SelectionBarProps) {
  const exclude = useExclude(project);
  if (selected.size === 0) return null;
  return (
    <div className={classes.bar} role="region" aria-label="Selected images">
      <strong>{plural(selected.size, "image")} selected</strong>
      <Group gap={8} ml="auto">
        <QueueButton project={project} imageIds={[...selected]} onDone={onClear} />
        <Allowed right="manage_data">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconEyeOff size={15} />}
            loading={exclude.isPending}
            onClick={() => {
              void Promise.all(
                [...selected].map((imageId) => exclude.mutateAsync({ imageId, exclude: true })),
              ).then(onClear);
            }}
          >
            Exclude from versions
          </Button>
        </Allowed>
        <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
          Clear
        </Button>
      </Group>
    </div>
  );
}

interface QueueButtonProps {
  project: string;
  imageIds: string[];
  onDone: () => void;
}

function QueueButton({ project, imageIds, onDone }: QueueButtonProps) {
  const [queue, setQueue] = useState("labeling");
  const [assignee, setAssignee] = useState("");
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/projects/{project}/labeling/tasks", {
          params: { path: { project } },
          body: { image_ids: imageIds, queue, assignee: assignee === "" ? null : assignee },
        }),
      ),
    onSuccess: (made) => {
      notifications.show({
        title: `${plural(made.num_created, "image")} queued in ${queue}`,
        message:
          made.num_existing > 0 ? `${plural(made.num_existing, "image")} waited there already.` : "",
      });
      onDone();
      return client.invalidateQueries({ queryKey: [project, "labeling"] });
    },
  });
  return (
    <Popover position="top" withArrow width={260} trapFocus>
      <Popover.Target>
        <Allowed right="manage_data">
          <Button size="xs" leftSection={<IconTags size={15} />}>
            Queue for labeling
          </Button>
        </Allowed>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <TextInput
            label="Queue"
            value={queue}
            onChange={(event) => { setQueue(event.currentTarget.value); }}
          />
          <TextInput
            label="Assign to"
            placeholder="everybody"
            value={assignee}
            onChange={(event) => { setAssignee(event.currentTarget.value); }}
          />
          <Button size="xs" loading={create.isPending} onClick={() => { create.mutate(); }}>
            Queue {plural(imageIds.length, "image")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
