import { Table } from "@mantine/core";
import { IconTargetArrow } from "@tabler/icons-react";

import { useProject } from "@/app/project";
import { Command } from "@/ui/Command";
import { Digest } from "@/ui/Digest";
import { EmptyState } from "@/ui/EmptyState";
import { Figures } from "@/ui/Facts";
import { count } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";
import { Whisker } from "@/ui/Whisker";

import classes from "./Drills.module.css";
import { barOf, type Drill, estimateOf, type Figure, headlines, interval, markOf, measured, rangeOf } from "./drills";
import { useDrills } from "./queries";

/** Rehearsals of the whole loop under a real shift, with every figure that they measured. */
export function Component() {
  return (
    <Loaded query={useDrills(useProject())}>
      {(drills) =>
        drills.length === 0 ? (
          <Panel>
            <EmptyState title="No drill yet" icon={<IconTargetArrow size={22} stroke={1.6} />}>
              A drill holds one camera back, lets it arrive in production, and measures whether the loop
              notices, asks people, retrains and recovers.
              <Command>{"visionloop drill --data FOLDER --hold-back 'exif.Model=...'"}</Command>
            </EmptyState>
          </Panel>
        ) : (
          <>
            {drills.map((drill) => (
              <Card key={drill.report} drill={drill} />
            ))}
          </>
        )
      }
    </Loaded>
  );
}

function Card({ drill }: { drill: Drill }) {
  const shown = headlines(drill.figures);
  return (
    <Panel
      flush
      title={drill.shift}
      aside={
        <span className={classes.aside}>
          <span className="vl-dim">
            by {drill.actor}, <Time iso={drill.time} />
          </span>
          <StateBadge
            state={drill.passed ? "passed" : "failed"}
            label={drill.passed ? "Passed" : "Missed its bars"}
          />
        </span>
      }
    >
      {shown.length > 0 && (
        <div className={classes.headline}>
          <Figures items={shown} />
        </div>
      )}
      <PlainTable>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Figure</Table.Th>
            <Table.Th ta="right">Measured</Table.Th>
            <Table.Th w="28%">95 % interval</Table.Th>
            <Table.Th ta="right">n</Table.Th>
            <Table.Th>Bar</Table.Th>
            <Table.Th w={96} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {drill.figures.map((figure) => (
            <Row key={figure.name} figure={figure} all={drill.figures} />
          ))}
        </Table.Tbody>
      </PlainTable>
      <p className={classes.foot}>
        Full report <Digest value={drill.report} />
      </p>
    </Panel>
  );
}

function Row({ figure, all }: { figure: Figure; all: readonly Figure[] }) {
  const estimate = estimateOf(figure);
  const met = figure.is_met;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>{figure.name}</Table.Th>
      <Table.Td ta="right">{measured(figure)}</Table.Td>
      <Table.Td>
        {estimate ? (
          <Whisker
            estimate={estimate}
            range={rangeOf(figure, all)}
            mark={markOf(figure)}
            withValue={false}
            tone={met === false ? "failing" : "running"}
          />
        ) : (
          <span className="vl-dim">{interval(figure)?.replace("95 % interval ", "")}</span>
        )}
      </Table.Td>
      <Table.Td ta="right" className="vl-dim">
        {typeof figure.count === "number" && count(figure.count)}
      </Table.Td>
      <Table.Td className={classes.bar}>{barOf(figure) ?? <span className="vl-dim">none</span>}</Table.Td>
      <Table.Td ta="right">
        {typeof met === "boolean" && <StateBadge state={met ? "passed" : "failed"} label={met ? "Met" : "Missed"} />}
      </Table.Td>
    </Table.Tr>
  );
}
