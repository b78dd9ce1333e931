import { useQuery } from "@tanstack/react-query";
import { IconBook2 } from "@tabler/icons-react";

import { Markdown } from "@/ui/Markdown";

import { readInstructions } from "./calls";
import classes from "./Instructions.module.css";

interface InstructionsProps {
  project: string;
  queue: string;
  opened: boolean;
  onToggle: () => void;
}

/** What whoever runs the queue asks for, beside the image; nothing where nobody wrote any. */
export function Instructions({ project, queue, opened, onToggle }: InstructionsProps) {
  const found = useQuery({
    queryKey: [project, "labeling", "instructions", queue],
    queryFn: () => readInstructions(project, queue),
    staleTime: 300_000,
  });
  if (!found.data) return null;
  return (
    <section className={classes.box}>
      <button type="button" className={classes.title} aria-expanded={opened} onClick={onToggle}>
        <IconBook2 size={16} stroke={1.7} aria-hidden />
        Instructions
        <span className="vl-dim">{opened ? "hide" : "show"}</span>
      </button>
      {opened && (
        <div className={classes.text}>
          <Markdown text={found.data} />
        </div>
      )}
    </section>
  );
}
