"""From the rows of a dataset version to examples that a model can be judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from visionloop.admin.entities import Actor
from visionloop.data.entities import ManifestRow
from visionloop.data.versions import read_manifest
from visionloop.evaluation.entities import Example
from visionloop.evaluation.slices import slice_attributes
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
