"""Write CVAT's XML image by image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from visionloop.data.formats import masks
from visionloop.data.formats.entities import CROWD, Label, LabelCategory, LabeledImage, LabelSet
from visionloop.data.formats.errors import ExportInvalid
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.shapes import bounds, unrotated
from visionloop.data.formats.target import ExportTarget
from visionloop.data.formats.xml_text import number_text


def write(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write ``annotations.xml`` and, where wanted, ``images/``."""
    with target.open_text("annotations.xml") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n')
        file.write("  <version>1.1</version>\n")
        file.writelines(_meta(labels.categories, survey))
        for number, image in enumerate(labels):
            target.add_image(f"images/{image.name}", image)
            file.writelines(_image(image, number))
        file.write("</annotations>\n")


def _meta(categories: Sequence[LabelCategory], survey: Survey) -> Iterator[str]:
    yield "  <meta><job><labels>\n"
    for category in categories:
        yield f"    <label><name>{escape(category.name)}</name><attributes>"
        names = sorted(survey.attribute_users.get(category.name, ()))
        if survey.facts["crowd"]:
            names.append(CROWD)
        for name in names:
            kind = "number" if name == CROWD else _input_type(survey.attribute_types[name])
            yield (
                f"<attribute><name>{escape(name)}</name><mutable>False</mutable>"
                f"<input_type>{kind}</input_type><default_value></default_value>"
                "<values></values></attribute>"
            )
        yield "</attributes></label>\n"
    yield "  </labels></job></meta>\n"


def _input_type(types: Iterable[str]) -> str:
    kinds = set(types)
    if kinds == {"bool"}:
        return "checkbox"
    return "number" if kinds <= {"int", "float"} else "text"


def _image(image: LabeledImage, number: int) -> Iterator[str]:
    facts: dict[str, Any] = {"id": number, "name": image.name}
    if image.split:
        facts["subset"] = image.split
    if image.width and image.height:
        facts |= {"width": image.width, "height": image.height}
    yield f"  <image{_attributes(facts)}>\n"
    group = 0
    for label in image.annotations:
        parts = list(_shapes(label, image))
        group += len(parts) > 1
        for i, (tag, values, inner) in enumerate(parts):
            own = {"label": label.category, **values}
            if len(parts) > 1:
                own["group_id"] = group
            inside = inner + ("" if i else _label_attributes(label))
            ending = f">{inside}</{tag}>" if inside else "/>"
            yield f"    <{tag}{_attributes(own)}{ending}\n"
    yield "  </image>\n"


def _shapes(label: Label, image: LabeledImage) -> Iterator[tuple[str, dict[str, Any], str]]:
    facts: dict[str, Any] = {"source": "auto" if label.source == "model" else "manual"}
    drawn = {**facts, "occluded": 0, "z_order": 0}
    lines = label.segmentation if isinstance(label.segmentation, list) else []
    if label.kind == "class":
        yield "tag", facts, ""
    elif label.kind in ("polygon", "polyline"):
        for line in lines:
            yield label.kind, drawn | {"points": _points(line)}, ""
    elif label.kind == "keypoints":
        yield "skeleton", facts | {"z_order": 0} | _box_fact(label), _joints(label)
    elif label.kind == "mask":
        yield "mask", drawn | _mask(label, image), ""
    else:
        box, degrees = unrotated(lines[0]) if lines else (bounds(label), 0.0)
        if box is not None:
            sides = dict(zip(("xtl", "ytl", "xbr", "ybr"), map(number_text, box), strict=True))
            turn = {"rotation": number_text(degrees), "kind": "rotated_box"} if lines else {}
            yield "box", drawn | sides | turn, ""


def _box_fact(label: Label) -> dict[str, str]:
    return {} if label.bbox is None else {"bbox": ",".join(map(number_text, label.bbox))}


def _joints(label: Label) -> str:
    joints = []
    for i, (x, y, seen) in enumerate(label.keypoints or (), start=1):
        facts = {
            "label": i,
            "outside": int(seen == 0),
            "occluded": int(seen == 1),
            "points": f"{number_text(x)},{number_text(y)}",
        }
        joints.append(f"<points{_attributes(facts)}/>")
    return "".join(joints)


def _mask(label: Label, image: LabeledImage) -> dict[str, Any]:
    """Cut the mask to its box and write its runs row by row."""
    rle = label.segmentation
    box = masks.bounds(rle) if isinstance(rle, dict) else None
    if not isinstance(rle, dict) or box is None:
        raise ExportInvalid(f"a mask of {image.name} is empty")
    left, top, right, bottom = (int(value) for value in box)
    part = np.ascontiguousarray(masks.decode(rle)[top:bottom, left:right])
    counts = masks.runs(part.reshape(-1))
    return {
        "rle": ", ".join(map(str, counts)),
        "left": left,
        "top": top,
        "width": right - left,
        "height": bottom - top,
    }


def _label_attributes(label: Label) -> str:
    return "".join(
        f"<attribute name={quoteattr(name)}>{escape(_text(value))}</attribute>"
        for name, value in label.attributes.items()
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _points(line: Sequence[float]) -> str:
    pairs = zip(line[::2], line[1::2], strict=True)
    return ";".join(f"{number_text(x)},{number_text(y)}" for x, y in pairs)


def _attributes(facts: Mapping[str, Any]) -> str:
    return "".join(f" {name}={quoteattr(str(value))}" for name, value in facts.items())
