import { Alert, Button, Group, Modal, NumberInput, Stack, Table, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";

import { useProject } from "@/app/project";

import { type Endpoint, useSetTraffic } from "./queries";
import { splitProblem, type Split } from "./split";

/** Changes all shares at once, because they add up to 100. */
export function TrafficDialog({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const save = useSetTraffic(useProject(), endpoint.name);
  const [split, setSplit] = useState<Split>(() => ({
    weights: Object.fromEntries(endpoint.deployments.map((item) => [item.name, item.weight])),
    mirrors: Object.fromEntries(endpoint.deployments.map((item) => [item.name, item.mirror])),
  }));
  const problem = splitProblem(split);
  const field = (kind: keyof Split, name: string, label: string) => (
    <NumberInput
      aria-label={`${label} of ${name} in percent`}
      size="xs"
      min={0}
      max={100}
      allowDecimal={false}
      suffix=" %"
      value={split[kind][name] ?? 0}
      onChange={(value) => {
        setSplit({ ...split, [kind]: { ...split[kind], [name]: Number(value) || 0 } });
      }}
    />
  );
  return (
    <Modal opened onClose={onClose} title="Change the traffic split">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          A client keeps its deployment while shares stay the same. A mirror scores copies of live
          requests and its answers are only compared.
        </Text>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Deployment</Table.Th>
              <Table.Th w={110}>Share</Table.Th>
              <Table.Th w={110}>Mirror</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {endpoint.deployments.map(({ name }) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td>{field("weights", name, "Share")}</Table.Td>
                <Table.Td>{field("mirrors", name, "Mirror")}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {save.isError && (
          <Alert color="red" icon={<IconAlertCircle size={18} />} role="alert">
            {save.error.message}
          </Alert>
        )}
        {problem !== null && (
          <Text size="sm" c="red" role="alert">
            {problem}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            disabled={problem !== null}
            loading={save.isPending}
            onClick={() => { save.mutate(split, { onSuccess: onClose }); }}
          >
            Apply
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
