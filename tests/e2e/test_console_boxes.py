"""Drawing boxes: what the hand does on the screen is what the server keeps, whatever happens."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="left out: Playwright is not installed")

from playwright.sync_api import expect

from tests.e2e.browser import Server, Visit, apply_project, expect_saved, saving
from tests.e2e.canvas import (
    HEIGHT,
    MARKER,
    TURNED,
    UPRIGHT,
    WIDTH,
    drag,
    labels_of,
    look,
    open_task,
    panel,
    picture,
    queue_photo,
    wait_for_image,
)

pytestmark = pytest.mark.browser

_TASKS = "/projects/scenes/labeling/tasks"
_numbers = itertools.count()


@pytest.fixture(scope="module", autouse=True)
def _project(server: Server) -> None:
    apply_project(server.admin, "scenes", "detection")


@pytest.fixture
def task(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> dict[str, Any]:
    """One photo with a marker that is easily found, queued for lena."""
    name = f"belt-{next(_numbers)}.jpg"
    orientation = getattr(request, "param", UPRIGHT)
    seed = next(_numbers)
    return queue_photo(server, tmp_path, "scenes", name, seed=seed, orientation=orientation)


@pytest.mark.parametrize("task", [UPRIGHT, TURNED], indirect=True, ids=["upright", "turned"])
def test_a_box_around_what_is_seen_encloses_it(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = open_task(visit, task)
    sight = look(page)
    saving(page, lambda: drag(page, sight.at(*MARKER[:2]), sight.at(*MARKER[2:])))
    (box,) = labels_of(server, task)
    assert box["bbox"] == pytest.approx(MARKER, abs=0.5)
    assert (box["category"], box["source"], box["author"]) == ("washer", "human", "lena")


def test_every_edit_is_kept_and_seen_again_after_a_reload(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = open_task(visit, task)
    sight = look(page)
    page.keyboard.press("2")
    saving(page, lambda: drag(page, sight.at(100, 80), sight.at(160, 120)))
    saving(page, lambda: drag(page, sight.at(130, 100), sight.at(160, 120)))
    assert labels_of(server, task)[0]["bbox"] == pytest.approx((130, 100, 190, 140), abs=0.5)
    saving(page, lambda: drag(page, sight.at(190, 140), sight.at(215, 155)))
    assert labels_of(server, task)[0]["bbox"] == pytest.approx((130, 100, 215, 155), abs=0.5)
    saving(page, lambda: page.keyboard.press("ArrowRight"))
    saving(page, lambda: page.keyboard.press("Shift+ArrowDown"))
    saving(page, lambda: page.keyboard.press("Alt+ArrowLeft"))
    saving(page, lambda: page.keyboard.press("4"))
    (box,) = labels_of(server, task)
    assert box["bbox"] == pytest.approx((131, 110, 215, 165), abs=0.5)
    assert box["category"] == "gear"

    saving(page, lambda: drag(page, sight.at(20, 20), sight.at(60, 50)))
    assert len(labels_of(server, task)) == 2
    saving(page, lambda: page.keyboard.press("Delete"))
    assert [left["id"] for left in labels_of(server, task)] == [box["id"]]
    saving(page, lambda: page.keyboard.press("z"))
    kept = labels_of(server, task)
    assert len(kept) == 2

    before = picture(page)
    page.reload()
    wait_for_image(page)
    assert labels_of(server, task) == kept
    assert picture(page) == before
    page.mouse.click(*sight.at(170, 140))
    expect(panel(page).get_by_role("button", pressed=True)).to_contain_text("gear")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing left to label here")).to_be_visible()
    assert server.admin.get(f"{_TASKS}/{task['id']}")["task"]["state"] == "submitted"


def test_a_box_never_leaves_the_image(visit: Visit, server: Server, task: dict[str, Any]) -> None:
    page = open_task(visit, task)
    sight = look(page)
    saving(page, lambda: drag(page, sight.at(280, 200), sight.at(WIDTH + 5, HEIGHT + 5)))
    (box,) = labels_of(server, task)
    assert box["bbox"][2:] == [WIDTH, HEIGHT]
    saving(page, lambda: drag(page, sight.at(300, 220), sight.at(-5, 220)))
    (box,) = labels_of(server, task)
    assert box["bbox"] == pytest.approx((0, 200, 40, 240), abs=0.5)


def test_what_was_shown_as_saved_survives_a_killed_server(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = open_task(visit, task)
    sight = look(page)
    saving(page, lambda: drag(page, sight.at(20, 20), sight.at(60, 50)))
    server.kill()
    drag(page, sight.at(220, 100), sight.at(300, 200))
    expect(page.get_by_role("button", name="Not saved: retry")).to_be_visible()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not everything is saved yet")).to_be_visible()
    server.start()
    (safe,) = labels_of(server, task)[:1]
    assert safe["bbox"] == pytest.approx((20, 20, 60, 50), abs=0.5)
    expect_saved(page)
    late = labels_of(server, task)
    assert [box["category"] for box in late] == ["washer", "nut"]
    assert late[1]["bbox"] == pytest.approx((220, 100, 300, 200), abs=0.5)


def test_what_was_not_saved_survives_a_closed_page(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = open_task(visit, task)
    sight = look(page)
    saving(page, lambda: drag(page, sight.at(20, 20), sight.at(60, 50)))
    server.kill()
    drag(page, sight.at(220, 100), sight.at(300, 200))
    expect(page.get_by_role("button", name="Not saved: retry")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
    server.start()
    path = f"/projects/scenes/images/{task['image_id']}/annotations"
    theirs = labels_of(server, task)
    theirs[0]["category"] = "gear"
    server.admin.put(path, json={"annotations": theirs, "expected_revision": 1})
    page.goto(f"{server.url}/projects/scenes/labeling/work?queue={task['queue']}")
    expect(page.get_by_text("Unsaved changes are here again")).to_be_visible()
    expect_saved(page)
    first, late = labels_of(server, task)
    assert (first["category"], first["id"]) == ("gear", theirs[0]["id"])
    assert late["bbox"] == pytest.approx((220, 100, 300, 200), abs=0.5)


def test_two_people_on_one_image_lose_nothing_unasked(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = open_task(visit, task)
    sight = look(page)
    saving(page, lambda: drag(page, sight.at(20, 20), sight.at(60, 50)))
    path = f"/projects/scenes/images/{task['image_id']}/annotations"
    server.admin.put(path, json={"annotations": [], "expected_revision": 1})
    drag(page, sight.at(220, 100), sight.at(300, 200))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Somebody else saved this image meanwhile")
    assert labels_of(server, task) == []
    expect(dialog).to_contain_text("You changed 1 shape and they 1.")
    saving(page, lambda: dialog.get_by_role("button", name="Keep both").click())
    (both,) = labels_of(server, task)
    assert both["bbox"] == pytest.approx((220, 100, 300, 200), abs=0.5)

    server.admin.put(path, json={"annotations": [], "expected_revision": 3})
    expect(dialog).to_be_hidden()
    drag(page, sight.at(20, 20), sight.at(60, 50))
    saving(page, lambda: dialog.get_by_role("button", name="Keep mine").click())
    assert len(labels_of(server, task)) == 2


def test_a_reviewer_mends_labels_and_pins_a_comment(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = open_task(visit, task)
    sight = look(page)
    saving(page, lambda: drag(page, sight.at(20, 20), sight.at(60, 50)))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing left to label here")).to_be_visible()

    work = f"/labeling/work?queue={task['queue']}&mode=review"
    review = visit("dario", work, project="scenes")
    wait_for_image(review)
    sight = look(review)
    review.keyboard.press("c")
    review.mouse.click(*sight.at(240, 200))
    review.get_by_label("Comment on this place").fill("There is a nut here")
    review.keyboard.press("Enter")
    expect(review.get_by_role("note", name="dario: There is a nut here")).to_be_visible()
    (comment,) = server.admin.get(f"{_TASKS}/{task['id']}")["comments"]
    assert (comment["x"], comment["y"]) == pytest.approx((240, 200), abs=0.5)
    review.keyboard.press("m")
    review.keyboard.press("3")
    review.keyboard.press("b")
    drag(review, sight.at(230, 180), sight.at(280, 220))
    assert len(labels_of(server, task)) == 1
    review.keyboard.press("Enter")
    expect(review.get_by_text("Nothing left to review here")).to_be_visible()
    first, second = labels_of(server, task)
    assert (first["category"], second["category"]) == ("washer", "nut")
    assert second["bbox"] == pytest.approx((230, 180, 280, 220), abs=0.5)
    assert server.admin.get(f"{_TASKS}/{task['id']}")["task"]["state"] == "accepted"


def test_somebody_else_sees_who_has_the_image_open(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    open_task(visit, task)
    server.admin.post(f"{_TASKS}/{task['id']}/assign", json={"assignee": None})
    other = visit("dario", f"/labeling/work?task={task['id']}", project="scenes")
    expect(other.get_by_role("status").filter(has_text="Lena has this image open")).to_be_visible()
    expect(other.get_by_role("button", name="Submit")).to_be_hidden()
    expect(other.get_by_role("button", name="Polygon", exact=True)).to_be_hidden()
