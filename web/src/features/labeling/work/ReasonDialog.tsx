import { Button, Chip, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useState } from "react";

type Kind = "skip" | "reject";

const TEXTS = {
  skip: {
    title: "Skip this image",
    label: "Why can it not be labeled?",
    confirm: "Skip",
    common: ["Nothing to see", "Too blurred or dark", "No class fits", "Not sure which class"],
  },
  reject: {
    title: "Reject these labels",
    label: "What is wrong?",
    confirm: "Reject",
    common: ["Wrong class", "Something is missing", "Box is not tight", "Label too much"],
  },
};

interface ReasonDialogProps {
  kind: Kind | null;
  onClose: () => void;
  onReason: (kind: Kind, text: string) => void;
}

/** Asks for the reason that skipping and rejecting need; common ones are one click. */
export function ReasonDialog({ kind, onClose, onReason }: ReasonDialogProps) {
  return (
    <Modal opened={kind !== null} onClose={onClose} title={kind && TEXTS[kind].title} size="md">
      {kind !== null && <ReasonForm kind={kind} onClose={onClose} onReason={onReason} />}
    </Modal>
  );
}

function ReasonForm({ kind, onClose, onReason }: ReasonDialogProps & { kind: Kind }) {
  const [text, setText] = useState("");
  const { label, confirm, common } = TEXTS[kind];
  const send = () => { if (text.trim() !== "") onReason(kind, text.trim()); };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Stack gap="sm">
        <Textarea
          label={label}
          data-autofocus
          autosize
          minRows={2}
          required
          withAsterisk={false}
          value={text}
          onChange={(event) => { setText(event.currentTarget.value); }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey) {
              event.preventDefault();
              send();
            }
          }}
        />
        <Chip.Group value={text} onChange={(value) => { setText(String(value)); }}>
          <Group gap={6}>
            {common.map((item) => (
              <Chip key={item} value={item} size="xs">
                {item}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color={kind === "reject" ? "red" : undefined}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
