import { Button, Group, NumberInput, Select, Table } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { count, plural, sentence } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";
import { Time } from "@/ui/Time";

import { type BatchOrder, useBatches, useCreateBatch } from "./queries";
import classes from "./projects.module.css";

const STRATEGIES = [
  { value: "oldest", label: "the oldest" },
  { value: "random", label: "a random draw" },
  { value: "active", label: "what the model learns most from" },
];

/** Batches of a labeling project, and a way to queue the next. */
export function Batches({ project, name }: { project: string; name: string }) {
  const batches = useBatches(project, name);
  const items = batches.data?.items ?? [];
  return (
    <Panel title="Batches" aside={<NewBatch project={project} name={name} />} flush>
      {items.length === 0 ? (
        <p className={classes.none}>No batch was queued yet. Choose a number of images and how to pick them.</p>
      ) : (
        <PlainTable>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Queued</Table.Th>
              <Table.Th>Picked</Table.Th>
              <Table.Th>By</Table.Th>
              <Table.Th ta="right">Tasks</Table.Th>
              <Table.Th ta="right">Open</Table.Th>
              <Table.Th ta="right">Handed in</Table.Th>
              <Table.Th ta="right">Accepted</Table.Th>
              <Table.Th ta="right">Skipped</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((batch) => {
              const at = (state: string) => batch.by_state[state] ?? 0;
              return (
                <Table.Tr key={batch.id}>
                  <Table.Td><Time iso={batch.created_at} /></Table.Td>
                  <Table.Td>{sentence(batch.strategy)}</Table.Td>
                  <Table.Td>{batch.created_by}</Table.Td>
                  <Table.Td ta="right">{count(batch.num_tasks)}</Table.Td>
                  <Table.Td ta="right">{count(at("open") + at("in_progress") + at("rejected"))}</Table.Td>
                  <Table.Td ta="right">{count(at("submitted"))}</Table.Td>
                  <Table.Td ta="right">{count(at("accepted"))}</Table.Td>
                  <Table.Td ta="right">{count(at("skipped"))}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </PlainTable>
      )}
    </Panel>
  );
}

function NewBatch({ project, name }: { project: string; name: string }) {
  const [size, setSize] = useState(100);
  const [strategy, setStrategy] = useState<BatchOrder["strategy"]>("oldest");
  const create = useCreateBatch(project, name);
  return (
    <Group gap="xs" wrap="nowrap">
      <NumberInput
        aria-label="Images in the batch"
        size="xs"
        w={80}
        min={1}
        max={2000}
        value={size}
        onChange={(value) => { setSize(Number(value) || 1); }}
      />
      <Select
        aria-label="How to pick the images"
        size="xs"
        w={230}
        allowDeselect={false}
        data={STRATEGIES}
        value={strategy}
        onChange={(value) => { setStrategy((value ?? "oldest") as BatchOrder["strategy"]); }}
      />
      <Allowed right="manage_data">
        <Button
          size="xs"
          loading={create.isPending}
          onClick={() => {
            create.mutate(
              { size, strategy },
              { onSuccess: (made) => notifications.show({ message: `${plural(made.num_tasks, "task")} queued` }) },
            );
          }}
        >
          Queue
        </Button>
      </Allowed>
    </Group>
  );
}
