import { Button, Group, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

import { useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { Panel } from "@/ui/Page";
import { DataTable, type Column } from "@/ui/DataTable";
import { Time } from "@/ui/Time";

import classes from "./Administration.module.css";
import { eventSummary, eventTitle, matches, NOUNS } from "./events";
import { type Event, useEvents } from "./queries";

const STEP = 200;

/** Who changed what, and when; nothing is ever taken out of it. */
export function Component() {
  const project = useProject();
  const [prefix, setPrefix] = useState("");
  const [text, setText] = useState("");
  const [limit, setLimit] = useState(STEP);
  const events = useEvents(project, prefix, limit);
  const items = events.data?.items;
  return (
    <>
      <Panel
        flush
        title="Audit trail"
        aside={
          <Group gap="xs" wrap="nowrap">
            <Select
              size="xs"
              aria-label="What was changed"
              placeholder="Everything"
              clearable
              data={NOUNS}
              value={prefix || null}
              onChange={(value) => { setPrefix(value ?? ""); }}
            />
            <TextInput
              size="xs"
              aria-label="Find in the shown events"
              placeholder="Name, subject or detail"
              leftSection={<IconSearch size={14} />}
              value={text}
              onChange={(event) => { setText(event.currentTarget.value); }}
            />
          </Group>
        }
      >
        <DataTable
          query={{ ...events, data: items?.filter((event) => matches(event, text)) }}
          rowKey={(event) => String(event.id)}
          columns={COLUMNS}
          empty={<EmptyState title="No event matches" />}
        />
      </Panel>
      {items && items.length >= limit && (
        <Group justify="center">
          <Button variant="default" onClick={() => { setLimit(limit + STEP); }}>
            Show older events
          </Button>
        </Group>
      )}
    </>
  );
}

const COLUMNS: Column<Event>[] = [
  { key: "time", title: "When", width: 110, cell: (event) => <Time iso={event.time} /> },
  { key: "actor", title: "Who", width: 130, cell: (event) => <strong>{event.actor}</strong> },
  { key: "type", title: "What", cell: (event) => <span title={event.type}>{eventTitle(event.type)}</span> },
  { key: "subject", title: "Subject", cell: (event) => <span className={`vl-mono ${classes.wrap ?? ""}`}>{event.subject}</span> },
  { key: "data", title: "Details", cell: (event) => <span className={`vl-dim ${classes.wrap ?? ""}`}>{eventSummary(event.data)}</span> },
];
