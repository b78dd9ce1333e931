import { Center, Loader } from "@mantine/core";
import { Navigate, useLocation } from "react-router";

import { lastProject, projectPath, useProjects } from "@/app/project";
import { SignedIn } from "@/app/SignedIn";
import { Command } from "@/ui/Command";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";

/** Sends the visitor to the project used last, or explains how to make the first one. */
export function ProjectIndex() {
  return (
    <SignedIn>
      <Redirect />
    </SignedIn>
  );
}

function Redirect() {
  const { pathname, search } = useLocation();
  const projects = useProjects();
  if (projects.isPending) {
    return (
      <Center h="100vh">
        <Loader size="sm" />
      </Center>
    );
  }
  if (projects.isError) {
    return (
      <Center h="100vh">
        <ErrorState error={projects.error} onRetry={() => void projects.refetch()} />
      </Center>
    );
  }
  const names = projects.data.items.map((project) => project.name);
  const last = lastProject();
  const target = last !== null && names.includes(last) ? last : names[0];
  if (target !== undefined) {
    return <Navigate to={projectPath(target, pathname) + search} replace />;
  }
  return (
    <Center h="100vh">
      <EmptyState title="No project yet">
        A project is declared in a file and applied. It then shows up here.
        <Command>visionloop init parts</Command>
        <Command>visionloop apply visionloop.yaml</Command>
      </EmptyState>
    </Center>
  );
}
