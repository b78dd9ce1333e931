import { Button, Group, Table } from "@mantine/core";

import { thumbnailUrl } from "@/api/images";
import { Allowed } from "@/app/Allowed";
import { percent } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";

import classes from "./projects.module.css";
import { type ConsensusCase, useDisputes, useSettle } from "./queries";

/** Images whose answers disagree, the worst first; a reviewer takes one answer or the merged one. */
export function Disputes({ project, queue }: { project: string; queue: string }) {
  const disputes = useDisputes(project, queue, true);
  const items = disputes.data?.items ?? [];
  return (
    <Panel title={items.length === 0 ? "Disputes" : `Disputes · ${String(items.length)}`} flush>
      {items.length === 0 ? (
        <p className={classes.none}>No image waits for a decision.</p>
      ) : (
        <PlainTable>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={72}>Image</Table.Th>
              <Table.Th>What they saw</Table.Th>
              <Table.Th ta="right">Agreement</Table.Th>
              <Table.Th ta="right">Take</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <Row key={item.id} project={project} item={item} />
            ))}
          </Table.Tbody>
        </PlainTable>
      )}
    </Panel>
  );
}

function Row({ project, item }: { project: string; item: ConsensusCase }) {
  const settle = useSettle(project);
  return (
    <Table.Tr>
      <Table.Td>
        <img className={classes.thumb} src={thumbnailUrl(project, item.image_id, 128)} alt="" loading="lazy" />
      </Table.Td>
      <Table.Td>
        <ul className={classes.votes}>
          {item.objects.map((object, index) => (
            <li key={index} data-dropped={!object.is_kept || undefined}>
              {Object.entries(object.categories).map(([who, category]) => `${who}: ${category}`).join(", ")}
              {object.seen_by.length > 1 && <span className="vl-dim"> · {percent(object.similarity, 0)} alike</span>}
            </li>
          ))}
        </ul>
      </Table.Td>
      <Table.Td ta="right">{percent(item.agreement, 0)}</Table.Td>
      <Table.Td>
        <Group gap={4} justify="flex-end">
          {["merged", ...item.annotators].map((choice) => (
            <Allowed key={choice} right="review">
              <Button
                size="compact-xs"
                variant={choice === "merged" ? "light" : "subtle"}
                color={choice === "merged" ? undefined : "gray"}
                loading={settle.isPending && settle.variables.choice === choice}
                onClick={() => { settle.mutate({ id: item.id, choice }); }}
              >
                {choice}
              </Button>
            </Allowed>
          ))}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
