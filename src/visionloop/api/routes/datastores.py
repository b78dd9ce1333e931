"""Datastores over REST."""

from __future__ import annotations

from fastapi import APIRouter, status
from pydantic import SecretStr

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.datastores import (
    AuthMethodList,
    AuthMethodOut,
    DatastoreCheckOut,
    DatastoreCreate,
    DatastoreCredentials,
    DatastoreList,
    DatastoreOut,
)
from visionloop.data import datastores
from visionloop.data.connections.credentials import known_options

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["data"])


@router.get(
    "/datastores",
    response_model=DatastoreList,
    operation_id="list_datastores",
    summary="List datastores",
)
def get_datastores(project: str, application: ApplicationDep, actor: ActorDep) -> DatastoreList:
    """List the places that the project reads images from."""
    found = datastores.list_datastores(application.database, actor, project)
    items = [DatastoreOut.model_validate(item) for item in found]
    return DatastoreList(items=items, total=len(items))


@router.post(
    "/datastores",
    response_model=DatastoreOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="create_datastore",
    summary="Register a datastore",
)
def post_datastore(
    project: str, body: DatastoreCreate, application: ApplicationDep, actor: ActorDep
) -> DatastoreOut:
    """Register a folder, an object store or a list on the web; the same again changes nothing."""
    request = datastores.DatastoreRequest(
        name=body.name,
        url=body.url,
        auth=body.auth,
        options=body.options,
        credentials=_revealed(body.credentials),
        allow_private=body.allow_private,
    )
    created = datastores.register(application.database, actor, project, request)
    return DatastoreOut.model_validate(created)


@router.get(
    "/datastore-methods",
    response_model=AuthMethodList,
    operation_id="list_datastore_methods",
    summary="List the ways to sign in to a store",
)
def get_methods(project: str, actor: ActorDep) -> AuthMethodList:
    """List what each kind of store needs, for forms."""
    known = datastores.list_methods(actor, project)
    items = [
        AuthMethodOut(
            kind=kind,
            auth=auth,
            summary=method.summary,
            secrets=list(method.secrets),
            optional_secrets=list(method.optional),
            options=list(known_options(kind, auth)),
        )
        for kind, methods in known.items()
        for auth, method in methods.items()
    ]
    return AuthMethodList(items=items)


@router.get(
    "/datastores/{name}",
    response_model=DatastoreOut,
    operation_id="get_datastore",
    summary="Show a datastore",
)
def get_datastore(
    project: str, name: str, application: ApplicationDep, actor: ActorDep
) -> DatastoreOut:
    """Return one datastore; its credentials are never shown."""
    found = datastores.get_datastore(application.database, actor, project, name)
    return DatastoreOut.model_validate(found)


@router.delete(
    "/datastores/{name}",
    status_code=status.HTTP_204_NO_CONTENT,
    operation_id="remove_datastore",
    summary="Remove a datastore",
)
def delete_datastore(project: str, name: str, application: ApplicationDep, actor: ActorDep) -> None:
    """Forget a datastore that no image is read from; its files stay where they are."""
    datastores.remove_datastore(application.database, actor, project, name)


@router.put(
    "/datastores/{name}/credentials",
    response_model=DatastoreOut,
    operation_id="rotate_datastore_credentials",
    summary="Replace the credentials of a datastore",
)
def put_credentials(
    project: str,
    name: str,
    body: DatastoreCredentials,
    application: ApplicationDep,
    actor: ActorDep,
) -> DatastoreOut:
    """Store new credentials, sealed; those before are forgotten."""
    changed = datastores.rotate_credentials(
        application.database, actor, project, name, _revealed(body.credentials)
    )
    return DatastoreOut.model_validate(changed)


@router.post(
    "/datastores/{name}/test",
    response_model=DatastoreCheckOut,
    operation_id="test_datastore",
    summary="Test a datastore",
)
def post_datastore_test(
    project: str, name: str, application: ApplicationDep, actor: ActorDep
) -> DatastoreCheckOut:
    """List some files, read one, and say what was found or what is wrong."""
    check = datastores.test_datastore(application.database, actor, project, name)
    return DatastoreCheckOut.model_validate(check)


def _revealed(credentials: dict[str, SecretStr]) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in credentials.items()}
