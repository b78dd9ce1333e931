import { ActionIcon, Button, Kbd, Menu, Tooltip } from "@mantine/core";
import {
  IconArrowLeft,
  IconCheck,
  IconChevronLeft,
  IconChevronRight,
  IconCloudCheck,
  IconCloudOff,
  IconCloudUp,
  IconHelp,
  IconPencil,
  IconX,
} from "@tabler/icons-react";
import { Link } from "react-router";

import { projectPath } from "@/app/project";
import { plural, sentence, words } from "@/ui/format";

import type { ActionId } from "../keys/actions";
import type { SaveState } from "../saving/saver";
import type { Detail, Mode } from "./calls";
import { type Filter, FILTERS } from "./useTour";
import classes from "./Toolbar.module.css";

interface ToolbarProps {
  project: string;
  mode: Mode;
  detail: Detail;
  remaining: number;
  /** The image can only be looked at. */
  readOnly: boolean;
  /** A reviewer mends the labels. */
  fixing: boolean;
  onStopFixing: () => void;
  filter: Filter;
  onFilter: (filter: Filter) => void;
  save: SaveState;
  busy: boolean;
  onRetry: () => void;
  onCommand: (command: { type: ActionId }) => void;
}

/** Where one is, whether all is saved, and how to finish the image. */
export function Toolbar(props: ToolbarProps) {
  const { project, mode, detail, remaining, readOnly, save, busy, onRetry, onCommand } = props;
  return (
    <div className={classes.bar}>
      <Tooltip label="Back to the queues">
        <ActionIcon
          component={Link}
          to={projectPath(project, "/labeling")}
          aria-label="Back to the queues"
        >
          <IconArrowLeft size={18} />
        </ActionIcon>
      </Tooltip>
      <div className={classes.place}>
        <strong>{words(detail.task.queue)}</strong>
        <span className="vl-dim">
          {mode === "review" && `by ${detail.task.labeler ?? "unknown"}, `}
          {remaining > 0 || !readOnly ? plural(remaining, "more image") : "looking only"}
        </span>
      </div>
      <Neighbours filter={props.filter} onFilter={props.onFilter} onCommand={onCommand} />
      <span className={classes.name} title={detail.image.name}>
        {detail.image.name}
      </span>
      <div className={classes.actions}>
        {mode === "label" && !readOnly && <SaveMark save={save} onRetry={onRetry} />}
        <Tooltip label="Keyboard shortcuts (?)">
          <ActionIcon aria-label="Keyboard shortcuts" onClick={() => { onCommand({ type: "help" }); }}>
            <IconHelp size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        {readOnly ? null : props.fixing ? (
          <>
            <Button size="xs" variant="default" onClick={props.onStopFixing}>
              Back to review
            </Button>
            <Button
              size="xs"
              loading={busy}
              leftSection={<IconCheck size={14} />}
              onClick={() => { onCommand({ type: "enter" }); }}
            >
              Accept as mended <Kbd className={classes.key}>Enter</Kbd>
            </Button>
          </>
        ) : mode === "label" ? (
          <>
            <Button size="xs" variant="default" onClick={() => { onCommand({ type: "skip" }); }}>
              Skip <Kbd className={classes.key}>S</Kbd>
            </Button>
            <Button size="xs" loading={busy} onClick={() => { onCommand({ type: "enter" }); }}>
              Submit <Kbd className={classes.key}>Enter</Kbd>
            </Button>
          </>
        ) : (
          <>
            <Button
              size="xs"
              variant="light"
              color="red"
              leftSection={<IconX size={14} />}
              onClick={() => { onCommand({ type: "reject" }); }}
            >
              Reject <Kbd className={classes.key}>X</Kbd>
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPencil size={14} />}
              onClick={() => { onCommand({ type: "fix" }); }}
            >
              Mend <Kbd className={classes.key}>M</Kbd>
            </Button>
            <Button
              size="xs"
              loading={busy}
              leftSection={<IconCheck size={14} />}
              onClick={() => { onCommand({ type: "accept" }); }}
            >
              Accept <Kbd className={classes.key}>R</Kbd>
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

interface NeighboursProps {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  onCommand: (command: { type: ActionId }) => void;
}

/** To the image before and the one after, among all or among those in one state. */
function Neighbours({ filter, onFilter, onCommand }: NeighboursProps) {
  return (
    <div className={classes.tour}>
      <Tooltip label="Previous image (,)">
        <ActionIcon aria-label="Previous image" onClick={() => { onCommand({ type: "previous_image" }); }}>
          <IconChevronLeft size={16} />
        </ActionIcon>
      </Tooltip>
      <Menu>
        <Menu.Target>
          <button type="button" className={classes.filter} aria-label="Which images the arrows go through">
            {filter === null ? "all images" : words(filter)}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {FILTERS.map((item) => (
            <Menu.Item key={item} onClick={() => { onFilter(item); }}>
              {item === null ? "All images" : sentence(item)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label="Next image (.)">
        <ActionIcon aria-label="Next image" onClick={() => { onCommand({ type: "next_image" }); }}>
          <IconChevronRight size={16} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

/** One live region around both forms, so that a failed save is announced and the button has a name. */
function SaveMark({ save, onRetry }: { save: SaveState; onRetry: () => void }) {
  return (
    <span role="status">
      {save.phase === "failed" ? (
        <Tooltip
          label={`${save.message} Your changes are kept in this browser and sent as soon as it answers.`}
          multiline
          maw={320}
        >
          <button type="button" className={classes.save} data-failed onClick={onRetry}>
            <IconCloudOff size={16} stroke={1.7} aria-hidden />
            Not saved: retry
          </button>
        </Tooltip>
      ) : (
        <SavePhase phase={save.phase} />
      )}
    </span>
  );
}

function SavePhase({ phase }: { phase: "saved" | "saving" | "conflict" }) {
  const Icon = phase === "saved" ? IconCloudCheck : IconCloudUp;
  const text = { saved: "Saved", saving: "Saving…", conflict: "Not saved" }[phase];
  return (
    <span className={classes.save}>
      <Icon size={16} stroke={1.7} aria-hidden />
      {text}
    </span>
  );
}
