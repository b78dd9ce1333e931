"""The language of filters: what it means, how it fails, and that it reads what it writes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.filter_strategies import filters
from visionloop.data.entities import Annotation
from visionloop.data.query.errors import FilterInvalid, SortInvalid
from visionloop.data.query.facts import Facts, matches
from visionloop.data.query.fields import FIELDS, LABEL_FIELDS
from visionloop.data.query.orders import Order, Place, parse_order, read_cursor, write_cursor
from visionloop.data.query.parsing import parse_filter, parse_filters
from visionloop.data.query.times import parse_period
from visionloop.data.query.trees import EVERYTHING, And, Comparison, Filter, LabelCount, Not, Or
from visionloop.data.query.writing import write_filter


def label(category: str, **values: object) -> Annotation:
    return Annotation("a", "abc", category, "box", **values)  # type: ignore[arg-type]


SUBJECT = Facts(
    texts={
        "id": "abc",
        "name": "line 3/IMG_0001.jpg",
        "uri": "datastore://cam/line 3/IMG_0001.jpg",
        "origin": "production",
        "status": "active",
        "camera": "Canon EOS 550D",
        "group": None,
    },
    numbers={
        "width": 640,
        "luminance_mean": 35.5,
        "entropy": None,
        "captured": parse_period("2026-11-30T08:30").start,  # type: ignore[union-attr]
    },
    keyed={
        "exif": {"Model": "Canon EOS 550D", "ISO": 100},
        "metadata": {"line": 3, "shift": "night", "speed": 0.5},
        "score": {"quality": 0.25},
    },
    labels=(label("bolt", score=0.4, source="model", author="m:1"), label("nut", author="anna")),
    tags=frozenset({"blurry", "to check"}),
)

DECIDED = {
    "exif.Model=Canon EOS 550D": True,
    "exif.Model=iPhone 7": False,
    "exif.Model!=iPhone 7": True,
    "exif.ISO=100": True,
    "exif.ISO = 100.0": True,
    "exif.ISO >= 100": True,
    "exif.Model < 5": False,
    "exif.Serial=1": False,
    "exif.Serial!=1": True,
    "camera=Canon EOS 550D and width >= 640": True,
    "camera in (iPhone 7, Canon EOS 550D)": True,
    "camera = Canon*": True,
    'camera = "Canon*"': False,
    "camera = *EOS*D": True,
    "camera = canon*": False,
    "metadata.line=3": True,
    "metadata.line > 3": False,
    "metadata.line = none": False,
    "metadata.lane = none": True,
    "metadata.shift~^ni": True,
    "metadata.shift!~^ni": False,
    "metadata.shift > 1": False,
    "not metadata.shift > 1": True,
    "score.quality < 0.3": True,
    "score.quality = 0.25": True,
    "name~IMG_\\d+": True,
    "name~^IMG": False,
    "name!~^IMG": True,
    "name ~ (x|IMG_0001)\\.jpg$ and width = 640": True,
    "(name ~ IMG_0001)": True,
    "name=a=b": False,
    "origin=production": True,
    "status!=excluded": True,
    "group = none": True,
    "group != none": False,
    "entropy = none": True,
    "entropy < 9": False,
    "not entropy < 9": True,
    "brightness < 40": True,
    "label:bolt": True,
    "label:gear": False,
    "label != bolt": False,
    "label = b*": True,
    "label = none": False,
    "annotator:anna and source:model": True,
    "labels() >= 2": True,
    "labels(category = bolt and score < 0.5)": True,
    "labels(category = nut and score < 0.5)": False,
    "labels(category = bolt) > 1": False,
    "labels(category = gear) = 0": True,
    "labels(reviewer = none) != 2": False,
    "tag:blurry": True,
    "tag:to check": True,
    "tag = none": False,
    "not tag:blurry or width < 700": True,
    "not (tag:blurry or width < 700)": False,
    "captured = 2026-11-30": True,
    "captured <= 2026-11-30": True,
    "captured < 2026-11-30": False,
    "captured > 2026-11-30": False,
    "captured > 2026-11-30T08:29": True,
    "captured > 2026-11-30T10:29+02:00": True,
    "created = none": True,
    "img_0001": True,
    "LINE 0001": True,
    '"line 3"': True,
    '"3 line"': False,
    "night": True,
    "gear": False,
    "": True,
}


@pytest.mark.parametrize(("condition", "expected"), DECIDED.items())
def test_filters_decide(condition: str, expected: bool) -> None:
    assert matches(SUBJECT, condition) is expected


@pytest.mark.parametrize(
    ("condition", "position", "reason"),
    [
        ("exif=iPhone", 0, "needs a key"),
        ("colour=red", 0, "no field 'colour'"),
        ("label:bolt and luminence_mean < 4", 15, "did you mean 'luminance_mean'"),
        ("labels(categry = bolt)", 7, "did you mean 'category'"),
        ("name~(", 5, "regular expression is wrong"),
        ("name.x=1", 0, "has no keys"),
        ("=x", 0, "expected a condition"),
        ("exif.=x", 5, "expected"),
        ("width > wide", 8, "a number, not 'wide'"),
        ("width = nan", 8, "a number"),
        ("width ~ 6", 8, "is no text"),
        ("captured > yesterday", 11, "2026-11-30"),
        ("camera < 5", 9, "is text"),
        ("camera =", 8, "a value is missing"),
        ("camera = x tag:y", 11, "put 'and' or 'or' before 'tag'"),
        ("(label:bolt", 11, "expected ')'"),
        ("label:bolt)", 10, "expected 'and', 'or' or the end"),
        ("label:bolt and", 14, "expected a condition"),
        ("labels(label = x)", 7, "no field 'label'"),
        ("labels(width = 3) > x", 7, "no field 'width'"),
        ("labels() > x", 9, "a number of labels"),
        ("width > none", 8, "'none' is compared"),
        ("camera = a, b", 10, "expected 'and'"),
        ("score.x ~ y", 10, "is no text"),
        ("(" * 40 + "x", 30, "deeper"),
        ("x\x00y", 0, "no text can hold"),
        ("x" * 5000, 0, "longer than"),
    ],
)
def test_an_error_says_where_and_why(condition: str, position: int, reason: str) -> None:
    with pytest.raises(FilterInvalid, match=re.escape(reason)) as caught:
        parse_filter(condition)
    assert caught.value.details["position"] == position


def test_a_suggestion_comes_as_a_fact() -> None:
    with pytest.raises(FilterInvalid) as caught:
        parse_filter("lable:bolt")
    assert caught.value.details["suggestion"] == "label"


def test_text_becomes_a_tree() -> None:
    tree = parse_filter("label:bolt and (width > 3 or not tag:x)")
    bolt, wide = Comparison("label", "=", "bolt"), Comparison("width", ">", 3.0)
    assert tree == And((bolt, Or((wide, Not(Comparison("tag", "=", "x"))))))
    assert parse_filter("labels(kind = box) < 4") == LabelCount(
        Comparison("kind", "=", "box"), "<", 4
    )
    assert parse_filters(["label:bolt", "", "width > 3"]) == And((bolt, wide))
    assert parse_filters([]) == EVERYTHING


@given(filters())
@settings(max_examples=300, derandomize=True, deadline=None)
def test_what_is_written_reads_back_the_same(tree: Filter) -> None:
    assert parse_filter(write_filter(tree)) == tree


@given(st.text(max_size=60))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_any_text_is_a_filter_or_an_error(text: str) -> None:
    position = 0
    try:
        matches(SUBJECT, text)
    except FilterInvalid as error:
        position = error.details["position"]
    assert 0 <= position <= len(text)


def test_every_field_has_an_example_that_parses() -> None:
    for field in (*FIELDS.values(), *LABEL_FIELDS.values()):
        parse_filter(field.example)


def test_orders_and_their_pages() -> None:
    assert parse_order("-brightness") == Order("luminance_mean", descending=True)
    with pytest.raises(SortInvalid, match="did you mean 'name'"):
        parse_order("nane")
    with pytest.raises(SortInvalid):
        parse_order("label")
    place = Place("gear ü", 7)
    cursor = write_cursor("-name", place)
    assert read_cursor("-name", cursor) == place
    for sort, wrong in (("name", cursor), ("-name", "x"), ("-name", "")):
        with pytest.raises(SortInvalid, match="begin anew"):
            read_cursor(sort, wrong)
