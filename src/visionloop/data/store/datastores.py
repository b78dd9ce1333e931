"""SQL for datastores and their credentials."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from visionloop.data.entities import Datastore
from visionloop.data.store.tables import datastore_credentials, datastores, images, ingest_files
from visionloop.storage.database import Transaction

_OWN: Final = datastores.join(
    datastore_credentials,
    (datastore_credentials.c.project == datastores.c.project)
    & (datastore_credentials.c.datastore == datastores.c.name),
    isouter=True,
)
# The sealed credentials are left out: what lists never load, they can never show.
_SHOWN: Final = (
    *datastores.c,
    datastore_credentials.c.rotated_at,
    datastore_credentials.c.rotated_by,
)


def insert_datastore(tx: Transaction, datastore: Datastore) -> None:
    """Insert a datastore without credentials."""
    values = {column.name: getattr(datastore, column.name) for column in datastores.c}
    tx.execute(datastores.insert().values(**values | {"options": dict(datastore.options)}))


def list_datastores(tx: Transaction, project: str) -> list[Datastore]:
    """Return the datastores of a project by name."""
    query = (
        sa.select(*_SHOWN)
        .select_from(_OWN)
        .where(datastores.c.project == project)
        .order_by(datastores.c.name)
    )
    return [Datastore(**row) for row in tx.execute(query).mappings()]


def find_credentials(tx: Transaction, project: str, name: str) -> str | None:
    """Return the sealed credentials of a datastore."""
    table = datastore_credentials
    own = (table.c.project == project) & (table.c.datastore == name)
    sealed: str | None = tx.execute(sa.select(table.c.sealed).where(own)).scalar_one_or_none()
    return sealed


def replace_credentials(
    tx: Transaction, project: str, name: str, *, sealed: str, at: datetime, by: str
) -> None:
    """Keep credentials in the place of those before."""
    table = datastore_credentials
    tx.execute(table.delete().where(table.c.project == project, table.c.datastore == name))
    values = {"project": project, "datastore": name, "sealed": sealed}
    tx.execute(table.insert().values(**values, rotated_at=at, rotated_by=by))


def count_references(tx: Transaction, project: str, name: str) -> int:
    """Count the images that are read from a datastore in place."""
    prefix = f"datastore://{name}/"
    query = (
        sa.select(sa.func.count())
        .select_from(images)
        .where(images.c.project == project, images.c.datastore == name)
        .where(images.c.uri.startswith(prefix, autoescape=True))
    )
    return int(tx.execute(query).scalar_one())


def delete_datastore(tx: Transaction, project: str, name: str) -> None:
    """Delete a datastore with its credentials and the memory of what was ingested from it."""
    for table, column in (
        (datastore_credentials, datastore_credentials.c.datastore),
        (ingest_files, ingest_files.c.datastore),
        (datastores, datastores.c.name),
    ):
        tx.execute(table.delete().where(table.c.project == project, column == name))
