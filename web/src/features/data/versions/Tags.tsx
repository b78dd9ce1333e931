import { ActionIcon, Button, Popover, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconTag, IconX } from "@tabler/icons-react";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { useMay } from "@/app/useMay";

import { useDeleteTag, useSetTag, type Version } from "./queries";
import classes from "./Tags.module.css";

/** Words that stand for a version, such as "golden"; a tag moves, the version does not. */
export function Tags({ project, version }: { project: string; version: Version }) {
  const remove = useDeleteTag(project, version.name);
  const { may } = useMay("manage_data");
  return (
    <span className={classes.tags}>
      {(version.tags ?? []).map((tag) => (
        <span key={tag} className={classes.tag}>
          {tag}
          {may && (
            <ActionIcon size={16} aria-label={`Remove the tag ${tag}`} onClick={() => { remove.mutate(tag); }}>
              <IconX size={11} />
            </ActionIcon>
          )}
        </span>
      ))}
      <AddTag project={project} version={version} />
    </span>
  );
}

function AddTag({ project, version }: { project: string; version: Version }) {
  const [opened, { close, toggle }] = useDisclosure(false);
  const [tag, setTag] = useState("");
  const set = useSetTag(project, version.id);
  return (
    <Popover opened={opened} onDismiss={close} position="bottom-start" width={250} trapFocus>
      <Popover.Target>
        <Allowed right="manage_data">
          <Button size="compact-xs" variant="subtle" leftSection={<IconTag size={13} />} onClick={toggle}>
            Tag
          </Button>
        </Allowed>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            set.mutate(tag, { onSuccess: () => { setTag(""); close(); } });
          }}
        >
          <TextInput
            label="Tag"
            description={`${version.name}@${tag || "golden"} then stands for this version, until another gets the tag.`}
            placeholder="golden"
            required
            value={tag}
            error={set.error?.message}
            onChange={(event) => { setTag(event.currentTarget.value); }}
          />
          <Button mt="xs" size="xs" type="submit" loading={set.isPending}>
            Set the tag
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
