import { Button, Group, Popover, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconEyeOff, IconTags } from "@tabler/icons-react";
import { useState } from "react";

import { api, body } from "@/api/client";
import { Allowed } from "@/app/Allowed";
import { plural } from "@/ui/format";

import { countChosen, isChosen, type Selection } from "./grid/selection";
import { useExclude } from "./queries";
import classes from "./SelectionBar.module.css";

interface SelectionBarProps {
  project: string;
  selection: Selection;
  /** How many images match the filters. */
  total: number;
  /** Asks for the ids of all images that match. */
  collect: () => Promise<string[]>;
  onClear: () => void;
}

/** What can be done with the selected images: queue them for labeling, or leave them out. */
export function SelectionBar({ project, selection, total, collect, onClear }: SelectionBarProps) {
  const exclude = useExclude(project);
  const chosen = countChosen(selection, total);
  if (chosen === 0) return null;
  const ids = async () =>
    selection.all ? (await collect()).filter((id) => isChosen(selection, id)) : [...selection.ids];
  return (
    <div className={classes.bar} role="region" aria-label="Selected images">
      <strong>{plural(chosen, "image")} selected</strong>
      <Group gap={8} ml="auto">
        <QueueButton project={project} count={chosen} ids={ids} onDone={onClear} />
        <Allowed right="manage_data">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconEyeOff size={15} />}
            loading={exclude.isPending}
            onClick={() => {
              void ids()
                .then((all) => Promise.all(all.map((imageId) => exclude.mutateAsync({ imageId, exclude: true }))))
                .then(onClear);
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
  count: number;
  ids: () => Promise<string[]>;
  onDone: () => void;
}

function QueueButton({ project, count, ids, onDone }: QueueButtonProps) {
  const [queue, setQueue] = useState("labeling");
  const [assignee, setAssignee] = useState("");
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: async () =>
      body(
        api.POST("/api/v1/projects/{project}/labeling/tasks", {
          params: { path: { project } },
          body: { image_ids: await ids(), queue, assignee: assignee === "" ? null : assignee },
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
            Queue {plural(count, "image")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
