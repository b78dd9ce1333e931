import { useMemo } from "react";

import { useProjectInfo } from "./project";

/** Colour of every class of the current project. */
export function useCategoryColors(): ReadonlyMap<string, string> {
  const info = useProjectInfo();
  return useMemo(
    () => new Map(info?.categories.map((category) => [category.name, category.color])),
    [info],
  );
}
