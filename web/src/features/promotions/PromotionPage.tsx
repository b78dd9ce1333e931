import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link, useParams } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Digest } from "@/ui/Digest";
import { Figures } from "@/ui/Facts";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { DecisionPanel } from "./DecisionPanel";
import classes from "./Promotions.module.css";
import { type PromotionDetail, useCancelPromotion, usePromotion } from "./queries";
import { Timeline } from "./Timeline";

export function Component() {
  const project = useProject();
  const { promotionId = "" } = useParams();
  const query = usePromotion(project, promotionId);
  const promotion = query.data;
  return (
    <Page
      title={promotion ? `${promotion.model} version ${String(promotion.version)} to production` : "Promotion"}
      lead={promotion && <Lead promotion={promotion} />}
      actions={promotion && <Cancel project={project} promotion={promotion} />}
    >
      <Loaded query={query}>{(found) => <Content project={project} promotion={found} />}</Loaded>
    </Page>
  );
}

function Lead({ promotion }: { promotion: PromotionDetail }) {
  const how = promotion.trigger === "registration" ? "Started when it was registered by" : "Requested by";
  return (
    <>
      {how} {promotion.requested_by} <Time iso={promotion.created_at} />
    </>
  );
}

function Cancel({ project, promotion }: { project: string; promotion: PromotionDetail }) {
  const cancel = useCancelPromotion(project, promotion.id);
  if (promotion.ended_at !== null || promotion.state === "approved") return null;
  return (
    <Allowed right="request_promotion">
      <ConfirmButton
        variant="default"
        color="red"
        loading={cancel.isPending}
        question="The promotion ends; production stays as it is. It can be started again later."
        confirm="Call it off"
        onConfirm={() => { cancel.mutate(""); }}
      >
        Call off
      </ConfirmButton>
    </Allowed>
  );
}

function Content({ project, promotion }: { project: string; promotion: PromotionDetail }) {
  const passed = promotion.gates.filter((gate) => gate.passed).length;
  const previous = promotion.previous;
  const version = `/models/${promotion.model}/versions/${String(promotion.version)}`;
  return (
    <>
      <Figures
        items={[
          { label: "State", value: <StateBadge state={promotion.state} /> },
          {
            label: "Gates passed",
            value: `${String(passed)} of ${String(promotion.gates.length)}`,
            note: passed < promotion.gates.length ? "one that fails ends the promotion" : undefined,
          },
          { label: "Package", value: <Digest value={promotion.digest} /> },
          {
            label: "Evidence",
            value: <Link to={projectPath(project, version)}>Open</Link>,
            note: "metrics, lineage, model card",
          },
          {
            label: "Champion before",
            value: previous ? `version ${String(previous.version)}` : promotion.ended_at === null ? "–" : "none",
            note: previous?.model ?? (promotion.ended_at === null ? "noted when production changes" : undefined),
          },
        ]}
      />
      {promotion.reasons.length > 0 && (
        <Alert
          color={promotion.state === "cancelled" ? "gray" : "red"}
          icon={<IconAlertTriangle size={18} />}
          title={REASON_TITLES[promotion.state] ?? "Ended"}
        >
          {promotion.reasons.map((reason) => (
            <div key={reason}>{reason}</div>
          ))}
        </Alert>
      )}
      <div className={classes.columns}>
        <Timeline promotion={promotion} />
        <DecisionPanel project={project} promotion={promotion} />
      </div>
    </>
  );
}

const REASON_TITLES: Partial<Record<PromotionDetail["state"], string>> = {
  failed: "Why it failed",
  rejected: "Why it was rejected",
  cancelled: "Called off",
};
