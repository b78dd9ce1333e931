"""What the databases find is what the filters mean, in every order and on every page."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings

from tests.data.crowds import make_crowd, write_crowd
from tests.data.filter_strategies import filters
from visionloop.admin.entities import Actor, Project
from visionloop.data.entities import ImageQuery
from visionloop.data.images import page_images
from visionloop.data.query.facts import matches
from visionloop.data.query.orders import Order
from visionloop.data.query.parsing import parse_filter
from visionloop.data.query.trees import EVERYTHING, Filter
from visionloop.data.query.writing import write_filter
from visionloop.data.store import leads, pages, scopes
from visionloop.data.store.fact_tables import image_facts, image_terms
from visionloop.data.store.indexing import index_missing_images
from visionloop.storage.database import Database

CROWD = make_crowd(60)


@pytest.fixture
def crowd(database: Database, project: Project) -> Database:
    """Sixty images in project ``parts``."""
    write_crowd(database, CROWD)
    return database


def expected_ids(tree: Filter) -> list[str]:
    return sorted(member.image.id for member in CROWD if matches(member.facts, tree))


def test_every_database_decides_as_the_filter_means(crowd: Database) -> None:
    @given(filters())
    @settings(
        max_examples=120,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    def check(tree: Filter) -> None:
        expected = expected_ids(tree)
        with crowd.read() as tx:
            streamed = [i for ids in pages.stream_matches(tx, "parts", tree, batch=20) for i in ids]
            found = pages.list_matches(tx, "parts", tree, Order("name"), limit=100)
            count = pages.count_matches(tx, "parts", tree)
        assert streamed == expected, write_filter(tree)
        assert sorted(match.image_id for match in found) == expected, write_filter(tree)
        assert count == (len(expected), True), write_filter(tree)

    check()


def test_pages_join_up_in_every_order(crowd: Database, admin_actor: Actor) -> None:
    for field, sign, condition in product(
        ("created", "name", "luminance_mean", "camera", "num_annotations"),
        ("", "-"),
        ("", "status = active", "label:bolt or tag:nut"),
    ):
        query = ImageQuery(sort=sign + field, where=(condition,))
        whole = page_images(crowd, admin_actor, "parts", query, limit=100)
        ids = [record.image.id for record in whole.records]
        assert sorted(ids) == expected_ids(parse_filter(condition))
        assert whole.next is None
        cursor, parts = None, []
        while True:
            page = page_images(crowd, admin_actor, "parts", query, limit=7, cursor=cursor)
            assert page.total == len(ids)
            parts += [record.image.id for record in page.records]
            cursor = page.next
            if cursor is None:
                break
        assert parts == ids
    by_name = page_images(crowd, admin_actor, "parts", ImageQuery(sort="-name"), limit=100)
    names = [record.image.name for record in by_name.records]
    assert names == sorted(names, key=lambda name: name.encode(), reverse=True)


def test_a_large_project_is_counted_by_a_sample(
    sqlite_database: Database, sqlite_project: Project
) -> None:
    many = make_crowd(2000)
    write_crowd(sqlite_database, many)
    tree = parse_filter("luminance_mean < 20 and width > 1")
    true_count = sum(matches(member.facts, tree) for member in many)
    with sqlite_database.read() as tx:
        scope = scopes.sample_scope(tx, "parts", tree, 4000)
        estimate = scope.scaled(pages._count(tx, scope))
        assert not scope.is_exact
        assert pages.count_matches(tx, "parts", tree, exact=True) == (true_count, True)
    # All 2000 are in the sample; what remains is the rounding to two digits and to its last id.
    assert abs(estimate - true_count) <= 0.1 * true_count


def test_the_most_selective_condition_leads(crowd: Database) -> None:
    tree = parse_filter("status = active and label:bolt and not tag:nut and gear")
    with crowd.read() as tx:
        found = leads.find_lead(tx, "parts", tree)
        assert found is not None
        assert "image_terms" in str(found.element)
        assert leads.find_lead(tx, "parts", parse_filter("gear or label:bolt")) is None
        assert leads.find_lead(tx, "parts", EVERYTHING) is None


def test_facts_can_be_written_anew(crowd: Database) -> None:
    with crowd.begin() as tx:
        assert index_missing_images(tx) == 0
        before = set(tx.execute(image_terms.select()).all())
        tx.execute(image_terms.delete())
        tx.execute(image_facts.delete())
        assert index_missing_images(tx) == len(CROWD)
        after = set(tx.execute(image_terms.select()).all())
    assert len(after) == len(before)
