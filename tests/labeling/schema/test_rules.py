from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visionloop.admin.entities import Category, Project, TaskType
from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.schema import rules
from visionloop.labeling.schema.checks import check_required, check_values
from visionloop.labeling.schema.entities import (
    Attribute,
    AttributeScope,
    AttributeType,
    LabelClass,
    LabelSchema,
    SchemaChange,
    Skeleton,
)
from visionloop.labeling.schema.errors import (
    AttributeInvalid,
    AttributesMissing,
    ClassesUnmapped,
    SchemaInvalid,
    SchemaStale,
)

NUT, BOLT, GEAR = (LabelClass(n, "#4c6ef5", n[0]) for n in ("nut", "bolt", "gear"))
SCHEMA = LabelSchema("parts", 3, (NUT, BOLT, GEAR))
RUST = Attribute("rust", AttributeType.CHOICE, values=("none", "some"), is_required=True)
SCENE = Attribute("scene", AttributeType.TEXT, AttributeScope.IMAGE, is_required=True)


def _change(**values: Any) -> SchemaChange:
    return SchemaChange(**{"expected_version": 3, "classes": SCHEMA.classes, **values})


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"classes": ()}, "no class"),
        ({"classes": (NUT, NUT)}, "class 'nut' is given twice"),
        ({"classes": (NUT, BOLT, replace(GEAR, hotkey="n"))}, "hotkey 'n' is given twice"),
        ({"classes": (NUT, BOLT, replace(GEAR, color="red"))}, "not like #4c6ef5"),
        ({"classes": (NUT, BOLT, replace(GEAR, parent="cog"))}, "parent 'cog'"),
        (
            {"classes": (NUT, replace(BOLT, parent="gear"), replace(GEAR, parent="bolt"))},
            "among its own ancestors",
        ),
        (
            {"classes": (NUT, BOLT, replace(GEAR, skeleton=Skeleton(("a", "b"), ((0, 2),))))},
            "does not join two of its 2 points",
        ),
        ({"class_moves": {"cog": "nut"}}, "names 'cog'"),
        ({"class_moves": {"nut": "cog"}}, "which is no class"),
        ({"attributes": (replace(RUST, values=()),)}, "no values to choose from"),
        ({"attributes": (replace(RUST, default="much"),)}, "not one of none, some"),
        ({"attributes": (replace(RUST, classes=("cog",)),)}, "names 'cog'"),
        ({"attributes": (RUST, RUST)}, "shape attribute 'rust' is given twice"),
    ],
)
def test_an_unsound_schema_is_refused_with_the_reason(
    values: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(SchemaInvalid, match=complaint):
        rules.check_change(SCHEMA, _change(**values))


def test_a_change_names_its_version_and_the_fate_of_every_class() -> None:
    with pytest.raises(SchemaStale):
        rules.check_change(SCHEMA, _change(expected_version=2))
    with pytest.raises(ClassesUnmapped, match="'gear'"):
        rules.check_change(SCHEMA, _change(classes=(NUT, BOLT)))
    rules.check_change(SCHEMA, _change(classes=(NUT, BOLT), class_moves={"gear": None}))


def test_moves_tell_renaming_from_merging_and_dropping() -> None:
    cog = LabelClass("cog", "#4c6ef5")
    change = _change(
        classes=(NUT, cog), class_moves={"bolt": "nut", "gear": "cog"}, expected_version=3
    )
    facts = [rules.LabelFacts("i1", "bolt", {}), rules.LabelFacts("i1", "gear", {})]
    moves = rules.list_class_moves(SCHEMA, change, facts)
    assert [(m.kind, m.source, m.target, m.num_annotations) for m in moves] == [
        ("merged", "bolt", "nut", 1),
        ("renamed", "gear", "cog", 1),
    ]


@given(
    st.dictionaries(
        st.sampled_from(["rust", "side", "iscrowd"]),
        st.sampled_from(["none", "some", "left"]),
    )
)
@settings(max_examples=40, derandomize=True)
def test_attributes_move_by_name_and_by_value(attributes: dict[str, str]) -> None:
    change = _change(
        attribute_moves={"rust": "corrosion", "side": None},
        value_moves={"corrosion": {"none": "clean", "some": None}},
    )
    moved = rules.move_attributes(change, attributes)
    assert "rust" not in moved
    assert "side" not in moved
    assert moved.get("iscrowd") == attributes.get("iscrowd")
    expected = {"none": "clean", "left": "left"}.get(attributes.get("rust", ""))
    assert moved.get("corrosion") == expected


@pytest.mark.parametrize(
    ("attribute", "good", "bad"),
    [
        (RUST, "some", "much"),
        (Attribute("a", AttributeType.CHOICES, values=("x", "y")), ["x"], ["z"]),
        (Attribute("a", AttributeType.NUMBER, minimum=0, maximum=9), 9, 10),
        (Attribute("a", AttributeType.NUMBER), 0.5, True),
        (Attribute("a", AttributeType.BOOLEAN), False, "no"),
        (Attribute("a", AttributeType.TEXT), "", 3),
    ],
)
def test_values_must_fit_their_type(attribute: Attribute, good: Any, bad: Any) -> None:
    assert rules.find_problem(attribute, good) is None
    assert rules.find_problem(attribute, bad) is not None


def _draft(category: str, **attributes: Any) -> AnnotationDraft:
    return AnnotationDraft(category=category, kind="box", attributes=attributes)


def test_labels_are_checked_against_attributes_and_foreign_facts_stay() -> None:
    schema = replace(SCHEMA, attributes=(replace(RUST, classes=("bolt",)), SCENE))
    check_values(schema, [_draft("bolt", rust="none", iscrowd=1)], {})
    check_values(schema, [_draft("nut", rust="much")], {})  # the attribute is bolts' alone
    with pytest.raises(AttributeInvalid, match="'rust' cannot be 'much'"):
        check_values(schema, [_draft("bolt", rust="much")], {})
    with pytest.raises(AttributesMissing, match=r"rust of label 2 \(bolt\); scene of the image"):
        check_required(schema, [_draft("nut"), _draft("bolt")], {})
    check_required(schema, [_draft("bolt", rust="none")], {"scene": "hall 3"})


def test_classes_that_others_added_join_the_stored_schema() -> None:
    categories = (Category("nut", "#000000", "x"), Category("washer", "#111111"))
    project = Project(
        "parts", TaskType.DETECTION, "", categories, ("dev",), {}, datetime(2026, 1, 1, tzinfo=UTC)
    )
    stored = LabelSchema("parts", 2, (replace(NUT, parent="washer"),))
    merged = rules.merge_schema(stored, project)
    assert [(c.name, c.color, c.parent) for c in merged.classes] == [
        ("nut", "#000000", "washer"),
        ("washer", "#111111", None),
    ]
    assert rules.merge_schema(None, project).version == 1
