import { ActionIcon, Button, ColorInput, Select, Table, TextInput, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";

import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";

import type { ClassDraft, SchemaDraft } from "./draft";
import classes from "./schema.module.css";

interface TableProps {
  draft: SchemaDraft;
  onChange: (draft: SchemaDraft) => void;
}

const DROP = "";
const FRESH_COLOR = "#868e96";

/** The classes in their order; a removed one asks where its labels go. */
export function ClassTable({ draft, onChange }: TableProps) {
  const edit = (index: number, part: Partial<ClassDraft>) => {
    onChange({ ...draft, classes: draft.classes.map((item, i) => (i === index ? { ...item, ...part } : item)) });
  };
  const remove = (index: number) => {
    const gone = draft.classes[index];
    if (gone === undefined) return;
    const removed = gone.was === null ? draft.removed : { ...draft.removed, [gone.was]: null };
    onChange({ ...draft, classes: draft.classes.filter((_, i) => i !== index), removed });
  };
  const add = () => {
    const fresh: ClassDraft = { was: null, name: "", color: FRESH_COLOR, hotkey: null, parent: null, skeleton: null, help: "" };
    onChange({ ...draft, classes: [...draft.classes, fresh] });
  };
  const known = draft.classes.filter((item) => item.was !== null).map((item) => ({ value: item.was ?? "", label: item.name }));
  return (
    <Panel title="Classes" aside={<Button size="xs" variant="default" onClick={add}>Add a class</Button>} flush>
      <PlainTable>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th w={150}>Colour</Table.Th>
            <Table.Th w={80}>Key</Table.Th>
            <Table.Th w={180}>Kind of</Table.Th>
            <Table.Th>Keypoints</Table.Th>
            <Table.Th w={50} aria-label="Remove" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {draft.classes.map((item, index) => (
            <Table.Tr key={item.was ?? `new ${String(index)}`}>
              <Table.Td>
                <TextInput
                  size="xs"
                  aria-label="Name of the class"
                  value={item.name}
                  error={item.name.trim() === "" && "a name, please"}
                  onChange={(event) => { edit(index, { name: event.currentTarget.value }); }}
                />
              </Table.Td>
              <Table.Td>
                <ColorInput size="xs" aria-label={`Colour of ${item.name}`} value={item.color} onChange={(color) => { edit(index, { color }); }} />
              </Table.Td>
              <Table.Td>
                <TextInput
                  size="xs"
                  aria-label={`Key of ${item.name}`}
                  maxLength={1}
                  value={item.hotkey ?? ""}
                  onChange={(event) => { edit(index, { hotkey: event.currentTarget.value || null }); }}
                />
              </Table.Td>
              <Table.Td>
                <Select
                  size="xs"
                  clearable
                  aria-label={`Parent of ${item.name}`}
                  data={known.filter((one) => one.value !== item.was)}
                  value={item.parent ?? null}
                  onChange={(parent) => { edit(index, { parent }); }}
                />
              </Table.Td>
              <Table.Td className="vl-dim">{item.skeleton?.points.join(", ") ?? "–"}</Table.Td>
              <Table.Td>
                <Tooltip label="Remove the class">
                  <ActionIcon aria-label={`Remove ${item.name}`} onClick={() => { remove(index); }}>
                    <IconTrash size={15} />
                  </ActionIcon>
                </Tooltip>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </PlainTable>
      {Object.entries(draft.removed).map(([name, target]) => (
        <div key={name} className={classes.removed}>
          <span>
            Labels of <strong>{name}</strong>
          </span>
          <Select
            size="xs"
            aria-label={`Where labels of ${name} go`}
            allowDeselect={false}
            data={[{ value: DROP, label: "are dropped" }, ...known.map((one) => ({ ...one, label: `become ${one.label}` }))]}
            value={target ?? DROP}
            onChange={(value) => { onChange({ ...draft, removed: { ...draft.removed, [name]: value === DROP ? null : value } }); }}
          />
        </div>
      ))}
    </Panel>
  );
}
