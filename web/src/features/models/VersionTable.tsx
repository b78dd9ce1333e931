import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { headline } from "@/features/runs/figures";
import { type Column, DataTable } from "@/ui/DataTable";
import { Digest } from "@/ui/Digest";
import { EmptyState } from "@/ui/EmptyState";
import { bytes, percent } from "@/ui/format";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { Aliases } from "./Aliases";
import type { ModelVersion } from "./queries";

interface VersionTableProps {
  query: UseQueryResult<readonly ModelVersion[]>;
  withModel?: boolean;
}

/** Versions with what vouches for them. */
export function VersionTable({ query, withModel = false }: VersionTableProps) {
  const project = useProject();
  const navigate = useNavigate();
  const name: Column<ModelVersion> = {
    key: "version",
    title: "Version",
    cell: (item) => (
      <>
        <strong>{withModel ? item.reference : `version ${String(item.version)}`}</strong>{" "}
        <Aliases names={item.aliases} />
      </>
    ),
  };
  return (
    <DataTable
      query={query}
      rowKey={(item) => item.id}
      columns={[name, ...COLUMNS]}
      onOpen={(item) =>
        void navigate(projectPath(project, `/models/${item.model}/versions/${String(item.version)}`))
      }
      empty={<EmptyState title="No version yet" />}
    />
  );
}

const COLUMNS: Column<ModelVersion>[] = [
  {
    key: "accuracy",
    title: "Accuracy",
    align: "right",
    cell: (item) => percent(headline(item.metrics, "accuracy")),
  },
  {
    key: "parity",
    title: "Export parity",
    cell: (item) => <StateBadge state={item.parity.passed ? "passed" : "failed"} />,
  },
  {
    key: "digest",
    title: "Signed digest",
    cell: (item) => (
      <span onClick={(event) => { event.stopPropagation(); }} role="presentation">
        <Digest value={item.digest} />
      </span>
    ),
  },
  {
    key: "dataset",
    title: "Learned from",
    cell: (item) => (item.dataset ? `${item.dataset.name}:${String(item.dataset.version)}` : "–"),
  },
  { key: "size", title: "Size", align: "right", cell: (item) => bytes(item.size_bytes) },
  { key: "by", title: "Registered by", cell: (item) => item.created_by },
  { key: "time", title: "Registered", align: "right", cell: (item) => <Time iso={item.created_at} /> },
];
