"""Registered models, versions, aliases, lineage and packages over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from fastapi.responses import StreamingResponse

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.registry import (
    AliasSet,
    LineageOut,
    ModelComparisonOut,
    ModelDescribe,
    ModelRegister,
    ModelVersionDetailOut,
    ModelVersionList,
    ModelVersionOut,
    PackageVerificationOut,
    PublicKeyOut,
    RegisteredModelList,
    RegisteredModelOut,
)
from visionloop.registry import aliases, versions
from visionloop.registry.archives import stream_archive
from visionloop.registry.entities import LineageNode
from visionloop.registry.lineage import trace_lineage
from visionloop.registry.signing import load_public_key
from visionloop.serving.endpoints import list_endpoints

router = APIRouter(prefix="/api/v1", tags=["registry"])

_MODEL = "/projects/{project}/models/{model}"
_VERSION = _MODEL + "/versions/{version}"


@router.get(
    "/registry/public-key",
    response_model=PublicKeyOut,
    operation_id="get_registry_public_key",
    summary="Show the key that checks package signatures",
)
def get_public_key(application: ApplicationDep, _actor: ActorDep) -> PublicKeyOut:
    """Return the public half of the signing key; the private half never leaves the server."""
    return PublicKeyOut.model_validate(load_public_key(application.home))


@router.get(
    "/projects/{project}/models",
    response_model=RegisteredModelList,
    operation_id="list_models",
    summary="List models",
)
def get_models(project: str, application: ApplicationDep, actor: ActorDep) -> RegisteredModelList:
    """Return the models of a project with their aliases."""
    found = versions.list_models(application.database, actor, project)
    items = [RegisteredModelOut.model_validate(item) for item in found]
    return RegisteredModelList(items=items, total=len(items))


@router.get(
    "/projects/{project}/model-versions",
    response_model=ModelVersionList,
    operation_id="list_all_model_versions",
    summary="List the versions of all models",
)
def get_all_versions(
    project: str, application: ApplicationDep, actor: ActorDep
) -> ModelVersionList:
    """Return every version of the project, newest first."""
    found = versions.list_versions(application.database, actor, project)
    items = [ModelVersionOut.model_validate(item) for item in found]
    return ModelVersionList(items=items, total=len(items))


@router.get(
    _MODEL, response_model=RegisteredModelOut, operation_id="get_model", summary="Show a model"
)
def get_model(
    project: str, model: str, application: ApplicationDep, actor: ActorDep
) -> RegisteredModelOut:
    """Return one model."""
    found = versions.get_model(application.database, actor, project, model)
    return RegisteredModelOut.model_validate(found)


@router.patch(
    _MODEL,
    response_model=RegisteredModelOut,
    operation_id="describe_model",
    summary="Describe a model",
)
def patch_model(
    project: str, model: str, body: ModelDescribe, application: ApplicationDep, actor: ActorDep
) -> RegisteredModelOut:
    """Say what a model is for."""
    changed = versions.describe_model(
        application.database, actor, project, model, description=body.description
    )
    return RegisteredModelOut.model_validate(changed)


@router.get(
    _MODEL + "/versions",
    response_model=ModelVersionList,
    operation_id="list_model_versions",
    summary="List the versions of a model",
)
def get_versions(
    project: str, model: str, application: ApplicationDep, actor: ActorDep
) -> ModelVersionList:
    """Return the versions of a model, newest first."""
    found = versions.list_versions(application.database, actor, project, model=model)
    items = [ModelVersionOut.model_validate(item) for item in found]
    return ModelVersionList(items=items, total=len(items))


@router.post(
    _MODEL + "/versions",
    response_model=ModelVersionOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="register_model_version",
    summary="Register the model of a run",
)
def post_version(
    project: str, model: str, body: ModelRegister, application: ApplicationDep, actor: ActorDep
) -> ModelVersionOut:
    """Pack, check, sign and record a model; the same content again gives the same version."""
    registered = versions.register_run(
        application.database,
        application.home,
        actor,
        project,
        name=model,
        run_id=body.run_id,
        notes=body.notes,
    )
    return ModelVersionOut.model_validate(registered)


@router.get(
    _MODEL + "/compare",
    response_model=ModelComparisonOut,
    operation_id="compare_model_versions",
    summary="Compare versions of a model",
)
def get_comparison(
    project: str,
    model: str,
    chosen: Annotated[list[str], Query(alias="version", min_length=2, max_length=10)],
    application: ApplicationDep,
    actor: ActorDep,
) -> ModelComparisonOut:
    """Put versions side by side: metrics, and the facts in which they differ."""
    found = versions.compare_versions(
        application.database, actor, project, model=model, versions=chosen
    )
    return ModelComparisonOut.model_validate(found)


@router.get(
    _VERSION,
    response_model=ModelVersionDetailOut,
    operation_id="get_model_version",
    summary="Show a model version",
)
def get_version(
    project: str, model: str, version: str, application: ApplicationDep, actor: ActorDep
) -> ModelVersionDetailOut:
    """Return a version by number, alias or "latest", with its card and manifest."""
    found = versions.get_version(application.database, actor, project, model=model, version=version)
    package = versions.open_package(application.home, found)
    return ModelVersionDetailOut(
        version=ModelVersionOut.model_validate(found),
        model_card=versions.read_model_card(application.home, found),
        preprocessing=dict(package.preprocessing),
        thresholds=dict(package.thresholds),
        code_version=package.code_version,
        files=dict(package.files),
    )


@router.get(
    _VERSION + "/package",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "The whole package"}},
    operation_id="download_model_package",
    summary="Download a package",
)
def get_package(
    project: str, model: str, version: str, application: ApplicationDep, actor: ActorDep
) -> StreamingResponse:
    """Stream the package as a zip file: model, checkpoint, evidence, card and signature."""
    found = versions.get_version(application.database, actor, project, model=model, version=version)
    package = versions.open_package(application.home, found)
    name = f"{found.model}-{found.version}.zip"
    return StreamingResponse(
        stream_archive(package.folder),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post(
    _VERSION + "/verify",
    response_model=PackageVerificationOut,
    operation_id="verify_model_version",
    summary="Verify a package",
)
def post_verify(
    project: str, model: str, version: str, application: ApplicationDep, actor: ActorDep
) -> PackageVerificationOut:
    """Read every byte again and check the signature."""
    verified = versions.verify_version(
        application.database, application.home, actor, project, model=model, version=version
    )
    return PackageVerificationOut.model_validate(verified)


@router.get(
    _VERSION + "/lineage",
    response_model=LineageOut,
    operation_id="get_model_lineage",
    summary="Trace where a version came from and where it serves",
)
def get_lineage(
    project: str, model: str, version: str, application: ApplicationDep, actor: ActorDep
) -> LineageOut:
    """Return dataset versions, runs, evaluations, the version and its deployments."""

    def find_deployments(digest: str, /) -> list[LineageNode]:
        return [
            LineageNode(
                kind="deployment",
                id=f"{endpoint.name}/{deployment.name}",
                name=f"{endpoint.name}/{deployment.name}",
                created_by=deployment.created_by,
                created_at=deployment.created_at,
                facts={"workspace": endpoint.workspace, "weight": f"{deployment.weight} %"},
            )
            for endpoint in list_endpoints(application.database, actor, project)
            for deployment in endpoint.deployments
            if deployment.model_digest == digest
        ]

    found = trace_lineage(
        application.database,
        actor,
        project,
        model=model,
        version=version,
        find_deployments=find_deployments,
    )
    return LineageOut.model_validate(found)


@router.put(
    _MODEL + "/aliases/{alias}",
    response_model=ModelVersionOut,
    operation_id="set_model_alias",
    summary="Point an alias to a version",
)
def put_alias(
    project: str,
    model: str,
    alias: str,
    body: AliasSet,
    *,
    application: ApplicationDep,
    actor: ActorDep,
) -> ModelVersionOut:
    """Set or move an alias; 'champion' takes the right to deploy to production."""
    chosen = aliases.set_alias(
        application.database, actor, project, model=model, alias=alias, version=body.version
    )
    return ModelVersionOut.model_validate(chosen)


@router.delete(
    _MODEL + "/aliases/{alias}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    operation_id="delete_model_alias",
    summary="Take an alias away",
)
def delete_alias(
    project: str, model: str, alias: str, application: ApplicationDep, actor: ActorDep
) -> Response:
    """Delete an alias; the version stays."""
    aliases.delete_alias(application.database, actor, project, model=model, alias=alias)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
