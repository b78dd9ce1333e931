import { Kbd, Modal, Table } from "@mantine/core";

import type { Mode } from "./calls";
import { shortcutList } from "./shortcuts";

interface ShortcutsDialogProps {
  mode: Mode;
  opened: boolean;
  onClose: () => void;
}

export function ShortcutsDialog({ mode, opened, onClose }: ShortcutsDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="md">
      <Table verticalSpacing={5} withRowBorders={false}>
        <Table.Tbody>
          {shortcutList(mode).map(([keys, what]) => (
            <Table.Tr key={keys}>
              <Table.Td w={170}>
                <Kbd>{keys}</Kbd>
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
