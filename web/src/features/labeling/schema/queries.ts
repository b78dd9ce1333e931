import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type LabelSchema = Schemas["LabelSchemaOut"];
export type LabelClass = Schemas["LabelClassBody"];
export type Attribute = Schemas["AttributeBody"];
export type SchemaChange = Schemas["LabelSchemaChange"];
export type SchemaPreview = Schemas["SchemaPreviewOut"];

const PATH = "/api/v1/projects/{project}/labeling/schema" as const;

export function useLabelSchema(project: string) {
  return useQuery({
    queryKey: [project, "labeling", "schema"],
    queryFn: () =>
      // The client widens the pairs of a skeleton to lists.
      body(api.GET(PATH, { params: { path: { project } } })) as Promise<LabelSchema>,
  });
}

export function usePreview(project: string) {
  return useMutation({
    mutationFn: (change: SchemaChange) =>
      body(api.POST(`${PATH}/preview`, { params: { path: { project } }, body: change })),
  });
}

export function useChangeSchema(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: SchemaChange) =>
      body(api.PUT(PATH, { params: { path: { project } }, body: change })),
    onSuccess: () => client.invalidateQueries(),
  });
}
