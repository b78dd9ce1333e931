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
