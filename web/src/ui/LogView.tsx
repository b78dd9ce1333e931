import { useEffect, useRef } from "react";

import classes from "./LogView.module.css";

interface LogViewProps {
  text: string;
  /** While true the end stays in view, unless the reader has scrolled up. */
  live?: boolean;
  label: string;
  empty?: string;
}

/** What a process wrote; follows the end while it runs. */
export function LogView({ text, live = false, label, empty = "Nothing written yet." }: LogViewProps) {
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element && live && following.current) element.scrollTop = element.scrollHeight;
  }, [text, live]);
  return (
    <pre
      ref={box}
      className={classes.log}
      tabIndex={0}
      role="log"
      aria-label={label}
      aria-live="off"
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        following.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {text === "" ? <span className="vl-dim">{empty}</span> : text}
    </pre>
  );
}
