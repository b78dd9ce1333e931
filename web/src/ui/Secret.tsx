import { Alert, Button, Modal } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";

import { Command } from "./Command";

interface SecretProps {
  /** The secret; the dialog is open while there is one. */
  value: string | null;
  title: string;
  onClose: () => void;
}

/** A secret that is shown this once. */
export function Secret({ value, title, onClose }: SecretProps) {
  return (
    <Modal opened={value !== null} onClose={onClose} title={title} closeOnClickOutside={false}>
      <Alert color="yellow" icon={<IconKey size={18} />}>
        Copy it now. Only its hash is stored, so it cannot be shown again.
      </Alert>
      <Command>{value ?? ""}</Command>
      <Button mt="lg" fullWidth onClick={onClose}>
        I have copied it
      </Button>
    </Modal>
  );
}
