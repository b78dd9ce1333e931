"""Labeling whole images by key, and reviewing what somebody else labeled."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="left out: Playwright is not installed")

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import Server, Visit, apply_project, ingest_parts, saving

pytestmark = pytest.mark.browser

_TASKS = "/projects/parts/labeling/tasks"


@pytest.fixture(scope="module", autouse=True)
def _project(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    apply_project(server.admin, "parts", "classification")
    ingest_parts(server.admin, tmp_path_factory.mktemp("photos"), num_images=16)


@pytest.fixture
def queue(server: Server, request: pytest.FixtureRequest) -> str:
    """A queue of this test's own with three unlabeled images."""
    name = str(request.node.name).removeprefix("test_")[:40]
    images = server.admin.get("/projects/parts/images", params={"limit": 3})["items"]
    body = {"image_ids": [image["id"] for image in images], "queue": name}
    server.admin.post(_TASKS, json=body)
    for image in images:
        _clear_labels(server, image["id"])
    return name


def test_keys_label_save_submit_and_skip(visit: Visit, server: Server, queue: str) -> None:
    page = visit("lena", "/labeling")
    _card(page, queue).get_by_role("link", name="Label 3").click()
    first = _image_name(page)
    saving(page, lambda: page.keyboard.press("2"))
    expect(_category(page, "bolt")).to_have_attribute("aria-pressed", "true")
    saving(page, lambda: page.keyboard.press("4"))
    expect(_category(page, "gear")).to_have_attribute("aria-pressed", "true")
    expect(_category(page, "bolt")).to_have_attribute("aria-pressed", "false")
    saving(page, lambda: page.keyboard.press("z"))
    expect(_category(page, "bolt")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_text(first, exact=True)).to_be_hidden()
    task = _tasks(server, queue, "submitted")[0]
    assert task["labeler"] == "lena"
    (label,) = _labels(server, task)
    assert (label["category"], label["source"], label["author"]) == ("bolt", "human", "lena")

    second = _image_name(page)
    page.keyboard.press("s")
    page.get_by_label("Why can it not be labeled?").fill("Only the belt is to be seen")
    page.keyboard.press("Enter")
    expect(page.get_by_text(second, exact=True)).to_be_hidden()
    skipped = _tasks(server, queue, "skipped")[0]
    comments = server.admin.get(f"{_TASKS}/{skipped['id']}")["comments"]
    assert [comment["text"] for comment in comments] == ["Only the belt is to be seen"]

    saving(page, lambda: page.keyboard.press("1"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing left to label here")).to_be_visible()
    expect(page.get_by_text("3 done in this sitting")).to_be_visible()


def test_an_unlabeled_image_is_not_submitted(visit: Visit, server: Server, queue: str) -> None:
    page = visit("lena", f"/labeling/work?queue={queue}")
    first = _image_name(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text(first, exact=True)).to_be_visible()
    assert _tasks(server, queue, "submitted") == []


def test_somebody_else_reviews_and_the_labeler_reads_why(
    visit: Visit, server: Server, queue: str
) -> None:
    page = visit("lena", f"/labeling/work?queue={queue}")
    for key in ("1", "2"):
        name = _image_name(page)
        saving(page, lambda pressed=key: page.keyboard.press(pressed))
        page.keyboard.press("Enter")
        expect(page.get_by_text(name, exact=True)).to_be_hidden()

    review = visit("dario", "/labeling")
    _card(review, queue).get_by_role("link", name="Review 2").click()
    accepted = _image_name(review)
    review.keyboard.press("r")
    expect(review.get_by_text(accepted, exact=True)).to_be_hidden()
    rejected = _image_name(review)
    review.keyboard.press("3")
    review.keyboard.press("x")
    review.get_by_label("What is wrong?").fill("This one is a washer")
    review.keyboard.press("Enter")
    expect(review.get_by_text("Nothing left to review here")).to_be_visible()

    (good,) = _tasks(server, queue, "accepted")
    (bad,) = _tasks(server, queue, "rejected")
    assert (good["reviewer"], bad["reviewer"]) == ("dario", "dario")
    assert [label["reviewed_by"] for label in _labels(server, good)] == ["dario"]
    assert [label["category"] for label in _labels(server, bad)] != ["nut"]

    again = visit("lena", f"/labeling/work?task={bad['id']}")
    expect(again.get_by_text(rejected, exact=True)).to_be_visible()
    panel = again.get_by_role("complementary", name="Labels")
    expect(panel).to_contain_text("This one is a washer")
    expect(panel).to_contain_text("by dario")


def test_nobody_reviews_their_own_work(visit: Visit, server: Server, queue: str) -> None:
    page = visit("dario", f"/labeling/work?queue={queue}")
    name = _image_name(page)
    saving(page, lambda: page.keyboard.press("1"))
    page.keyboard.press("Enter")
    expect(page.get_by_text(name, exact=True)).to_be_hidden()
    page.goto(f"{server.url}/projects/parts/labeling/work?queue={queue}&mode=review")
    expect(page.get_by_text("Nothing left to review here")).to_be_visible()
    assert len(_tasks(server, queue, "submitted")) == 1


def _card(page: Page, queue: str) -> Locator:
    title = queue.replace("_", " ")
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))


def _category(page: Page, name: str) -> Locator:
    panel = page.get_by_role("complementary", name="Labels")
    return panel.get_by_role("button").filter(has_text=name).first


def _image_name(page: Page) -> str:
    """Wait for an image and return its name."""
    expect(page.locator("canvas").first).to_be_visible()
    return page.locator("main [title$='.jpg']").inner_text()


def _tasks(server: Server, queue: str, state: str) -> list[dict[str, Any]]:
    return server.admin.get(_TASKS, params={"queue": queue, "state": state})["items"]


def _labels(server: Server, task: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/projects/parts/images/{task['image_id']}/annotations"
    return server.admin.get(path)["annotations"]


def _clear_labels(server: Server, image_id: str) -> None:
    path = f"/projects/parts/images/{image_id}/annotations"
    revision = server.admin.get(path)["revision"]
    server.admin.put(path, json={"annotations": [], "expected_revision": revision})
