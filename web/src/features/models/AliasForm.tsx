import { Autocomplete, Button, Group, Select, Text } from "@mantine/core";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { useProject } from "@/app/project";

import { type ModelVersion, useSetAlias } from "./queries";

interface AliasFormProps {
  model: string;
  versions: readonly ModelVersion[];
}

/** Points an alias to a version, or takes it away. */
export function AliasForm({ model, versions }: AliasFormProps) {
  const set = useSetAlias(useProject(), model);
  const [alias, setAlias] = useState("challenger");
  const [version, setVersion] = useState<string | null>(null);
  // The champion is what production serves, so to name one is to deploy.
  const right = alias === "champion" ? "deploy" : "register_model";
  const workspace = alias === "champion" ? "prod" : "dev";
  const used = [...new Set(versions.flatMap((item) => item.aliases))];
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        A promotion moves “champion” by itself. Clients and comparisons may name a version by its alias.
      </Text>
      <Group align="flex-end" gap="sm">
        <Autocomplete
          label="Alias"
          value={alias}
          data={[...new Set(["champion", "challenger", ...used])]}
          onChange={setAlias}
        />
        <Select
          label="Version"
          placeholder="Choose"
          value={version}
          onChange={setVersion}
          data={versions.map((item) => ({
            value: String(item.version),
            label: `version ${String(item.version)}`,
          }))}
        />
        <Allowed right={right} workspace={workspace}>
          <Button
            disabled={alias === "" || version === null}
            loading={set.isPending}
            onClick={() => { set.mutate({ alias, version: Number(version) }); }}
          >
            Set the alias
          </Button>
        </Allowed>
        <Allowed right={right} workspace={workspace}>
          <Button
            variant="default"
            disabled={!used.includes(alias)}
            onClick={() => { set.mutate({ alias, version: null }); }}
          >
            Remove it
          </Button>
        </Allowed>
      </Group>
    </>
  );
}
