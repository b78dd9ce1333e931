import { Link } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { bytes, number, sentence, words } from "@/ui/format";
import { Digest } from "@/ui/Digest";
import { type Fact, Facts } from "@/ui/Facts";
import { Time } from "@/ui/Time";

import type { ImageDetail } from "../queries";
import classes from "./Inspector.module.css";

type Image = ImageDetail["image"];

/** File, capture, custom columns and statistics of an image. */
export function DetailsPanel({ image }: { image: Image }) {
  const exif = Object.entries(image.exif).filter(([name]) => name !== "Model");
  const custom = Object.entries(image.metadata);
  return (
    <>
      <Section title="File">
        <Facts items={fileFacts(image)} />
      </Section>
      <Section title="Capture (EXIF)">
        <Facts
          items={[
            { label: "Camera", value: image.camera ?? "unknown" },
            ...exif.map(([label, value]) => ({ label, value: plain(value) })),
          ]}
        />
      </Section>
      {custom.length > 0 && (
        <Section title="Custom columns">
          <Facts items={custom.map(([label, value]) => ({ label: words(label), value: plain(value) }))} />
        </Section>
      )}
      {image.statistics !== null && (
        <Section title="Image statistics">
          <Facts
            items={Object.entries(image.statistics).map(([label, value]) => ({
              label: sentence(label),
              value: number(value),
            }))}
          />
        </Section>
      )}
    </>
  );
}

function fileFacts(image: Image): Fact[] {
  return [
    { label: "Size", value: `${String(image.width)} × ${String(image.height)} pixels, ${bytes(image.size_bytes)}` },
    { label: "Format", value: `${image.format}, ${image.mode}` },
    { label: "Digest (sha256)", value: <Digest value={image.id} /> },
    { label: "Source", value: <span className="vl-mono">{image.uri}</span> },
    { label: "Origin", value: sentence(image.origin) },
    { label: "In splits", value: <Group groupKey={image.group_key} /> },
    { label: "Added", value: <Time iso={image.created_at} /> },
  ];
}

/** Images of one group never stand on both sides of a split. */
function Group({ groupKey }: { groupKey: string | null }) {
  const project = useProject();
  if (groupKey === null) return "stands on its own";
  return (
    <Link to={`${projectPath(project, "/data")}?group_key=${encodeURIComponent(groupKey)}`} title={groupKey}>
      kept together with its group
    </Link>
  );
}

export function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section>
      <h3 className={classes.section}>{title}</h3>
      {children}
    </section>
  );
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
