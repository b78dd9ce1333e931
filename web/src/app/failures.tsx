import { Button, Center } from "@mantine/core";
import { Link, useRouteError } from "react-router";

import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";

/** A page failed while it was drawn or loaded; the shell around it stays usable. */
export function RouteFailed() {
  const error = useRouteError();
  return (
    <Center mih="60vh">
      <ErrorState error={error} onRetry={() => window.location.reload()} />
    </Center>
  );
}

export function NotFound() {
  return (
    <EmptyState
      title="There is no page at this address"
      action={
        <Button component={Link} to="/" variant="default">
          Go to the home page
        </Button>
      }
    >
      The link may be old, or the thing it names was removed.
    </EmptyState>
  );
}

export function UnknownProject({ name }: { name: string }) {
  return (
    <EmptyState
      title={`There is no project ${name} for you`}
      action={
        <Button component={Link} to="/" variant="default">
          Go to my projects
        </Button>
      }
    >
      It does not exist, or you have no role in it. An administrator gives roles.
    </EmptyState>
  );
}
