"""Tables of the data estate."""

from __future__ import annotations

import sqlalchemy as sa

from visionloop.storage.database import Json, UtcDateTime, metadata

datastores = sa.Table(
    "datastores",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("name", sa.String(63), primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False, server_default="folder"),
    sa.Column("auth", sa.String(40), nullable=False, server_default="none"),
    sa.Column("options", Json, nullable=False, server_default="{}"),
    sa.Column("allow_private", sa.Boolean, nullable=False, server_default=sa.false()),
)

datastore_credentials = sa.Table(
    "datastore_credentials",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("datastore", sa.String(63), primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("rotated_at", UtcDateTime, nullable=False),
    sa.Column("rotated_by", sa.String(63), nullable=False),
)

images = sa.Table(
    "images",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("datastore", sa.String(63)),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("mode", sa.String(20), nullable=False),
    sa.Column("format", sa.String(20), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("camera", sa.String(200)),
    sa.Column("exif", Json, nullable=False),
    sa.Column("statistics", Json),
    sa.Column("dhash", sa.String(16), nullable=False),
    sa.Column("group_key", sa.String(200)),
    sa.Column("origin", sa.String(20), nullable=False),
    sa.Column("metadata", Json, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_images_project_created_at", "project", "created_at", "id"),
    sa.Index("ix_images_project_name", "project", "name", "id"),
    sa.Index("ix_images_project_camera", "project", "camera"),
    sa.Index("ix_images_project_group_key", "project", "group_key"),
)

annotation_sets = sa.Table(
    "annotation_sets",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("image_id", sa.String(64), primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("labels", Json, nullable=False),
    sa.Column("num_annotations", sa.Integer, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("updated_by", sa.String(200), nullable=False),
    sa.Column("attributes", Json, nullable=False, server_default="{}"),
    sa.Index("ix_annotation_sets_project_status", "project", "status"),
)

labels = sa.Table(
    "annotations",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("image_id", sa.String(64), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("category", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("bbox", Json),
    sa.Column("segmentation", Json),
    sa.Column("attributes", Json, nullable=False),
    sa.Column("score", sa.Float),
    sa.Column("source", sa.String(20), nullable=False),
    sa.Column("author", sa.String(200), nullable=False),
    sa.Column("reviewed_by", sa.String(63)),
    sa.Column("keypoints", Json),
    sa.Column("external_id", sa.String(200)),
    sa.Index("ix_annotations_project_image_id", "project", "image_id", "position"),
    sa.Index("ix_annotations_project_category", "project", "category", "image_id"),
)

ingest_files = sa.Table(
    "ingest_files",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("datastore", sa.String(63), primary_key=True),
    sa.Column("path", sa.String(1000), primary_key=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("modified", sa.String(40), nullable=False),
    sa.Column("image_id", sa.String(64), nullable=False),
)

ingest_refusals = sa.Table(
    "ingest_refusals",
    metadata,
    sa.Column("ingest_id", sa.String(40), primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("mark", sa.String(80), nullable=False),
)

watches = sa.Table(
    "watches",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("name", sa.String(63), primary_key=True),
    sa.Column("datastore", sa.String(63), nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("every_s", sa.Integer, nullable=False),
    sa.Column("ascending", sa.Boolean, nullable=False),
    sa.Column("ingest", Json, nullable=False),
    sa.Column("queue", sa.String(63)),
    sa.Column("is_paused", sa.Boolean, nullable=False),
    sa.Column("token_sha256", sa.String(64), nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("cursor", sa.Text),
    sa.Column("swept_at", UtcDateTime),
    sa.Column("job_id", sa.String(40)),
    sa.Column("checked_at", UtcDateTime),
    sa.Column("problem", sa.Text),
    sa.Column("found", Json, nullable=False),
)

thumbnails = sa.Table(
    "thumbnails",
    metadata,
    sa.Column("image_id", sa.String(64), primary_key=True),
    sa.Column("size", sa.Integer, primary_key=True),
    sa.Column("blob", sa.String(64), nullable=False),
)

dataset_versions = sa.Table(
    "dataset_versions",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("name", sa.String(63), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, index=True),
    sa.Column("manifest", sa.String(64), nullable=False),
    sa.Column("task", sa.String(40), nullable=False),
    sa.Column("classes", Json, nullable=False),
    sa.Column("num_images", sa.Integer, nullable=False),
    sa.Column("num_annotations", sa.Integer, nullable=False),
    sa.Column("splits", Json, nullable=False),
    sa.Column("class_counts", Json, nullable=False),
    sa.Column("parent_id", sa.String(40)),
    sa.Column("filters", Json, nullable=False),
    sa.Column("fractions", Json, nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("warnings", Json, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("group_by", Json, nullable=False, server_default="[]"),
    sa.UniqueConstraint("project", "name", "version"),
)

dataset_version_uses = sa.Table(
    "dataset_version_uses",
    metadata,
    sa.Column("version_id", sa.ForeignKey("dataset_versions.id"), primary_key=True),
    sa.Column("user_kind", sa.String(40), primary_key=True),
    sa.Column("user_id", sa.String(100), primary_key=True),
)

dataset_version_tags = sa.Table(
    "dataset_version_tags",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("name", sa.String(63), primary_key=True),
    sa.Column("tag", sa.String(63), primary_key=True),
    sa.Column("version_id", sa.ForeignKey("dataset_versions.id"), nullable=False, index=True),
    sa.Column("set_by", sa.String(63), nullable=False),
    sa.Column("set_at", UtcDateTime, nullable=False),
)
