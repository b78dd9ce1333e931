import { ActionIcon, Button, Drawer, Group, Skeleton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";

import { Allowed } from "@/app/Allowed";
import { bytes, sentence, words } from "@/ui/format";
import { Digest } from "@/ui/Digest";
import { type Fact, Facts } from "@/ui/Facts";
import { Loaded } from "@/ui/Loaded";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { AnnotatedImage } from "./AnnotatedImage";
import { AnnotationList } from "./AnnotationList";
import classes from "./Inspector.module.css";
import { type ImageDetail, useExclude, useImage } from "./queries";

interface InspectorProps {
  project: string;
  imageId: string | null;
  /** Where the image stands in the list; unknown when it was opened by its address. */
  at: number | null;
  total: number;
  onGo: (index: number) => void;
  onClose: () => void;
}

/** A drawer with everything known about one image. */
export function Inspector({ project, imageId, at, total, onGo, onClose }: InspectorProps) {
  const image = useImage(project, imageId);
  const isFirst = at === null || at <= 0;
  const isLast = at === null || at >= total - 1;
  const back = () => { if (imageId !== null && !isFirst) onGo(at - 1); };
  const forth = () => { if (imageId !== null && !isLast) onGo(at + 1); };
  useHotkeys([
    ["ArrowLeft", back],
    ["ArrowRight", forth],
  ]);
  return (
    <Drawer
      opened={imageId !== null}
      onClose={onClose}
      position="right"
      size={560}
      overlayProps={{ backgroundOpacity: 0.25 }}
      title={
        <Group gap={4} wrap="nowrap">
          <ActionIcon aria-label="Previous image" disabled={isFirst} onClick={back}>
            <IconChevronLeft size={17} />
          </ActionIcon>
          <ActionIcon aria-label="Next image" disabled={isLast} onClick={forth}>
            <IconChevronRight size={17} />
          </ActionIcon>
          <span className={classes.title}>{image.data?.image.name ?? "Image"}</span>
        </Group>
      }
    >
      <Loaded query={image} skeleton={<Skeleton height={360} />}>
        {(detail) => <Detail project={project} detail={detail} />}
      </Loaded>
    </Drawer>
  );
}

function Detail({ project, detail }: { project: string; detail: ImageDetail }) {
  const { image, annotations } = detail;
  const exclude = useExclude(project);
  const excluded = image.status === "excluded";
  return (
    <div className={classes.detail}>
      <AnnotatedImage project={project} detail={detail} />
      <Group justify="space-between">
        <Group gap={6}>
          <StateBadge state={annotations.status} />
          {image.status !== "active" && <StateBadge state={image.status} />}
          {image.origin === "production" && <StateBadge state="production" tone="attention" />}
        </Group>
        <Allowed right="manage_data">
          <Button
            size="xs"
            variant="default"
            loading={exclude.isPending}
            onClick={() => { exclude.mutate({ imageId: image.id, exclude: !excluded }); }}
          >
            {excluded ? "Use in versions again" : "Exclude from versions"}
          </Button>
        </Allowed>
      </Group>
      <Section title="Annotations">
        <AnnotationList set={annotations} />
      </Section>
      <Section title="Capture">
        <Facts items={captureFacts(detail)} />
      </Section>
      <Section title="Lineage">
        <Facts
          items={[
            { label: "Digest (sha256)", value: <Digest value={image.id} /> },
            { label: "Source", value: <span className="vl-mono">{image.uri}</span> },
            { label: "Origin", value: sentence(image.origin) },
            { label: "Group", value: image.group_key ?? "none" },
            { label: "Added", value: <Time iso={image.created_at} /> },
            ...Object.entries(image.metadata).map(([label, value]) => ({
              label: words(label),
              value: plain(value),
            })),
          ]}
        />
      </Section>
      {image.statistics !== null && (
        <Section title="Image statistics">
          <Facts
            items={Object.entries(image.statistics).map(([label, value]) => ({
              label: words(label),
              value: value.toFixed(3),
            }))}
          />
        </Section>
      )}
    </div>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section>
      <h3 className={classes.section}>{title}</h3>
      {children}
    </section>
  );
}

function captureFacts({ image }: ImageDetail): Fact[] {
  const size = `${String(image.width)} × ${String(image.height)} pixels`;
  const exif = Object.entries(image.exif).filter(([name]) => name !== "Model");
  return [
    { label: "Camera", value: image.camera ?? "unknown" },
    { label: "Size", value: `${size}, ${bytes(image.size_bytes)}` },
    { label: "Format", value: `${image.format}, ${image.mode}` },
    ...exif.map(([label, value]) => ({ label, value: plain(value) })),
  ];
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
