import { Button } from "@mantine/core";

interface ShowAllProps {
  total: number;
  /** How many rows are shown at first. */
  first: number;
  all: boolean;
  onChange: (all: boolean) => void;
}

/** Opens a list that begins short; nothing where it is short anyway. */
export function ShowAll({ total, first, all, onChange }: ShowAllProps) {
  if (total <= first) return null;
  return (
    <Button size="compact-xs" variant="subtle" onClick={() => { onChange(!all); }}>
      {all ? "Show fewer" : `Show all ${String(total)}`}
    </Button>
  );
}
