import { useEffect, useRef } from "react";

import classes from "./Grid.module.css";

interface ThumbnailProps {
  src: string;
  excluded: boolean;
}

/** Tiles that are scrolled past sooner than this never ask for their picture. */
const WAIT_MS = 50;

/** A picture that is asked for once its tile stays in view, and given up when the tile leaves. */
export function Thumbnail({ src, excluded }: ThumbnailProps) {
  const element = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const image = element.current;
    if (image === null) return;
    const timer = setTimeout(() => { image.src = src; }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      image.removeAttribute("src");
    };
  }, [src]);
  return (
    <img
      ref={element}
      className={classes.image}
      alt=""
      decoding="async"
      draggable={false}
      data-excluded={excluded || undefined}
      onError={(event) => { event.currentTarget.dataset.failed = "true"; }}
      onLoad={(event) => { delete event.currentTarget.dataset.failed; }}
    />
  );
}
