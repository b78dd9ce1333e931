import { Button } from "@mantine/core";
import { IconGitPullRequest } from "@tabler/icons-react";
import { Link, useNavigate } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath } from "@/app/project";
import { isUnderWay, usePromotions, useStartPromotion } from "@/features/promotions/queries";

import type { ModelVersion } from "./queries";

/** Starts a promotion of a version, or opens the one that is under way. */
export function PromoteButton({ project, version }: { project: string; version: ModelVersion }) {
  const navigate = useNavigate();
  const start = useStartPromotion(project);
  const promotions = usePromotions(project).data ?? [];
  const icon = <IconGitPullRequest size={16} />;
  const current = promotions.find((item) => item.digest === version.digest && isUnderWay(item));
  if (current) {
    return (
      <Button component={Link} to={projectPath(project, `/promotions/${current.id}`)} leftSection={icon}>
        See its promotion
      </Button>
    );
  }
  return (
    <Allowed right="request_promotion">
      <Button
        leftSection={icon}
        disabled={version.aliases.includes("champion")}
        loading={start.isPending}
        onClick={() => {
          start.mutate(
            { model: version.model, version: version.version },
            { onSuccess: (made) => void navigate(projectPath(project, `/promotions/${made.id}`)) },
          );
        }}
      >
        Promote
      </Button>
    </Allowed>
  );
}
