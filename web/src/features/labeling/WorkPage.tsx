import { Button, Center, Loader } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";
import { words } from "@/ui/format";

import { type Mode, type Next, type Opened, openNext, openTask } from "./work/calls";
import { usePrefetch } from "./work/images";
import { DAYLIGHT } from "./work/light";
import { useTour } from "./work/useTour";
import { Workspace } from "./work/Workspace";
import classes from "./work/Workspace.module.css";

const NONE: readonly string[] = [];
const LOCKED_MS = 5000;

/** Hands out one task after the other and shows each in the workspace. */
export function Component() {
  const project = useProject();
  const [search] = useSearchParams();
  const mode: Mode = search.get("mode") === "review" ? "review" : "label";
  const queue = search.get("queue");
  const client = useQueryClient();
  const [visited, setVisited] = useState<readonly string[]>(NONE);
  const [light, setLight] = useState(DAYLIGHT);
  const tour = useTour(project, queue, search.get("task"));

  const next = useQuery({
    queryKey: ["work", project, mode, queue, tour.shown, visited.length],
    queryFn: async (): Promise<Next & Pick<Opened, "refusal">> => {
      if (tour.shown === null) return { ...(await openNext(project, mode, queue, visited)), refusal: null };
      return { ...(await openTask(project, mode, tour.shown)), remaining: 0, upcoming: [] };
    },
    // Somebody else has the image: look again until they are done.
    refetchInterval: ({ state }) => (state.data?.refusal?.code === "label_task_locked" ? LOCKED_MS : false),
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
  const { detail, refusal } = next.data;
  if (detail === null) return <Finished project={project} mode={mode} done={visited.length} />;
  const go = async (by: 1 | -1) => {
    if (await tour.go(detail.task.id, by)) return;
    const kind = tour.filter === null ? "image" : `${words(tour.filter)} image`;
    notifications.show({ message: by === 1 ? `This is the last ${kind}.` : `This is the first ${kind}.` });
  };
  return (
    <div className={classes.outer} data-waiting={next.isPlaceholderData || undefined}>
      <title>{`${mode === "label" ? "Labeling" : "Review"} · Visionloop`}</title>
      <Workspace
        key={`${detail.task.id} ${refusal?.code ?? ""}`}
        project={project}
        mode={mode}
        detail={detail}
        refusal={refusal}
        remaining={next.data.remaining}
        light={light}
        onLight={setLight}
        filter={tour.filter}
        onFilter={tour.setFilter}
        onGo={(by) => void go(by)}
        onDone={() => {
          tour.leave();
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
