"""Hugging Face: imagefolder with metadata, and Parquet files with the images inside."""

from __future__ import annotations

from typing import Final

from visionloop.data.formats.entities import ALL_KINDS, Holds
from visionloop.data.formats.hugging_face import imagefolder, parquet
from visionloop.data.formats.ports import AnnotationFormat

IMAGEFOLDER: Final = AnnotationFormat(
    name="hf_imagefolder",
    title="Hugging Face imagefolder",
    holds=Holds(
        kinds=ALL_KINDS,
        multi_part=True,
        keypoints_beside=True,
        uneven_keypoints=True,
        skewed_boxes=True,
        crowd=True,
        attributes=None,
        nested_attributes=True,
        image_attributes=True,
        scores=True,
        authors=True,
        external_ids=True,
        image_ids=True,
        unused_categories=False,
        several_classes=True,
        classes_beside_shapes=True,
    ),
    detect=imagefolder.detect,
    read=imagefolder.read,
    write=imagefolder.write,
)
PARQUET: Final = AnnotationFormat(
    name="hf_parquet",
    title="Parquet (Hugging Face)",
    holds=Holds(
        kinds=ALL_KINDS,
        multi_part=True,
        keypoints_beside=True,
        uneven_keypoints=True,
        skewed_boxes=True,
        crowd=True,
        attributes=None,
        nested_attributes=True,
        image_attributes=True,
        scores=True,
        authors=True,
        external_ids=True,
        image_ids=True,
        category_ids=True,
        supercategories=True,
        skeletons=True,
        several_classes=True,
        classes_beside_shapes=True,
    ),
    detect=parquet.detect,
    read=parquet.read,
    write=parquet.write,
)
