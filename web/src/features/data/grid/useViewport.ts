import { type RefObject, useEffect, useLayoutEffect, useState } from "react";

/** What of an element the page shows: its width, how far it is scrolled past, and the height of the page. */
export interface Viewport {
  width: number;
  scrolled: number;
  height: number;
  /** False while the page is scrolled; costly things wait for it. */
  settled: boolean;
}

const SETTLE_MS = 140;

/** The scrolled area that every page stands in. */
export function scroller(): HTMLElement | null {
  return document.getElementById("page");
}

/** Follows size and scroll position of an element inside the page, whose first `covered` pixels stay covered. */
export function useViewport(element: RefObject<HTMLElement | null>, covered: number): Viewport {
  const [viewport, setViewport] = useState<Viewport>({ width: 0, scrolled: 0, height: 0, settled: true });

  useLayoutEffect(() => {
    const content = element.current;
    const page = scroller();
    if (content === null || page === null) return;
    const measure = () => {
      const inside = content.getBoundingClientRect();
      const outside = page.getBoundingClientRect();
      setViewport((now) => ({
        ...now,
        width: inside.width,
        scrolled: outside.top + covered - inside.top,
        height: outside.height - covered,
      }));
    };
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(content);
    sizes.observe(page);
    page.addEventListener("scroll", measure, { passive: true });
    return () => {
      sizes.disconnect();
      page.removeEventListener("scroll", measure);
    };
  }, [element, covered]);

  const { scrolled } = viewport;
  const [settledAt, setSettledAt] = useState(scrolled);
  useEffect(() => {
    const timer = setTimeout(() => { setSettledAt(scrolled); }, SETTLE_MS);
    return () => { clearTimeout(timer); };
  }, [scrolled]);
  return { ...viewport, settled: settledAt === scrolled };
}
