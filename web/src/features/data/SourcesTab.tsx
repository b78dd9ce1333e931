import { Button, Group, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { useProject } from "@/app/project";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";

import { IngestForm } from "./IngestForm";
import { IngestJobs } from "./IngestJobs";
import { useAddDatastore, useDatastores, useTestDatastore } from "./queries";
import classes from "./SourcesTab.module.css";

export function Component() {
  const project = useProject();
  return (
    <div className={classes.columns}>
      <Panel title="Ingest images">
        <IngestForm project={project} />
      </Panel>
      <div className={classes.side}>
        <Panel title="Datastores">
          <Datastores project={project} />
        </Panel>
        <Panel title="Recent ingests" flush>
          <IngestJobs project={project} />
        </Panel>
      </div>
    </div>
  );
}

function Datastores({ project }: { project: string }) {
  const datastores = useDatastores(project);
  const test = useTestDatastore(project);
  return (
    <Loaded query={datastores}>
      {(data) => (
        <>
          {data.items.length === 0 && (
            <p className={classes.none}>None yet. A datastore names a folder or an object store once.</p>
          )}
          <ul className={classes.list}>
            {data.items.map((item) => (
              <li key={item.name}>
                <div className={classes.names}>
                  <strong>{item.name}</strong>
                  <span className="vl-mono vl-dim">{item.url}</span>
                </div>
                <Allowed right="manage_data">
                  <Button
                    size="xs"
                    variant="default"
                    leftSection={<IconPlugConnected size={14} />}
                    loading={test.isPending && test.variables === item.name}
                    onClick={() => {
                      test.mutate(item.name, {
                        onSuccess: (check) =>
                          notifications.show({
                            color: check.reachable ? "teal" : "red",
                            title: check.reachable ? `${item.name} answers` : `${item.name} does not answer`,
                            message: check.message,
                          }),
                      });
                    }}
                  >
                    Test
                  </Button>
                </Allowed>
              </li>
            ))}
          </ul>
          <AddDatastore project={project} />
        </>
      )}
    </Loaded>
  );
}

function AddDatastore({ project }: { project: string }) {
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const add = useAddDatastore(project);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(
          { name, url },
          {
            onSuccess: () => {
              setName("");
              setUrl("");
            },
          },
        );
      }}
    >
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <TextInput
          aria-label="Name of the datastore"
          placeholder="Name"
          w={110}
          required
          value={name}
          onChange={(event) => { setName(event.currentTarget.value); }}
        />
        <TextInput
          aria-label="Address of the datastore"
          placeholder="/folder, s3://, az://, gs://"
          flex={1}
          required
          value={url}
          error={add.error?.message}
          onChange={(event) => { setUrl(event.currentTarget.value); }}
        />
        <Allowed right="manage_data">
          <Button type="submit" variant="default" loading={add.isPending} leftSection={<IconPlus size={15} />}>
            Add
          </Button>
        </Allowed>
      </Group>
    </form>
  );
}
