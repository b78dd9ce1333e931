"""Quality findings and what is done about them, over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.routes.dataset_versions import Limit
from visionloop.api.schemas.quality import (
    ActionCreate,
    ActionList,
    ActionOut,
    FindingChoice,
    FindingCountOut,
    FindingCounts,
    FindingOut,
    FindingPage,
    LabelCheckCreate,
    QualityJobOut,
    ScanCreate,
    SkippedOut,
)
from visionloop.data.quality import actions, findings, scanning
from visionloop.data.quality.entities import (
    FIXABLE,
    Finding,
    FindingQuery,
    QualityAction,
)
from visionloop.labeling.entities import TaskOrder
from visionloop.labeling.findings import send_findings
from visionloop.training.jobs import start_run_label_check

router = APIRouter(prefix="/api/v1/projects/{project}/quality", tags=["data"])


@router.post(
    "/scans",
    response_model=QualityJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_quality_scan",
    summary="Look for odd images and labels",
)
def post_scan(
    project: str, body: ScanCreate, application: ApplicationDep, actor: ActorDep
) -> QualityJobOut:
    """Queue a job that writes findings; what people decided before stays decided."""
    job = scanning.start_scan(application.database, actor, project, with_files=body.with_files)
    return QualityJobOut(job_id=job.id, state=job.state.value)


@router.post(
    "/label-checks",
    response_model=QualityJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_label_check",
    summary="Rank labels by how much a trained model doubts them",
)
def post_label_check(
    project: str, body: LabelCheckCreate, application: ApplicationDep, actor: ActorDep
) -> QualityJobOut:
    """Queue a job that writes findings of kind label-error, the most doubted first."""
    job = start_run_label_check(
        application.database,
        actor,
        project,
        run_id=body.run_id,
        dataset_version=body.dataset_version,
    )
    return QualityJobOut(job_id=job.id, state=job.state.value)


@router.get(
    "/findings",
    response_model=FindingPage,
    operation_id="list_quality_findings",
    summary="List quality findings",
)
def get_findings(
    project: str,
    chosen: Annotated[FindingChoice, Query()],
    application: ApplicationDep,
    actor: ActorDep,
) -> FindingPage:
    """Page through findings, the worst of each kind first; open ones unless asked otherwise."""
    query = FindingQuery(
        kind=chosen.kind,
        severity=chosen.severity,
        status=None if chosen.status == "any" else chosen.status,
        image_id=chosen.image_id,
        category=chosen.category,
    )
    found, total = findings.list_findings(
        application.database, actor, project, query, limit=chosen.limit, offset=chosen.offset
    )
    items = [_render(finding) for finding in found]
    return FindingPage(items=items, total=total, limit=chosen.limit, offset=chosen.offset)


@router.get(
    "/counts",
    response_model=FindingCounts,
    operation_id="count_quality_findings",
    summary="Count quality findings by kind and status",
)
def get_counts(project: str, application: ApplicationDep, actor: ActorDep) -> FindingCounts:
    """Count all findings of a project."""
    rows = findings.count_findings(application.database, actor, project)
    names = ("kind", "severity", "status", "count")
    items = [FindingCountOut.model_validate(dict(zip(names, row, strict=True))) for row in rows]
    return FindingCounts(items=items)


@router.get(
    "/findings/{finding}",
    response_model=FindingOut,
    operation_id="get_quality_finding",
    summary="Show a quality finding",
)
def get_finding(
    project: str, finding: str, application: ApplicationDep, actor: ActorDep
) -> FindingOut:
    """Return one finding."""
    return _render(findings.get_finding(application.database, actor, project, finding))


@router.post(
    "/actions",
    response_model=ActionOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="act_on_quality_findings",
    summary="Fix, exclude, dismiss findings, or send them to labeling",
)
def post_action(
    project: str, body: ActionCreate, application: ApplicationDep, actor: ActorDep
) -> ActionOut:
    """Do one thing about many findings at once; those that are not open are left alone."""
    where = (application.database, actor, project)
    if body.name == "label":
        order = TaskOrder(queue=body.queue, assignee=body.assignee)
        return _render_action(send_findings(*where, body.finding_ids, order))
    return _render_action(actions.act_on_findings(*where, body.name, body.finding_ids))


@router.get(
    "/actions",
    response_model=ActionList,
    operation_id="list_quality_actions",
    summary="List what was done about findings",
)
def get_actions(
    project: str, application: ApplicationDep, actor: ActorDep, limit: Limit = 50
) -> ActionList:
    """Return the latest actions, newest first."""
    found = findings.list_actions(application.database, actor, project, limit=limit)
    return ActionList(items=[_render_action(item) for item in found], total=len(found))


@router.post(
    "/actions/{action}/undo",
    response_model=ActionOut,
    operation_id="undo_quality_action",
    summary="Take back what was done about findings",
)
def post_undo(project: str, action: str, application: ApplicationDep, actor: ActorDep) -> ActionOut:
    """Put labels and images back, except where somebody changed something since (``skipped``)."""
    undone, skipped = actions.undo_action(application.database, actor, project, action)
    shown = _render_action(undone)
    return shown.model_copy(update={"skipped": [SkippedOut.model_validate(s) for s in skipped]})


def _render(finding: Finding) -> FindingOut:
    facts = {name: getattr(finding, name) for name in Finding.__dataclass_fields__}
    return FindingOut.model_validate(facts | {"is_fixable": finding.kind in FIXABLE})


def _render_action(action: QualityAction) -> ActionOut:
    return ActionOut(
        id=action.id,
        name=action.name,
        actor=action.actor,
        created_at=action.created_at,
        num_findings=sum(len(change["finding_ids"]) for change in action.changes),
        skipped=[SkippedOut.model_validate(item) for item in action.skipped],
        undone_at=action.undone_at,
        undone_by=action.undone_by,
    )
