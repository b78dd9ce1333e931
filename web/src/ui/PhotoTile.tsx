import type { ReactNode } from "react";
import { Link } from "react-router";

import classes from "./PhotoTile.module.css";

interface PhotoTileProps {
  src: string | null;
  alt: string;
  /** Where a click leads; without it the tile is no link. */
  to?: string;
  children?: ReactNode;
}

/** A photo with what is to be said about it below; a grid of these is a `PhotoGrid`. */
export function PhotoTile({ src, alt, to, children }: PhotoTileProps) {
  const photo = (
    <span className={classes.frame}>
      {src === null ? (
        <span className={classes.missing}>Photo not kept</span>
      ) : (
        <img src={src} alt={alt} loading="lazy" decoding="async" />
      )}
    </span>
  );
  return (
    <figure className={classes.tile}>
      {to === undefined ? photo : <Link to={to} aria-label={alt}>{photo}</Link>}
      {children !== undefined && <figcaption className={classes.caption}>{children}</figcaption>}
    </figure>
  );
}

export function PhotoGrid({ children }: { children: ReactNode }) {
  return <div className={classes.grid}>{children}</div>;
}
