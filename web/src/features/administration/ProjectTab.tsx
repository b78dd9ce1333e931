import { Table } from "@mantine/core";

import { useProjectInfo } from "@/app/project";
import { CategoryChip } from "@/ui/CategoryChip";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { dateTime, sentence } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";

import classes from "./Administration.module.css";

/** The project as its file declares it. */
export function Component() {
  const project = useProjectInfo();
  if (project === undefined) return null;
  return (
    <div className={classes.columns}>
      <Panel title="Project">
        <Facts
          items={[
            { label: "Name", value: project.name },
            { label: "Task", value: sentence(project.task) },
            { label: "Description", value: project.description || "–" },
            { label: "Workspaces", value: project.workspaces.join(", ") },
            { label: "Created", value: dateTime(project.created_at) },
          ]}
        />
        <h3 className={classes.subhead}>Settings</h3>
        {Object.keys(project.settings).length === 0 ? (
          <p className="vl-dim">All settings have their defaults.</p>
        ) : (
          <pre className={classes.code}>{JSON.stringify(project.settings, null, 2)}</pre>
        )}
      </Panel>
      <Panel title={`Label schema (${String(project.categories.length)})`} flush>
        {project.categories.length === 0 ? (
          <EmptyState title="No class yet">Add them under “labels” in visionloop.yaml.</EmptyState>
        ) : (
          <PlainTable>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={60}>Index</Table.Th>
                <Table.Th>Class</Table.Th>
                <Table.Th>Key</Table.Th>
                <Table.Th>Colour</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {project.categories.map((category, index) => (
                <Table.Tr key={category.name}>
                  <Table.Td>{index}</Table.Td>
                  <Table.Td><CategoryChip name={category.name} color={category.color} /></Table.Td>
                  <Table.Td>{category.hotkey === null ? "–" : <kbd className={classes.key}>{category.hotkey}</kbd>}</Table.Td>
                  <Table.Td className="vl-mono">{category.color}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </PlainTable>
        )}
      </Panel>
    </div>
  );
}
