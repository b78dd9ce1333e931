"""Facets, tags, bulk actions and saved views, through the API and the command line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest

from tests.data.crowds import make_crowd, write_crowd
from tests.live import run_command, serving
from visionloop.admin.entities import Role
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.query.facts import matches
from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound

ROOT = "/projects/parts"
CROWD = make_crowd(80, seed=3)


@pytest.fixture
def crowd(application: Application) -> Application:
    """Eighty images in project ``parts``."""
    write_crowd(application.database, CROWD)
    return application


def total(client: Client, condition: str) -> int:
    number: int = client.get(f"{ROOT}/images", params={"where": condition})["total"]
    return number


def chosen(condition: str) -> list[str]:
    return [member.image.id for member in CROWD if matches(member.facts, condition)]


def test_a_filter_is_checked_while_it_is_typed(api_client: Client, crowd: Application) -> None:
    path = f"{ROOT}/image-filters/check"
    assert api_client.get(path, params={"filter": "brightness<40 and label:bolt"}) == {
        "filter": "luminance_mean < 40 and label = bolt"
    }
    with pytest.raises(Invalid, match="did you mean 'label'") as caught:
        api_client.get(path, params={"filter": "width > 3 and lable:x"})
    assert caught.value.details["position"] == 14
    assert caught.value.details["suggestion"] == "label"
    fields = api_client.get(f"{ROOT}/image-fields")
    assert {"width", "tag", "metadata"} <= {field["name"] for field in fields["items"]}


def test_facets_count_what_a_filter_leaves(api_client: Client, crowd: Application) -> None:
    for condition in ("", "status = active", "label:bolt"):
        members = [member for member in CROWD if matches(member.facts, condition)]
        found = api_client.get(f"{ROOT}/image-facets", params={"where": condition})["items"]
        facets = {f["field"]: {v["value"]: v["count"] for v in f["values"]} for f in found}
        assert facets["split"] == Counter(member.split for member in members)
        assert facets["tag"] == Counter(tag for member in members for tag in member.tags)
        shown = [{label.category for label in m.annotations.annotations} for m in members]
        assert facets["label"] == Counter(name for names in shown for name in names)
        assert all(facet["is_exact"] for facet in found)
    first = api_client.get(f"{ROOT}/image-facets", params={"field": "camera", "max_values": 2})
    assert len(first["items"][0]["values"]) == 2
    with pytest.raises(Invalid, match="Did you mean 'camera'"):
        api_client.get(f"{ROOT}/image-facets", params={"field": "camra"})


def test_a_histogram_counts_every_image_once(api_client: Client, crowd: Application) -> None:
    for condition in ("", "width > 1"):
        values = [
            member.facts.numbers["luminance_mean"]
            for member in CROWD
            if matches(member.facts, condition)
        ]
        found = api_client.get(
            f"{ROOT}/image-histogram",
            params={"where": condition, "field": "brightness", "bins": 4},
        )
        assert found["num_missing"] == values.count(None)
        assert found["counts"] == [values.count(0.0) + values.count(1.0), 0, 0, values.count(40.0)]
        assert found["edges"] == [0.0, 10.0, 20.0, 30.0, 40.0]
    same = api_client.get(f"{ROOT}/image-histogram", params={"field": "height", "bins": 4})
    assert same["counts"] == [len(CROWD)]
    none = api_client.get(
        f"{ROOT}/image-histogram", params={"field": "height", "where": "height = 1"}
    )
    assert (none["counts"], none["edges"]) == ([], [])
    with pytest.raises(Invalid, match="camera"):
        api_client.get(f"{ROOT}/image-histogram", params={"field": "camera"})


def test_tags_are_put_on_and_taken_off_in_bulk(api_client: Client, crowd: Application) -> None:
    wide = chosen("width = 640")
    body = {"selection": {"filter": "width = 640"}, "add": ["wide  one", "check"]}
    changed = api_client.post(f"{ROOT}/tags", json=body)
    assert changed == {"num_images": len(wide), "num_changed": 2 * len(wide)}
    assert api_client.post(f"{ROOT}/tags", json=body)["num_changed"] == 0
    assert total(api_client, "tag:wide one and tag:check") == len(wide)
    counts = {tag["value"]: tag["count"] for tag in api_client.get(f"{ROOT}/tags")["items"]}
    assert counts["check"] == len(wide)
    by_id = {"selection": {"image_ids": [wide[0], "f" * 64]}, "remove": ["check", "nothing"]}
    assert api_client.post(f"{ROOT}/tags", json=by_id) == {"num_images": 1, "num_changed": 1}
    assert total(api_client, "tag:check") == len(wide) - 1
    page = api_client.get(f"{ROOT}/images", params={"where": f"id = {wide[1]}"})
    assert {"check", "wide one"} <= set(page["items"][0]["tags"])
    events = api_client.get(f"{ROOT}/events")["items"]
    assert events[-1]["type"] == "visionloop.images.tagged"
    for wrong in ("a,b", "", "none", "x*"):
        with pytest.raises(Invalid, match="no tag"):
            api_client.post(f"{ROOT}/tags", json=body | {"add": [wrong]})
    for selection in ({}, {"filter": "", "image_ids": []}):
        with pytest.raises(Invalid, match="either image_ids or filter"):
            api_client.post(f"{ROOT}/tags", json={"selection": selection, "add": ["x"]})


def test_a_filter_that_its_own_action_changes_acts_once(
    api_client: Client, crowd: Application
) -> None:
    before = len(chosen("tag = none"))
    body = {"selection": {"filter": "tag = none"}, "add": ["seen"]}
    assert api_client.post(f"{ROOT}/tags", json=body)["num_changed"] == before
    assert total(api_client, "tag = none") == 0


def test_images_are_excluded_and_restored_in_bulk(api_client: Client, crowd: Application) -> None:
    active = len(chosen("label:bolt and status = active"))
    body = {"selection": {"filter": "label:bolt"}, "reason": "blurred"}
    changed = api_client.post(f"{ROOT}/images/exclude", json=body)
    assert changed == {"num_images": len(chosen("label:bolt")), "num_changed": active}
    assert total(api_client, "label:bolt and status = active") == 0
    restored = api_client.post(f"{ROOT}/images/restore", json={"selection": {"filter": ""}})
    assert restored["num_changed"] == len(chosen("status = excluded or label:bolt"))
    assert total(api_client, "status != active") == 0


def test_views_are_saved_shared_and_kept_from_others(
    api_as: Callable[..., Client], crowd: Application
) -> None:
    anna, otto = api_as(Role.DATA_SCIENTIST, name="anna"), api_as(Role.VIEWER, name="otto")
    view = {"filter": "label:bolt", "sort": "-brightness", "columns": ["name", "metadata.line"]}
    saved = anna.put(f"{ROOT}/image-views/dark bolts", json=view)
    assert (saved["created_by"], saved["shared"]) == ("anna", False)
    assert otto.get(f"{ROOT}/image-views")["items"] == []
    with pytest.raises(NotFound):
        otto.get(f"{ROOT}/image-views/dark bolts")
    shared = anna.put(f"{ROOT}/image-views/dark bolts", json=view | {"shared": True})
    assert otto.get(f"{ROOT}/image-views")["items"] == [shared]
    with pytest.raises(Conflict, match="anna"):
        otto.put(f"{ROOT}/image-views/dark bolts", json=view)
    with pytest.raises(Conflict, match="anna"):
        otto.delete(f"{ROOT}/image-views/dark bolts")
    for wrong in ({"filter": "lable:x"}, {"sort": "brightnes"}, {"columns": ["nme"]}):
        with pytest.raises(Invalid, match="id you mean"):
            anna.put(f"{ROOT}/image-views/other", json=view | wrong)
    anna.delete(f"{ROOT}/image-views/dark bolts")
    assert anna.get(f"{ROOT}/image-views")["items"] == []


def test_roles_decide_about_bulk_actions(api_as: Callable[..., Client], crowd: Application) -> None:
    viewer, labeler = api_as(Role.VIEWER), api_as(Role.LABELER)
    body = {"selection": {"filter": "label:bolt"}, "add": ["x"]}
    with pytest.raises(Forbidden):
        viewer.post(f"{ROOT}/tags", json=body)
    labeler.post(f"{ROOT}/tags", json=body)
    with pytest.raises(Forbidden):
        labeler.post(f"{ROOT}/images/exclude", json={"selection": {"filter": ""}})


def test_the_command_line_does_the_same(
    api_client: Client, crowd: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(crowd) as url:

        def run(*arguments: str) -> str:
            return run_command(url, api_client.token or "", *arguments, "--project", "parts")

        run("images", "tag", "label:bolt", "--add", "seen")
        run("images", "save-view", "seen", "tag:seen", "--sort", "-name", "--shared")
        listed = json.loads(run("images", "list", "--view", "seen", "--json"))
        assert listed["total"] == len(chosen("label:bolt"))
        names = [item["name"] for item in listed["items"]]
        assert names == sorted(names, key=str.encode, reverse=True)
        assert "seen" in run("images", "facets", "--filter", "label:bolt", "--field", "tag")
        assert "#" in run("images", "histogram", "luminance_mean")
        assert str(len(names)) in run("images", "exclude", "tag:seen", "--reason", "seen")
        run("images", "restore", "tag:seen")
        assert "tag:seen" in run("images", "views")
        run("images", "delete-view", "seen")
        assert "luminance_mean" in run("images", "fields")
        assert "seen" in run("images", "tags")
