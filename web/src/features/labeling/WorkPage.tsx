import { Button, Center, Loader } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconCircleCheck } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { useMe } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";
import { words } from "@/ui/format";

import { type Mode, type Next, type Opened, openNext, openTask, releaseTask } from "./work/calls";
import { browserJournal, type Kept } from "./saving/journal";
import { keptOf, openUnsent } from "./saving/unsent";
import { usePrefetch } from "./work/images";
import { DAYLIGHT } from "./work/light";
import { useTour } from "./work/useTour";
import { Workspace } from "./work/Workspace";
import classes from "./work/Workspace.module.css";

const NONE: readonly string[] = [];
const LOCKED_MS = 5000;
/** How long an image that was asked for ahead waits to be shown. */
const AHEAD_MS = 2000;

type Shown = Next & Pick<Opened, "refusal"> & { kept: Kept | null };

async function open(
  project: string,
  mode: Mode,
  queue: string | null,
  task: string | null,
  visited: readonly string[],
): Promise<Omit<Shown, "kept">> {
  if (task === null) return { ...(await openNext(project, mode, queue, visited)), refusal: null };
  return { ...(await openTask(project, mode, task)), remaining: 0, upcoming: [] };
}

/** Returns a task that was asked for ahead in vain. */
function giveBack(client: QueryClient, project: string, mode: Mode, queryKey: readonly unknown[]): void {
  const ahead = client.getQueryData<Shown>(queryKey);
  client.removeQueries({ queryKey });
  if (ahead?.detail && mode === "label") void releaseTask(project, ahead.detail.task.id).catch(() => undefined);
}

/** Hands out one task after the other and shows each in the workspace. */
export function Component() {
  const project = useProject();
  const [search] = useSearchParams();
  const mode: Mode = search.get("mode") === "review" ? "review" : "label";
  const queue = search.get("queue");
  const client = useQueryClient();
  const [visited, setVisited] = useState<readonly string[]>(NONE);
  const [light, setLight] = useState(DAYLIGHT);
  const user = useMe().data?.name ?? "";
  const journal = useMemo(() => browserJournal(user), [user]);
  const tour = useTour(project, queue, search.get("task"));

  const read = (task: string | null, done: readonly string[], atMost = Infinity) => ({
    queryKey: ["work", project, mode, queue, task, done.length],
    queryFn: async (): Promise<Shown> => {
      const first = mode === "label" && task === null && done.length === 0;
      const found = (first ? await openUnsent(project, journal) : null) ?? (await open(project, mode, queue, task, done));
      const taskId = found.detail?.task.id;
      const kept = taskId === undefined ? null : await keptOf(journal, project, taskId);
      return { ...found, remaining: Math.min(found.remaining, atMost), kept };
    },
    staleTime: Infinity,
    gcTime: AHEAD_MS,
  });
  const next = useQuery({
    ...read(tour.shown, visited),
    // Somebody else has the image: look again until they are done.
    refetchInterval: ({ state }) => (state.data?.refusal?.code === "label_task_locked" ? LOCKED_MS : false),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  // Whoever comes back shall see the labels as they are then.
  useEffect(() => () => { client.removeQueries({ queryKey: ["work"] }); }, [client]);
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
  const { detail, refusal, kept } = next.data;
  if (detail === null) return <Finished project={project} mode={mode} done={visited.length} />;
  const done = [...visited, detail.task.id];
  // Asked for ahead, the queue may still count the image that is being handed in.
  const ahead = tour.shown === null ? Math.max(next.data.remaining - 1, 0) : Infinity;
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
        journal={journal}
        kept={kept}
        filter={tour.filter}
        onFilter={tour.setFilter}
        onGo={(by) => void go(by)}
        // The next image is asked for while this one is handed in.
        onEnding={() => void client.prefetchQuery(read(null, done, ahead))}
        onStay={() => { giveBack(client, project, mode, read(null, done).queryKey); }}
        onDone={() => {
          tour.leave();
          setVisited(done);
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
