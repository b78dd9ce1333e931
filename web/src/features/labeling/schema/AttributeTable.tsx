import { ActionIcon, Button, Checkbox, Select, Table, TagsInput, TextInput, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";

import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";

import type { SchemaDraft } from "./draft";
import type { Attribute } from "./queries";
import classes from "./schema.module.css";

const TYPES: { value: Attribute["type"]; label: string }[] = [
  { value: "choice", label: "one of" },
  { value: "choices", label: "several of" },
  { value: "text", label: "text" },
  { value: "number", label: "number" },
  { value: "boolean", label: "yes or no" },
];

interface TableProps {
  draft: SchemaDraft;
  onChange: (draft: SchemaDraft) => void;
}

/** Facts that labelers note beside a class, of a shape or of the image. */
export function AttributeTable({ draft, onChange }: TableProps) {
  const edit = (index: number, part: Partial<Attribute>) => {
    onChange({ ...draft, attributes: draft.attributes.map((item, i) => (i === index ? { ...item, ...part } : item)) });
  };
  const add = () => {
    const fresh: Attribute = {
      name: "", type: "choice", scope: "shape", values: [], default: null, is_required: false, classes: [],
      minimum: null, maximum: null, help: "",
    };
    onChange({ ...draft, attributes: [...draft.attributes, fresh] });
  };
  return (
    <Panel title="Attributes" aside={<Button size="xs" variant="default" onClick={add}>Add an attribute</Button>} flush>
      {draft.attributes.length === 0 ? (
        <p className={classes.none}>None. An attribute is a fact beside the class, such as rust: none or some.</p>
      ) : (
        <PlainTable>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th w={130}>Holds</Table.Th>
              <Table.Th>Values</Table.Th>
              <Table.Th w={130}>Of</Table.Th>
              <Table.Th w={90}>Required</Table.Th>
              <Table.Th w={50} aria-label="Remove" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {draft.attributes.map((item, index) => (
              <Table.Tr key={index}>
                <Table.Td>
                  <TextInput size="xs" aria-label="Name of the attribute" value={item.name} onChange={(event) => { edit(index, { name: event.currentTarget.value }); }} />
                </Table.Td>
                <Table.Td>
                  <Select
                    size="xs"
                    aria-label={`What ${item.name} holds`}
                    allowDeselect={false}
                    data={TYPES}
                    value={item.type}
                    onChange={(type) => { edit(index, { type: (type ?? "choice") as Attribute["type"], default: null }); }}
                  />
                </Table.Td>
                <Table.Td>
                  {item.type === "choice" || item.type === "choices" ? (
                    <TagsInput size="xs" aria-label={`Values of ${item.name}`} value={item.values} onChange={(values) => { edit(index, { values }); }} />
                  ) : (
                    <span className="vl-dim">any</span>
                  )}
                </Table.Td>
                <Table.Td>
                  <Select
                    size="xs"
                    aria-label={`What ${item.name} describes`}
                    allowDeselect={false}
                    data={[{ value: "shape", label: "each shape" }, { value: "image", label: "the image" }]}
                    value={item.scope}
                    onChange={(scope) => { edit(index, { scope: scope === "image" ? "image" : "shape" }); }}
                  />
                </Table.Td>
                <Table.Td>
                  <Checkbox aria-label={`${item.name} is required`} checked={item.is_required} onChange={(event) => { edit(index, { is_required: event.currentTarget.checked }); }} />
                </Table.Td>
                <Table.Td>
                  <Tooltip label="Remove the attribute; noted values stay as they are">
                    <ActionIcon
                      aria-label={`Remove ${item.name}`}
                      onClick={() => { onChange({ ...draft, attributes: draft.attributes.filter((_, i) => i !== index) }); }}
                    >
                      <IconTrash size={15} />
                    </ActionIcon>
                  </Tooltip>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </PlainTable>
      )}
    </Panel>
  );
}
