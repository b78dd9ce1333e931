import { useEffect, useState } from "react";

import { thumbnailUrl } from "@/api/images";

/** The smallest version of an image that is sharp at `pixels` width; the last one stays until it is there. */
export function useSource(project: string, image: { id: string; width: number; height: number }, pixels: number) {
  const longest = Math.max(image.width, image.height);
  const needed = (pixels * longest) / Math.max(image.width, 1);
  const size = needed <= 1024 ? 1024 : 2048;
  const isWhole = needed > 2048 && longest > 2048;
  const prefix = `/api/v1/projects/${encodeURIComponent(project)}/images/${image.id}`;
  const wanted = isWhole ? `${prefix}/content` : thumbnailUrl(project, image.id, size);
  const [shown, setShown] = useState({ id: "", src: "" });
  useEffect(() => {
    const loader = new Image();
    let stale = false;
    loader.src = wanted;
    const show = () => { if (!stale) setShown({ id: image.id, src: wanted }); };
    // Browsers cannot draw every format; the picture that is there already stays.
    loader.decode().then(show, () => undefined);
    return () => { stale = true; };
  }, [wanted, image.id]);
  return shown.id === image.id ? shown.src : null;
}
