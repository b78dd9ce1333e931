import { Alert, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";

import { useProject } from "@/app/project";

import { useRollback } from "./queries";

/** Returns production to the champion before; asked for twice, with a reason. */
export function RollbackDialog({ onClose }: { onClose: () => void }) {
  const rollback = useRollback(useProject());
  const [reason, setReason] = useState("");
  return (
    <Modal opened onClose={onClose} title="Roll production back">
      <Stack gap="md">
        <Text size="sm">
          All production traffic goes back to the champion before, at once. The version that serves now
          stays registered.
        </Text>
        <Textarea
          label="Reason"
          description="Kept in the audit trail"
          data-autofocus
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => { setReason(event.currentTarget.value); }}
        />
        {rollback.isError && (
          <Alert color="red" icon={<IconAlertCircle size={18} />} title="Not rolled back" role="alert">
            {rollback.error.message}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            color="red"
            disabled={reason.trim() === ""}
            loading={rollback.isPending}
            onClick={() => { rollback.mutate(reason, { onSuccess: onClose }); }}
          >
            Roll back
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
