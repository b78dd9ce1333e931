/** Address of a small upright JPEG of an image; sizes are 128, 256, 512, 1024 or 2048. */
export function thumbnailUrl(project: string, imageId: string, size: number): string {
  const prefix = `/api/v1/projects/${encodeURIComponent(project)}/images/${imageId}`;
  return `${prefix}/thumbnail?size=${String(size)}`;
}
