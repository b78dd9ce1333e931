import { Button, Group, Modal, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { plural } from "@/ui/format";

import type { Labels } from "../canvas/history";
import { readLabels, type Stored } from "../work/calls";
import { type Merge, mergedLabels } from "./merge";
import { labelsOf, type Saver } from "./saver";

interface ConflictDialogProps {
  project: string;
  imageId: string;
  opened: boolean;
  sides: Saver["sides"];
  /** Sends labels over theirs. */
  onKeep: (theirs: Stored, labels: Labels) => void;
  onTakeTheirs: (stored: Stored) => void;
}

/** Someone else saved this image meanwhile: nothing is lost until the labeler chooses. */
export function ConflictDialog(props: ConflictDialogProps) {
  const { project, imageId, opened } = props;
  const theirs = useQuery({
    queryKey: ["conflict", project, imageId],
    queryFn: () => readLabels(project, imageId),
    enabled: opened,
    gcTime: 0,
    staleTime: 0,
  });
  return (
    <Modal
      opened={opened}
      onClose={() => undefined}
      withCloseButton={false}
      title="Somebody else saved this image meanwhile"
    >
      {theirs.data === undefined || theirs.isFetching ? (
        <Text size="sm">Reading what they saved…</Text>
      ) : (
        opened && <Choice {...props} theirs={theirs.data} />
      )}
    </Modal>
  );
}

function Choice({ sides, theirs, onKeep, onTakeTheirs }: ConflictDialogProps & { theirs: Stored }) {
  const { base, mine } = sides();
  const merge = mergedLabels(base, mine, labelsOf(theirs));
  return (
    <>
      <Text size="sm">
        They saved {plural(theirs.annotations.length, "label")} as revision {String(theirs.revision)}. Yours are
        still here and not saved. {clashText(merge)}
      </Text>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={() => { onTakeTheirs(theirs); }}>
          Take theirs
        </Button>
        <Button variant="default" onClick={() => { onKeep(theirs, mine); }}>
          Keep mine
        </Button>
        <Button onClick={() => { onKeep(theirs, merge.labels); }}>Keep both</Button>
      </Group>
    </>
  );
}

function clashText({ numMine, numTheirs, clashes }: Merge): string {
  const sides = `You changed ${plural(numMine, "shape")} and they ${String(numTheirs)}.`;
  if (clashes.length === 0) return `${sides} No shape was changed by both, so both can be kept.`;
  return `${sides} ${plural(clashes.length, "shape was", "shapes were")} changed by both: keeping both keeps your form of them.`;
}
