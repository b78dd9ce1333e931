import { Button, Group, Select } from "@mantine/core";
import { useState } from "react";
import { useOutletContext } from "react-router";

import { useProject, useProjectInfo } from "@/app/project";
import { milliseconds } from "@/features/endpoints/Live";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { count, percent } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import classes from "./Monitoring.module.css";
import {
  loggedPhotoUrl,
  type LoggedPrediction,
  type Monitor,
  type RequestFilter,
  useLogSummary,
  useRequests,
} from "./queries";
import { SummaryTable } from "./SummaryTable";

const PAGE = 50;

/** The prediction log: what was asked, what was answered, and the truth where it is known. */
export function Component() {
  const project = useProject();
  const { endpoint } = useOutletContext<Monitor>();
  const [filter, setFilter] = useState<RequestFilter>({});
  const [limit, setLimit] = useState(PAGE);
  const requests = useRequests(project, endpoint, filter, limit);
  const summary = useLogSummary(project, endpoint);
  const total = requests.data?.total ?? 0;
  const photo: Column<LoggedPrediction> = {
    key: "photo",
    title: "",
    width: 76,
    cell: (item) =>
      item.image_stored ? (
        <img
          className={classes.thumb}
          src={loggedPhotoUrl(project, endpoint, item.image_id)}
          alt=""
          loading="lazy"
        />
      ) : (
        <span className={classes.thumb} title="Not kept" />
      ),
  };
  return (
    <>
      <Panel title="By deployment" flush>
        <SummaryTable query={summary} />
      </Panel>
      <Panel
        flush
        title={`Requests (${count(total)})`}
        aside={<Filters endpoint={endpoint} filter={filter} onChange={setFilter} />}
      >
        <DataTable
          query={requests}
          rowKey={(item) => item.request_id}
          columns={[photo, ...COLUMNS]}
          empty={<EmptyState title="No request in the log">Send a photo to the endpoint to see it here.</EmptyState>}
        />
      </Panel>
      {total > limit && (
        <Group justify="center">
          <Button variant="default" onClick={() => { setLimit(limit + PAGE); }}>
            Show more
          </Button>
        </Group>
      )}
    </>
  );
}

interface FiltersProps {
  endpoint: string;
  filter: RequestFilter;
  onChange: (filter: RequestFilter) => void;
}

function Filters({ endpoint, filter, onChange }: FiltersProps) {
  const deployments = useLogSummary(useProject(), endpoint).data ?? [];
  const labels = useProjectInfo()?.categories.map((category) => category.name) ?? [];
  const field = (name: "label" | "deployment", title: string, data: string[]) => (
    <Select
      size="xs"
      w={150}
      aria-label={title}
      placeholder={title}
      clearable
      data={data}
      value={filter[name] ?? null}
      onChange={(value) => { onChange({ ...filter, [name]: value ?? undefined }); }}
    />
  );
  return (
    <Group gap="xs" wrap="nowrap">
      {field("label", "Any prediction", labels)}
      {field("deployment", "Any deployment", [...new Set(deployments.map((item) => item.deployment))])}
    </Group>
  );
}

const COLUMNS: Column<LoggedPrediction>[] = [
  { key: "time", title: "Time", cell: (item) => <Time iso={item.time} /> },
  { key: "label", title: "Prediction", cell: (item) => <strong>{item.label}</strong> },
  { key: "score", title: "Confidence", align: "right", cell: (item) => percent(item.score) },
  {
    key: "truth",
    title: "Truth",
    cell: (item) =>
      item.true_label === null ? (
        <span className="vl-dim">not known</span>
      ) : (
        <StateBadge
          state={item.true_label === item.label ? "right" : "wrong"}
          tone={item.true_label === item.label ? "ok" : "failing"}
          label={item.true_label}
        />
      ),
  },
  { key: "deployment", title: "Deployment", cell: (item) => item.deployment },
  { key: "size", title: "Pixels", align: "right", cell: (item) => `${String(item.width)} × ${String(item.height)}` },
  { key: "decode", title: "Decode", align: "right", cell: (item) => milliseconds(item.decode_ms) },
  { key: "inference", title: "Inference", align: "right", cell: (item) => milliseconds(item.inference_ms) },
  { key: "total", title: "Total", align: "right", cell: (item) => milliseconds(item.total_ms) },
];
