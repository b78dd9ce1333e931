import { Button, Group, Modal, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { plural } from "@/ui/format";

import { readLabels, type Stored } from "./calls";

interface ConflictDialogProps {
  project: string;
  imageId: string;
  opened: boolean;
  onKeepMine: (revision: number) => void;
  onTakeTheirs: (stored: Stored) => void;
}

/** Someone else saved this image meanwhile: nothing is lost until the labeler chooses. */
export function ConflictDialog(props: ConflictDialogProps) {
  const { project, imageId, opened, onKeepMine, onTakeTheirs } = props;
  const theirs = useQuery({
    queryKey: ["conflict", project, imageId],
    queryFn: () => readLabels(project, imageId),
    enabled: opened,
    gcTime: 0,
    staleTime: 0,
  });
  const stored = theirs.data;
  return (
    <Modal
      opened={opened}
      onClose={() => undefined}
      withCloseButton={false}
      title="Somebody else saved this image meanwhile"
    >
      <Text size="sm">
        {stored === undefined
          ? "Reading what they saved…"
          : `They saved ${plural(stored.annotations.length, "label")} as revision ${String(stored.revision)}. Yours are still here and not saved.`}
      </Text>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button
          variant="default"
          disabled={stored === undefined}
          onClick={() => { if (stored) onTakeTheirs(stored); }}
        >
          Take theirs
        </Button>
        <Button
          disabled={stored === undefined}
          onClick={() => { if (stored) onKeepMine(stored.revision); }}
        >
          Keep mine
        </Button>
      </Group>
    </Modal>
  );
}
