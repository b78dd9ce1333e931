"""MLflow's registered model, model version and alias calls."""

from __future__ import annotations

from typing import Any

from visionloop.api.mlflow.messages import ARTIFACTS, model_message, source_of, version_message
from visionloop.api.mlflow.protocol import Call, CallDep, FieldInvalid, mlflow_router, paged
from visionloop.registry import aliases, catalog, versions
from visionloop.registry.entities import CatalogEntry, RegisteredModel
from visionloop.registry.errors import AliasNotFound
from visionloop.training.tracking.logged_models import get_logged_model
from visionloop.training.tracking.search import matches, parse_filter, parse_orderings, sort_records
from visionloop.training.tracking.views import milliseconds

router = mlflow_router("/api/2.0/mlflow")


@router.post("/registered-models/create")
def create_model(call: CallDep) -> dict[str, Any]:
    """Reserve a name for versions to come."""
    model = catalog.create_model(
        *call.where,
        name=call.fields.text("name"),
        description=call.fields.optional("description") or "",
        tags=call.fields.pairs("tags"),
    )
    return {"registered_model": model_message(model, [])}


@router.get("/registered-models/get")
def get_model(call: CallDep) -> dict[str, Any]:
    """Return a model."""
    return {"registered_model": _model(call, call.fields.text("name"))}


@router.get("/registered-models/search")
def search_models(call: CallDep) -> dict[str, Any]:
    """Return a page of the models that meet a filter."""
    limit, offset = call.page(default=100)
    conditions = parse_filter(call.fields.optional("filter"))
    found = [
        model
        for model in versions.list_models(*call.where)
        if matches(_view_model(model), conditions)
    ]
    entries = catalog.list_entries(*call.where)
    ordered = sort_records(found, parse_orderings(call.fields.texts("order_by")), _view_model)
    messages = [
        model_message(model, [entry for entry in entries if entry.model == model.name])
        for model in ordered
    ]
    return paged("registered_models", messages, limit, offset)


@router.patch("/registered-models/update")
def update_model(call: CallDep) -> dict[str, Any]:
    """Describe a model."""
    name = call.fields.text("name")
    told = call.fields.optional("description") or ""
    versions.describe_model(*call.where, name, description=told)
    return {"registered_model": _model(call, name)}


@router.delete("/registered-models/delete")
def delete_model(call: CallDep) -> dict[str, Any]:
    """Delete a model that has no signed version."""
    catalog.delete_model(*call.where, call.fields.text("name"))
    return {}


@router.post("/registered-models/get-latest-versions")
@router.get("/registered-models/get-latest-versions")
def get_latest(call: CallDep) -> dict[str, Any]:
    """Return the newest version of a model."""
    entries = catalog.list_entries(*call.where, model=call.fields.text("name"))
    newest = sorted(entries, key=lambda entry: entry.version)[-1:]
    return {"model_versions": [version_message(entry) for entry in newest]}


@router.post("/registered-models/set-tag")
def set_model_tag(call: CallDep) -> dict[str, Any]:
    """Set a tag of a model."""
    tags = {call.fields.text("key"): call.fields.optional("value") or ""}
    catalog.tag_model(*call.where, model=call.fields.text("name"), tags=tags)
    return {}


@router.delete("/registered-models/delete-tag")
def delete_model_tag(call: CallDep) -> dict[str, Any]:
    """Take a tag of a model away."""
    tags = {call.fields.text("key"): None}
    catalog.tag_model(*call.where, model=call.fields.text("name"), tags=tags)
    return {}


@router.post("/registered-models/alias")
def set_alias(call: CallDep) -> dict[str, Any]:
    """Point an alias to a version."""
    aliases.point_alias(
        *call.where,
        model=call.fields.text("name"),
        alias=call.fields.text("alias"),
        version=_number(call),
    )
    return {}


@router.delete("/registered-models/alias")
def delete_alias(call: CallDep) -> dict[str, Any]:
    """Take an alias away; doing it twice is doing it once."""
    model, alias = call.fields.text("name"), call.fields.text("alias")
    try:
        aliases.delete_alias(*call.where, model=model, alias=alias)
    except AliasNotFound:
        return {}
    return {}


@router.get("/registered-models/alias")
def get_by_alias(call: CallDep) -> dict[str, Any]:
    """Return the version under an alias."""
    model, alias = call.fields.text("name"), call.fields.text("alias")
    for entry in catalog.list_entries(*call.where, model=model):
        if alias in entry.aliases:
            return {"model_version": version_message(entry)}
    raise AliasNotFound(model, alias)


