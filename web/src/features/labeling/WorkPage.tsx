import { Button, Center, Loader } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";

import { type Mode, type Next, openNext, openTask } from "./work/calls";
import { usePrefetch } from "./work/images";
import { Workspace } from "./work/Workspace";
import classes from "./work/Workspace.module.css";

const NONE: readonly string[] = [];

/** Hands out one task after the other and shows each in the workspace. */
export function Component() {
  const project = useProject();
  const [search] = useSearchParams();
  const mode: Mode = search.get("mode") === "review" ? "review" : "label";
  const queue = search.get("queue");
  const task = search.get("task");
  const client = useQueryClient();
  const [visited, setVisited] = useState<readonly string[]>(NONE);

  const next = useQuery({
    queryKey: ["work", project, mode, queue, task, visited.length],
    queryFn: async (): Promise<Next> => {
      if (task !== null && visited.length === 0) {
        return { detail: await openTask(project, mode, task), remaining: 0, upcoming: [] };
      }
      return openNext(project, mode, queue, visited);
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  usePrefetch(project, next.data?.upcoming ?? NONE);

  if (next.isError) {
    return <ErrorState error={next.error} onRetry={() => void next.refetch()} />;
  }
  if (next.isPending) {
    return (
      <Center h="100%">
        <Loader size="sm" aria-label="Opening the next image" />
      </Center>
    );
  }
  const { detail } = next.data;
  if (detail === null) return <Finished project={project} mode={mode} done={visited.length} />;
  return (
    <div className={classes.outer} data-waiting={next.isPlaceholderData || undefined}>
      <title>{`${mode === "label" ? "Labeling" : "Review"} · Visionloop`}</title>
      <Workspace
        key={detail.task.id}
        project={project}
        mode={mode}
        detail={detail}
        remaining={next.data.remaining}
        onDone={() => {
          setVisited((ids) => [...ids, detail.task.id]);
          void client.invalidateQueries({ queryKey: [project, "labeling"] });
        }}
      />
    </div>
  );
}

function Finished({ project, mode, done }: { project: string; mode: Mode; done: number }) {
  return (
    <EmptyState
      title={mode === "label" ? "Nothing left to label here" : "Nothing left to review here"}
      icon={<IconCircleCheck size={22} stroke={1.6} />}
      action={
        <Button component={Link} to={projectPath(project, "/labeling")}>
          Back to the queues
        </Button>
      }
    >
      {done > 0 && `${String(done)} done in this sitting. `}
      {mode === "label"
        ? "The queue is empty, or its other images are open elsewhere or assigned to someone else."
        : "A reviewer never gets their own work, and no other submitted work waits."}
    </EmptyState>
  );
}
