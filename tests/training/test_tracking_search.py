from __future__ import annotations

import math

import pytest

from visionloop.training.tracking.errors import SearchInvalid
from visionloop.training.tracking.search import (
    Comparison,
    matches,
    parse_filter,
    parse_orderings,
    sort_records,
)

RECORD = {
    "metrics": {"acc": 0.9, "val/loss": math.nan},
    "params": {"model": "it's", "lr": "0.1"},
    "tags": {"a.b": "x%y", "team": "Vision"},
    "attributes": {"status": "FINISHED", "start_time": 5},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("metrics.acc >= 0.9", True),
        ("metric.acc > .95e0", False),
        ("metrics.acc > 9.5e-1", False),
        ("metrics.missing != 1", False),
        ("metrics.`val/loss` < 1", False),
        ("params.model = 'it''s' AND params.lr = \"0.1\"", True),
        ("tags.`a.b` LIKE 'x%' and tags.team ILIKE 'vIs___'", True),
        ("tags.team LIKE 'vis%'", False),
        ('tags."a.b" = "x%y"', True),
        ("status IN ('FAILED', 'FINISHED')", True),
        ("attributes.status NOT IN ('FINISHED')", False),
        ("tags.none IS NULL", True),
        ("tags.team IS NOT NULL", True),
        ("start_time <= 5", True),
    ],
)
def test_a_filter_chooses(text: str, expected: bool):
    assert matches(RECORD, parse_filter(text)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "metrics.acc",
        "metrics.acc >",
        "metrics.acc ~ 1",
        "metrics.acc > 'a'",
        "params.lr = 0.1",
        "params.lr = '1' OR params.lr = '2'",
        "status IN 'FAILED'",
        "status NOT NULL",
        "the best one",
    ],
)
def test_what_cannot_be_read_is_quoted_with_an_example(text: str):
    with pytest.raises(SearchInvalid, match="Write comparisons such as"):
        parse_filter(text)


def test_orders_put_what_is_missing_last_either_way():
    records = [
        {"metrics": {"acc": value}} if value is not None else {"metrics": {}}
        for value in (0.2, None, 0.9, math.nan, 0.5)
    ]
    for text, expected in (("metrics.acc", [0.2, 0.5, 0.9]), ("metrics.acc DESC", [0.9, 0.5, 0.2])):
        ordered = sort_records(records, parse_orderings([text]), dict)
        assert [record["metrics"]["acc"] for record in ordered[:3]] == expected
    assert parse_filter("run_id = 'a'") == (Comparison("attributes", "run_id", "=", "a"),)
    with pytest.raises(SearchInvalid, match="ASC or DESC"):
        parse_orderings(["metrics.acc UPWARDS"])
