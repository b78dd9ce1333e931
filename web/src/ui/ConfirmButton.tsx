import { Button, type ButtonProps, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";

interface ConfirmButtonProps extends ButtonProps {
  /** What will happen, in one or two sentences. */
  question: ReactNode;
  confirm: string;
  onConfirm: () => void;
  children: ReactNode;
}

/** A button whose deed is asked for twice, because it cannot be undone. */
export function ConfirmButton({ question, confirm, onConfirm, ...button }: ConfirmButtonProps) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button {...button} onClick={open} />
      <Modal opened={opened} onClose={close} title={button.children} size="sm">
        <Text size="sm">{question}</Text>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            color={button.color ?? "red"}
            onClick={() => {
              close();
              onConfirm();
            }}
            data-autofocus
          >
            {confirm}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
