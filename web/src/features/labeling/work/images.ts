import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

/** Formats that every browser shows; others come as a large JPEG made by the server. */
const SHOWN = new Set(["jpeg", "jpg", "png", "webp", "gif", "bmp"]);

function addressOf(project: string, imageId: string, format: string | null): string {
  const prefix = `/api/v1/projects/${encodeURIComponent(project)}/images/${imageId}`;
  // The format of an image that is loaded ahead is unknown; most are shown as they are.
  const asItIs = format === null || SHOWN.has(format.toLowerCase());
  return asItIs ? `${prefix}/content` : `${prefix}/thumbnail?size=2048`;
}

async function load(address: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}

/** A decoded image, kept so that going back costs nothing. */
export function useLoadedImage(project: string, imageId: string, format: string) {
  const address = addressOf(project, imageId, format);
  return useQuery({
    queryKey: ["pixels", address],
    queryFn: () => load(address),
    staleTime: Infinity,
    gcTime: 120_000,
    retry: 1,
    structuralSharing: false,
  });
}

/** Loads and decodes the next images while the present one is worked on. */
export function usePrefetch(project: string, imageIds: readonly string[]): void {
  const client = useQueryClient();
  useEffect(() => {
    for (const imageId of imageIds.slice(0, 3)) {
      const address = addressOf(project, imageId, null);
      void client.prefetchQuery({
        queryKey: ["pixels", address],
        queryFn: () => load(address),
        staleTime: Infinity,
        gcTime: 120_000,
      });
    }
  }, [client, project, imageIds]);
}
