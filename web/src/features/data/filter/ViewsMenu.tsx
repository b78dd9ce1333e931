import { ActionIcon, Button, Checkbox, Menu, Modal, Stack, TextInput } from "@mantine/core";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { useProject } from "@/app/project";
import { useMe } from "@/app/session";
import { Notice } from "@/ui/Notice";

import classes from "./Filter.module.css";
import { type ImageFilters, joined } from "./filters";
import { type SavedView, useDeleteView, useSaveView, useViews } from "./queries";

interface ViewsMenuProps {
  filters: ImageFilters;
  onChange: (filters: ImageFilters) => void;
}

/** Saved filters: choose one, save what is shown, delete one's own. */
export function ViewsMenu({ filters, onChange }: ViewsMenuProps) {
  const views = useViews(useProject()).data?.items ?? [];
  const [saving, setSaving] = useState(false);
  const open = (view: SavedView) => {
    onChange({ where: view.filter === "" ? [] : [view.filter], sort: view.sort });
  };
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={15} />}>
            Views
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.length === 0 && (
            <Menu.Label>A view keeps a filter and an order under a name. None is saved yet.</Menu.Label>
          )}
          {views.map((view) => (
            <Menu.Item
              key={view.name}
              component="div"
              onClick={() => { open(view); }}
              rightSection={<Delete view={view} />}
            >
              {view.name}
              <span className={classes.viewNote}>{view.filter || "all images"}</span>
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => { setSaving(true); }}>Save this view…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={saving} onClose={() => { setSaving(false); }} title="Save this view" size="sm">
        <SaveForm filters={filters} onDone={() => { setSaving(false); }} />
      </Modal>
    </>
  );
}

function Delete({ view }: { view: SavedView }) {
  const remove = useDeleteView(useProject());
  const me = useMe().data;
  if (view.created_by !== me?.name && !me?.is_admin) return null;
  return (
    <ActionIcon
      size="sm"
      aria-label={`Delete the view ${view.name}`}
      onClick={(event) => {
        event.stopPropagation();
        remove.mutate(view.name);
      }}
    >
      <IconTrash size={13} />
    </ActionIcon>
  );
}

function SaveForm({ filters, onDone }: { filters: ImageFilters; onDone: () => void }) {
  const save = useSaveView(useProject());
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const view = { filter: joined(filters.where), sort: filters.sort, columns: [], shared };
        save.mutate({ name, view }, { onSuccess: onDone });
      }}
    >
      <Stack gap="md">
        {save.isError && <Notice tone="failing">{save.error.message}</Notice>}
        <TextInput
          label="Name"
          description={joined(filters.where) || "All images"}
          required
          data-autofocus
          value={name}
          onChange={(event) => { setName(event.currentTarget.value); }}
        />
        <Checkbox
          label="Everybody in the project sees it"
          checked={shared}
          onChange={(event) => { setShared(event.currentTarget.checked); }}
        />
        <Button type="submit" loading={save.isPending}>
          Save
        </Button>
      </Stack>
    </form>
  );
}
