import { Button, Group, Menu, Popover, Stack, TagsInput, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconChevronDown, IconEyeOff, IconSnowflake, IconTag, IconTags } from "@tabler/icons-react";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { plural } from "@/ui/format";

import { countChosen, type Selection, toRequest } from "./grid/selection";
import { type SelectionIn, useChangeTags, useExcludeMany, useQueueImages, useRestoreMany, useTags } from "./queries";
import classes from "./SelectionBar.module.css";
import { FreezeDialog } from "./versions/FreezeDialog";

interface SelectionBarProps {
  project: string;
  selection: Selection;
  /** How many images match the filter. */
  total: number;
  filter: string;
  onClear: () => void;
}

interface DeedProps {
  project: string;
  chosen: SelectionIn;
  count: number;
  onDone: () => void;
}

/** What can be done with the chosen images: tag, exclude, send to labeling, freeze. */
export function SelectionBar({ project, selection, total, filter, onClear }: SelectionBarProps) {
  const count = countChosen(selection, total);
  const chosen = toRequest(selection, filter);
  if (count === 0) return null;
  return (
    <div className={classes.bar} role="region" aria-label="Selected images">
      <strong className={classes.count}>{plural(count, "image")} selected</strong>
      {chosen === null ? (
        <span className="vl-dim">Too many are taken out of the whole. Narrow the filter instead.</span>
      ) : (
        <Group gap={8} ml="auto" wrap="nowrap">
          <QueueButton project={project} chosen={chosen} count={count} onDone={onClear} />
          <TagButton project={project} chosen={chosen} count={count} onDone={onClear} />
          <FreezeButton project={project} chosen={chosen} count={count} onDone={onClear} />
          <ExcludeButton project={project} chosen={chosen} count={count} onDone={onClear} />
        </Group>
      )}
      <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}

function QueueButton({ project, chosen, count, onDone }: DeedProps) {
  const [queue, setQueue] = useState("labeling");
  const [assignee, setAssignee] = useState("");
  const create = useQueueImages(project);
  const send = () => {
    create.mutate(
      { selection: chosen, count, queue, assignee: assignee === "" ? null : assignee },
      {
        onSuccess: (made) => {
          const waiting = made.num_existing > 0 ? `${plural(made.num_existing, "image")} waited there already.` : "";
          notifications.show({ title: `${plural(made.num_created, "image")} queued in ${queue}`, message: waiting });
          onDone();
        },
      },
    );
  };
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
          <TextInput label="Queue" value={queue} onChange={(event) => { setQueue(event.currentTarget.value); }} />
          <TextInput
            label="Assign to"
            placeholder="everybody"
            value={assignee}
            onChange={(event) => { setAssignee(event.currentTarget.value); }}
          />
          <Button size="xs" loading={create.isPending} onClick={send}>
            Queue {plural(count, "image")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function TagButton({ project, chosen, count, onDone }: DeedProps) {
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const known = (useTags(project).data?.items ?? []).flatMap(({ value }) => (value === null ? [] : [value]));
  const change = useChangeTags(project);
  return (
    <Popover position="top" withArrow width={280} trapFocus>
      <Popover.Target>
        <Allowed right="manage_data">
          <Button size="xs" variant="default" leftSection={<IconTag size={15} />}>
            Tag
          </Button>
        </Allowed>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <TagsInput label="Add" placeholder="Enter adds a tag" data={known} value={add} onChange={setAdd} comboboxProps={{ withinPortal: false }} />
          {known.length > 0 && (
            <TagsInput label="Take off" data={known} value={remove} onChange={setRemove} comboboxProps={{ withinPortal: false }} />
          )}
          <Button
            size="xs"
            disabled={add.length + remove.length === 0}
            loading={change.isPending}
            onClick={() => {
              change.mutate(
                { selection: chosen, add, remove },
                {
                  onSuccess: (done) => {
                    notifications.show({ message: `${plural(done.num_changed, "image")} of ${String(done.num_images)} changed.` });
                    onDone();
                  },
                },
              );
            }}
          >
            Tag {plural(count, "image")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Freezes the chosen images; those chosen one by one get a tag first, which the version names. */
function FreezeButton({ project, chosen, onDone }: DeedProps) {
  const [filter, setFilter] = useState<string | null>(null);
  const change = useChangeTags(project);
  const open = () => {
    if (typeof chosen.filter === "string") {
      setFilter(chosen.filter);
      return;
    }
    const tag = `selected-${new Date().toISOString().slice(0, 16).replace(/[T:]/g, "-")}`;
    change.mutate({ selection: chosen, add: [tag], remove: [] }, { onSuccess: () => { setFilter(`tag:${tag}`); } });
  };
  return (
    <>
      <Allowed right="manage_data">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconSnowflake size={15} />}
          loading={change.isPending}
          onClick={open}
        >
          Freeze
        </Button>
      </Allowed>
      <FreezeDialog
        key={filter}
        opened={filter !== null}
        filters={filter === null || filter === "" ? [] : [filter]}
        onClose={() => {
          setFilter(null);
          onDone();
        }}
      />
    </>
  );
}

function ExcludeButton({ project, chosen, onDone }: DeedProps) {
  const exclude = useExcludeMany(project);
  const restore = useRestoreMany(project);
  return (
    <Menu position="top-end">
      <Menu.Target>
        <Allowed right="manage_data">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconEyeOff size={15} />}
            rightSection={<IconChevronDown size={13} />}
            loading={exclude.isPending || restore.isPending}
          >
            Exclude
          </Button>
        </Allowed>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Why they stay out of new versions</Menu.Label>
        {["not sharp", "wrong subject", "duplicate", "other reason"].map((reason) => (
          <Menu.Item key={reason} onClick={() => { exclude.mutate({ selection: chosen, reason }, { onSuccess: onDone }); }}>
            {reason}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => { restore.mutate(chosen, { onSuccess: onDone }); }}>Use in versions again</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
