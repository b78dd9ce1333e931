import { ActionIcon, Button, Modal, Skeleton, Tabs, Tooltip } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight, IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";

import { Allowed } from "@/app/Allowed";
import { count } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { StateBadge } from "@/ui/State";

import { readShapes } from "../overlay/shapes";
import { type ImageDetail, useExclude, useImage } from "../queries";
import { DetailsPanel } from "./DetailsPanel";
import classes from "./Inspector.module.css";
import { LabelsPanel } from "./LabelsPanel";
import { LineagePanel } from "./LineagePanel";
import { Stage } from "./Stage";

interface InspectorProps {
  project: string;
  imageId: string | null;
  /** Where the image stands in the list; unknown when it was opened by its address. */
  at: number | null;
  total: number;
  onGo: (index: number) => void;
  onClose: () => void;
}

/** Everything known about one image, beside the image itself; the arrow keys go on. */
export function Inspector({ project, imageId, at, total, onGo, onClose }: InspectorProps) {
  const image = useImage(project, imageId);
  const isFirst = at === null || at <= 0;
  const isLast = at === null || at >= total - 1;
  const back = () => { if (imageId !== null && !isFirst) onGo(at - 1); };
  const forth = () => { if (imageId !== null && !isLast) onGo(at + 1); };
  useArrows(imageId !== null, back, forth);
  const [tab, setTab] = useState<string | null>("labels");
  return (
    <Modal
      opened={imageId !== null}
      onClose={onClose}
      withCloseButton={false}
      size="94vw"
      padding={0}
      classNames={{ content: classes.content, body: classes.body }}
      aria-label={image.data?.image.name ?? "Image"}
    >
      <header className={classes.head}>
        <ActionIcon aria-label="Previous image" disabled={isFirst} onClick={back}>
          <IconChevronLeft size={18} />
        </ActionIcon>
        <ActionIcon aria-label="Next image" disabled={isLast} onClick={forth}>
          <IconChevronRight size={18} />
        </ActionIcon>
        <span className={classes.title}>{image.data?.image.name ?? " "}</span>
        {at !== null && (
          <span className={classes.place}>
            {count(at + 1)} of {count(total)}
          </span>
        )}
        <Tooltip label="Close (Esc)">
          <ActionIcon aria-label="Close" onClick={onClose}>
            <IconX size={18} />
          </ActionIcon>
        </Tooltip>
      </header>
      <Loaded query={image} skeleton={<Skeleton className={classes.wait} />}>
        {(detail) => <Detail project={project} detail={detail} tab={tab} onTab={setTab} />}
      </Loaded>
    </Modal>
  );
}

/** Left and right go on to the next image, also where a tab or a button would take them. */
function useArrows(listening: boolean, back: () => void, forth: () => void) {
  useWindowEvent(
    "keydown",
    (event) => {
      const deed = { ArrowLeft: back, ArrowRight: forth }[event.key];
      const isTyping = event.target instanceof Element && event.target.matches("input, textarea");
      if (!listening || isTyping || deed === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      deed();
    },
    { capture: true },
  );
}

interface DetailProps {
  project: string;
  detail: ImageDetail;
  tab: string | null;
  onTab: (tab: string | null) => void;
}

function Detail({ project, detail, tab, onTab }: DetailProps) {
  const { image, annotations } = detail;
  const shapes = useMemo(() => readShapes(annotations.annotations), [annotations]);
  const [lit, setLit] = useState<string | null>(null);
  return (
    <div className={classes.detail}>
      <Stage key={image.id} project={project} image={image} shapes={shapes} lit={lit} />
      <aside className={classes.side}>
        <Deeds project={project} detail={detail} />
        <Tabs
          value={tab}
          onChange={onTab}
          keepMounted={false}
          classNames={{ panel: classes.panel, root: classes.tabs }}
        >
          <Tabs.List>
            <Tabs.Tab value="labels">Labels</Tabs.Tab>
            <Tabs.Tab value="details">Details</Tabs.Tab>
            <Tabs.Tab value="lineage">Lineage</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="labels">
            <LabelsPanel set={annotations} onLit={setLit} />
          </Tabs.Panel>
          <Tabs.Panel value="details">
            <DetailsPanel image={image} />
          </Tabs.Panel>
          <Tabs.Panel value="lineage">
            <LineagePanel project={project} imageId={image.id} />
          </Tabs.Panel>
        </Tabs>
      </aside>
    </div>
  );
}

function Deeds({ project, detail }: { project: string; detail: ImageDetail }) {
  const { image, annotations } = detail;
  const exclude = useExclude(project);
  const excluded = image.status === "excluded";
  return (
    <div className={classes.deeds}>
      <StateBadge state={annotations.status} />
      {image.status !== "active" && <StateBadge state={image.status} />}
      {image.origin === "production" && <StateBadge state="production" tone="attention" />}
      <span className={classes.space} />
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
    </div>
  );
}