@router.post("/model-versions/create")
def create_version(call: CallDep) -> dict[str, Any]:
    """Register files that outside code logged."""
    fields = call.fields
    entry = catalog.register_external(
        *call.where,
        model=fields.text("name"),
        source=_source(call),
        run_id=fields.optional("run_id"),
        description=fields.optional("description") or "",
        tags=fields.pairs("tags"),
    )
    return {"model_version": version_message(entry)}


@router.get("/model-versions/get")
def get_version(call: CallDep) -> dict[str, Any]:
    """Return a version."""
    return {"model_version": version_message(_entry(call))}


@router.get("/model-versions/get-download-uri")
def get_download_uri(call: CallDep) -> dict[str, Any]:
    """Tell where the files of a version are read."""
    return {"artifact_uri": source_of(_entry(call))}


@router.get("/model-versions/search")
def search_versions(call: CallDep) -> dict[str, Any]:
    """Return a page of the versions that meet a filter."""
    limit, offset = call.page(default=200_000 // 20)
    conditions = parse_filter(call.fields.optional("filter"))
    found = [
        entry
        for entry in catalog.list_entries(*call.where)
        if matches(_view_entry(entry), conditions)
    ]
    orderings = parse_orderings(call.fields.texts("order_by"))
    ordered = sort_records(found, orderings, _view_entry)
    return paged("model_versions", [version_message(item) for item in ordered], limit, offset)


@router.patch("/model-versions/update")
def update_version(call: CallDep) -> dict[str, Any]:
    """Describe a version."""
    told = call.fields.optional("description") or ""
    return {"model_version": version_message(_annotate(call, description=told))}


@router.delete("/model-versions/delete")
def delete_version(call: CallDep) -> dict[str, Any]:
    """Delete a version that outside code registered."""
    model, version = call.fields.text("name"), _number(call)
    catalog.delete_entry(*call.where, model=model, version=version)
    return {}


@router.post("/model-versions/set-tag")
def set_version_tag(call: CallDep) -> dict[str, Any]:
    """Set a tag of a version."""
    _annotate(call, tags={call.fields.text("key"): call.fields.optional("value") or ""})
    return {}


@router.delete("/model-versions/delete-tag")
def delete_version_tag(call: CallDep) -> dict[str, Any]:
    """Take a tag of a version away."""
    _annotate(call, tags={call.fields.text("key"): None})
    return {}


def _annotate(call: Call, **changes: Any) -> CatalogEntry:
    model, version = call.fields.text("name"), _number(call)
    return catalog.annotate_entry(*call.where, model=model, version=version, **changes)


def _entry(call: Call) -> CatalogEntry:
    return catalog.get_entry(*call.where, model=call.fields.text("name"), version=_number(call))


def _model(call: Call, name: str) -> dict[str, Any]:
    model = versions.get_model(*call.where, name)
    return model_message(model, catalog.list_entries(*call.where, model=name))


def _number(call: Call) -> int:
    text = call.fields.text("version")
    if not text.isdecimal():
        raise FieldInvalid("version", f"must be a number; received {text!r}")
    return int(text)


def _source(call: Call) -> str:
    source = call.fields.text("source")
    if model_id := call.fields.optional("model_id"):
        get_logged_model(*call.where, model_id)
        return f"{ARTIFACTS}models/{model_id}"
    if source.startswith("models:/m"):
        return f"{ARTIFACTS}models/{source.removeprefix('models:/')}"
    if not source.startswith(ARTIFACTS):
        raise FieldInvalid(
            "source",
            f"must be files that were logged here ({ARTIFACTS}...), so that nobody has to fetch "
            f"them from elsewhere; received {source!r}",
        )
    return source


def _view_model(model: RegisteredModel) -> dict[str, Any]:
    created = milliseconds(model.created_at)
    facts = {"name": model.name, "creation_timestamp": created, "timestamp": created}
    return {"tags": model.tags, "attributes": facts | {"last_updated_timestamp": created}}


def _view_entry(entry: CatalogEntry) -> dict[str, Any]:
    facts = {
        "name": entry.model,
        "version_number": entry.version,
        "run_id": entry.run_id,
        "source_path": source_of(entry),
        "creation_timestamp": milliseconds(entry.created_at),
        "last_updated_timestamp": milliseconds(entry.changed_at),
    }
    return {"tags": entry.tags, "attributes": facts}
