import { Alert } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";

import { Facts } from "@/ui/Facts";

/** First passwords of new users, shown this once. */
export function Passwords({ passwords }: { passwords: Readonly<Record<string, string>> }) {
  const entries = Object.entries(passwords);
  if (entries.length === 0) return null;
  return (
    <Alert mt="md" color="yellow" icon={<IconKey size={18} />} title="First passwords, shown this once">
      <Facts
        items={entries.map(([name, password]) => ({
          label: name,
          value: <span className="vl-mono">{password}</span>,
        }))}
      />
    </Alert>
  );
}
