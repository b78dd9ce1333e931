import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { useProject } from "@/app/project";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";

import { AttributeTable } from "./AttributeTable";
import { ClassTable } from "./ClassTable";
import { changeOf, draftOf, isChanged } from "./draft";
import { PreviewDialog } from "./PreviewDialog";
import { type LabelSchema, type SchemaPreview, useChangeSchema, useLabelSchema, usePreview } from "./queries";

/** The label schema: what labelers may say, and what a change of it would do to labels. */
export function Component() {
  const project = useProject();
  const schema = useLabelSchema(project);
  return (
    <Loaded query={schema}>
      {(found) => <Editor key={found.version} project={project} schema={found} />}
    </Loaded>
  );
}

function Editor({ project, schema }: { project: string; schema: LabelSchema }) {
  const [draft, setDraft] = useState(() => draftOf(schema));
  const [seen, setSeen] = useState<SchemaPreview | null>(null);
  const preview = usePreview(project);
  const change = useChangeSchema(project);
  const changed = isChanged(schema, draft);
  return (
    <Page
      title="Label schema"
      lead={`Version ${String(schema.version)}: ${plural(schema.classes.length, "class", "classes")}, ${plural(schema.attributes.length, "attribute")}. A change moves every live label at once; frozen versions keep theirs.`}
      actions={
        <Group gap="xs">
          <Button variant="default" disabled={!changed} onClick={() => { setDraft(draftOf(schema)); }}>
            Undo changes
          </Button>
          <Allowed right="administer">
            <Button
              disabled={!changed}
              loading={preview.isPending}
              onClick={() => { preview.mutate(changeOf(schema, draft), { onSuccess: setSeen }); }}
            >
              Preview the change
            </Button>
          </Allowed>
        </Group>
      }
    >
      <ClassTable draft={draft} onChange={setDraft} />
      <AttributeTable draft={draft} onChange={setDraft} />
      {seen && (
        <PreviewDialog
          preview={seen}
          isPending={change.isPending}
          onClose={() => { setSeen(null); }}
          onApply={() => {
            change.mutate(changeOf(schema, draft), {
              onSuccess: (made) => {
                setSeen(null);
                notifications.show({ message: `The label schema is at version ${String(made.label_schema.version)}.` });
              },
            });
          }}
        />
      )}
    </Page>
  );
}
