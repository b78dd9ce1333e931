import { ActionIcon, Button, Menu, Modal, Stack } from "@mantine/core";
import { IconDots, IconFolderDown, IconKey, IconPlugConnected, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { useMay } from "@/app/useMay";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Panel } from "@/ui/Page";
import { Time } from "@/ui/Time";

import { AddDatastore } from "./AddDatastore";
import { CheckResult } from "./CheckResult";
import { fieldLabel, kindOf } from "./kinds";
import { type Datastore, useDatastores, useMethods, useRemoveDatastore, useRotate, useTestDatastore } from "./queries";
import { filled, SecretFields, type Values } from "./SecretFields";
import classes from "./Sources.module.css";

interface DatastoresProps {
  project: string;
  /** Called when images shall be read from a datastore. */
  onIngest: (datastore: string) => void;
}

/** The places that images are read from: add, test, rotate credentials, remove. */
export function Datastores({ project, onIngest }: DatastoresProps) {
  const datastores = useDatastores(project);
  const [adding, setAdding] = useState(false);
  const add = (
    <Allowed right="manage_data">
      <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => { setAdding(true); }}>
        Add a datastore
      </Button>
    </Allowed>
  );
  return (
    <Panel title="Datastores" aside={add} flush>
      <Loaded query={datastores}>
        {(data) =>
          data.items.length === 0 ? (
            <EmptyState title="No datastore yet" icon={<IconPlugConnected size={22} stroke={1.6} />}>
              A datastore names a folder or an object store once, with how to sign in. Credentials are kept
              sealed; nobody can read them back.
            </EmptyState>
          ) : (
            <ul className={classes.list}>
              {data.items.map((item) => (
                <Row key={item.name} project={project} datastore={item} onIngest={onIngest} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <AddDatastore key={String(adding)} project={project} opened={adding} onClose={() => { setAdding(false); }} />
    </Panel>
  );
}

interface RowProps extends DatastoresProps {
  datastore: Datastore;
}

function Row({ project, datastore, onIngest }: RowProps) {
  const test = useTestDatastore(project);
  const [rotating, setRotating] = useState(false);
  return (
    <li className={classes.row}>
      <div className={classes.head}>
        <div className={classes.names}>
          <span>
            <strong>{datastore.name}</strong> <span className="vl-dim">{kindOf(datastore.kind).label}</span>
          </span>
          <span className={classes.address}>{datastore.url}</span>
          <SignIn datastore={datastore} />
        </div>
        <Allowed right="manage_data">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlugConnected size={14} />}
            loading={test.isPending}
            onClick={() => { test.mutate(datastore.name); }}
          >
            Test
          </Button>
        </Allowed>
        <More
          project={project}
          datastore={datastore}
          onIngest={() => { onIngest(datastore.name); }}
          onRotate={() => { setRotating(true); }}
        />
      </div>
      {test.data && <CheckResult check={test.data} />}
      <Modal
        opened={rotating}
        onClose={() => { setRotating(false); }}
        title={`New credentials of ${datastore.name}`}
      >
        <RotateForm project={project} datastore={datastore} onDone={() => { setRotating(false); test.mutate(datastore.name); }} />
      </Modal>
    </li>
  );
}

function SignIn({ datastore }: { datastore: Datastore }) {
  if (datastore.auth === "none") return null;
  return (
    <span className={classes.signIn}>
      {fieldLabel(datastore.auth)}
      {datastore.rotated_at !== null && (
        <>
          , credentials set <Time iso={datastore.rotated_at} /> by {datastore.rotated_by}
        </>
      )}
    </span>
  );
}

interface MoreProps {
  project: string;
  datastore: Datastore;
  onIngest: () => void;
  onRotate: () => void;
}

function More({ project, datastore, onIngest, onRotate }: MoreProps) {
  const remove = useRemoveDatastore(project);
  const { may } = useMay("manage_data");
  const methods = useMethods(project).data?.items ?? [];
  const method = methods.find((item) => item.kind === datastore.kind && item.auth === datastore.auth);
  if (!may) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`More about ${datastore.name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconFolderDown size={14} />} onClick={onIngest}>
          Ingest from it
        </Menu.Item>
        {method && method.secrets.length > 0 && (
          <Menu.Item leftSection={<IconKey size={14} />} onClick={onRotate}>
            Replace the credentials
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => { remove.mutate(datastore.name); }}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface RotateFormProps {
  project: string;
  datastore: Datastore;
  onDone: () => void;
}

function RotateForm({ project, datastore, onDone }: RotateFormProps) {
  const [values, setValues] = useState<Values>({});
  const methods = useMethods(project).data?.items ?? [];
  const method = methods.find((item) => item.kind === datastore.kind && item.auth === datastore.auth);
  const rotate = useRotate(project, datastore.name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        rotate.mutate(filled(values), { onSuccess: onDone });
      }}
    >
      <Stack gap="md">
        {rotate.isError && <Notice tone="failing">{rotate.error.message}</Notice>}
        <SecretFields
          names={method?.secrets ?? []}
          optional={method?.optional_secrets}
          values={values}
          onChange={setValues}
        />
        <Button type="submit" loading={rotate.isPending}>
          Replace and test
        </Button>
      </Stack>
    </form>
  );
}
