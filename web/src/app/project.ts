import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { api, body } from "@/api/client";

const LAST_PROJECT = "visionloop.project";

export function useProjects() {
  return useQuery({
    queryKey: ["projects"],
    queryFn: () => body(api.GET("/api/v1/projects")),
    staleTime: 30_000,
  });
}

/** The project named in the address; every page lives under /projects/:project. */
export function useProject(): string {
  return useParams().project ?? "";
}

/** The project's task type and categories, once they are known. */
export function useProjectInfo() {
  const name = useProject();
  return useProjects().data?.items.find((project) => project.name === name);
}

export function rememberProject(name: string): void {
  localStorage.setItem(LAST_PROJECT, name);
}

export function lastProject(): string | null {
  return localStorage.getItem(LAST_PROJECT);
}

/** Turns a link of the API ("/data?status=...") into an address inside the project. */
export function projectPath(project: string, link: string): string {
  if (link.startsWith("/projects/")) return link;
  const prefix = `/projects/${encodeURIComponent(project)}`;
  if (link === "" || link === "/") return prefix;
  return `${prefix}${link.startsWith("/") ? "" : "/"}${link}`;
}
