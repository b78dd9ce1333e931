import { sentence } from "@/ui/format";

const TITLES: Record<string, string> = {
  annotated: "Last labeled",
  annotation_status: "State of labels",
  captured: "Capture time",
  created: "Time of arrival",
  datastore: "Source",
  label: "Class",
  laplacian_variance: "Sharpness",
  luminance_mean: "Brightness",
  luminance_std: "Contrast",
  num_annotations: "Number of labels",
  size_bytes: "File size",
};

/** A field of the filter language as people say it. */
export function fieldTitle(name: string): string {
  return TITLES[name] ?? sentence(name);
}
