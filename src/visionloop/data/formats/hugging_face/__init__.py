"""Hugging Face: imagefolder with metadata, and Parquet files with the images inside."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from visionloop.data.formats.hugging_face import imagefolder, parquet
from visionloop.data.formats.ports import AnnotationFormat
from visionloop.data.formats.records import RECORDS_HOLD

IMAGEFOLDER: Final = AnnotationFormat(
    name="hf_imagefolder",
    title="Hugging Face imagefolder",
    holds=RECORDS_HOLD,
    detect=imagefolder.detect,
    read=imagefolder.read,
    write=imagefolder.write,
)
PARQUET: Final = AnnotationFormat(
    name="hf_parquet",
    title="Parquet (Hugging Face)",
    holds=replace(
        RECORDS_HOLD,
        unused_categories=True,
        category_ids=True,
        supercategories=True,
        skeletons=True,
    ),
    detect=parquet.detect,
    read=parquet.read,
    write=parquet.write,
)
