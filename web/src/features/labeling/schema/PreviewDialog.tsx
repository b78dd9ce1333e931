import { Alert, Button, Group, Modal, Stack, Table } from "@mantine/core";

import { count, plural, sentence } from "@/ui/format";
import { Facts } from "@/ui/Facts";
import { PlainTable } from "@/ui/PlainTable";

import type { SchemaPreview } from "./queries";

interface PreviewDialogProps {
  preview: SchemaPreview;
  isPending: boolean;
  onClose: () => void;
  onApply: () => void;
}

/** What a change of the schema would do, counted, before anybody does it. */
export function PreviewDialog({ preview, isPending, onClose, onApply }: PreviewDialogProps) {
  const moves = [...preview.class_moves, ...preview.attribute_moves];
  return (
    <Modal opened onClose={onClose} title="What the change would do" size="lg">
      <Stack gap="md">
        <Facts
          items={[
            { label: "New classes", value: preview.added.length === 0 ? "none" : preview.added.join(", ") },
            { label: "Labels that change or go", value: `${count(preview.num_annotations)} on ${plural(preview.num_images, "image")}` },
            { label: "Images left without a label", value: count(preview.num_emptied) },
            { label: "Unfinished tasks touched", value: count(preview.num_open_tasks) },
            { label: "Accepted images touched", value: count(preview.num_accepted) },
          ]}
        />
        {moves.length > 0 && (
          <PlainTable>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>What</Table.Th>
                <Table.Th>From</Table.Th>
                <Table.Th>To</Table.Th>
                <Table.Th ta="right">Labels</Table.Th>
                <Table.Th ta="right">Images</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {moves.map((move) => (
                <Table.Tr key={`${move.kind} ${move.source}`}>
                  <Table.Td>{sentence(move.kind)}</Table.Td>
                  <Table.Td>{move.source}</Table.Td>
                  <Table.Td>{move.target ?? "–"}</Table.Td>
                  <Table.Td ta="right">{count(move.num_annotations)}</Table.Td>
                  <Table.Td ta="right">{count(move.num_images)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </PlainTable>
        )}
        {preview.warnings.map((warning) => (
          <Alert key={warning} color="yellow">{warning}</Alert>
        ))}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>Keep editing</Button>
          <Button color={preview.class_moves.some((move) => move.kind === "dropped") ? "red" : undefined} loading={isPending} onClick={onApply}>
            Change the schema
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
