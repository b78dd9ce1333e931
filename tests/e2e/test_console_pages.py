"""Every page, wide and narrow, light and dark, with nothing to show and with much."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

pytest.importorskip("playwright.sync_api", reason="left out: Playwright is not installed")

from playwright.sync_api import Page, expect

from tests.e2e.browser import (
    NARROW,
    WIDE,
    Server,
    Visit,
    Visitors,
    apply_project,
    ingest_parts,
    ingest_scenes,
)

pytestmark = pytest.mark.browser

_MAIN = ("Home", "Data", "Labeling", "Runs", "Models", "Promotions", "Endpoints", "Monitoring",
         "Administration")  # fmt: skip
_INNER = (
    "/data?view=grid&image=IMAGE",
    "/data/versions",
    "/data/versions/VERSION",
    "/data/sources",
    "/labeling/work?queue=labeling",
    "/labeling/work?queue=labeling&mode=review",
    "/runs/new",
    "/monitoring/alerts",
    "/monitoring/infrastructure",
    "/monitoring/monitors/parts",
    "/monitoring/monitors/parts/review",
    "/monitoring/monitors/parts/requests",
    "/monitoring/monitors/parts/settings",
    "/endpoints/parts",
    "/endpoints/parts/try",
    "/endpoints/parts/keys",
    "/endpoints/parts/log",
    "/administration/users",
    "/administration/tokens",
    "/administration/proposals",
    "/administration/events",
    "/administration/jobs",
    "/administration/setup",
    "/no-such-page",
)
_LOOKS = pytest.mark.parametrize(
    ("size", "scheme"),
    [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")],
    ids=["1440-light", "1440-dark", "1024-light", "1024-dark"],
)


@pytest.fixture(scope="module", autouse=True)
def _projects(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    admin = server.admin
    apply_project(admin, "empty", "classification")
    apply_project(admin, "scenes", "detection")
    apply_project(
        admin,
        "parts",
        "classification",
        description="Machined parts on a conveyor, told apart by two cameras.",
        endpoints=[
            {"name": "parts-staging", "workspace": "staging"},
            {"name": "parts", "workspace": "prod"},
        ],
        monitors=[{"name": "parts", "endpoint": "parts", "assignee": "lena"}],
    )
    ingest_parts(admin, tmp_path_factory.mktemp("photos"), num_images=48)
    ingest_scenes(admin, tmp_path_factory.mktemp("scenes"), num_images=4)
    admin.post("/projects/parts/dataset-versions", json={"name": "parts"})
    for project in ("parts", "scenes"):
        body = {"annotation_status": "accepted", "limit": 4, "assignee": "lena"}
        admin.post(f"/projects/{project}/labeling/tasks", json=body)


@_LOOKS
@pytest.mark.parametrize("project", ["empty", "parts"])
def test_every_page_of_the_navigation_fits_and_works(
    visit: Visit, visitors: Visitors, project: str, size: tuple[int, int], scheme: str
) -> None:
    page = visit("dario", project=project, size=size, scheme=scheme)
    for title in _MAIN:
        navigation = page.get_by_role("navigation", name="Main")
        navigation.get_by_role("link", name=title, exact=True).click()
        expected = project if title == "Home" else title
        expect(page.get_by_role("heading", level=1)).to_have_text(expected)
        _assert_whole(page, visitors)
        assert page.title() == f"{expected} · Visionloop"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(_channels(background)) < 150) == (scheme == "dark"), background


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_every_inner_page_fits_and_works(
    visit: Visit, server: Server, visitors: Visitors, size: tuple[int, int], scheme: str
) -> None:
    version = server.admin.get("/projects/parts/dataset-versions")["items"][0]["id"]
    image = server.admin.get("/projects/parts/images", params={"limit": 1})["items"][0]["id"]
    page = visit("admin", "/data", size=size, scheme=scheme)
    for path in _INNER:
        found = path.replace("IMAGE", image).replace("VERSION", version)
        page.goto(f"{server.url}/projects/parts{found}")
        expect(page.locator("main").first).not_to_be_empty()
        _assert_whole(page, visitors)


@_LOOKS
def test_the_workspace_fits(
    visit: Visit, visitors: Visitors, size: tuple[int, int], scheme: str
) -> None:
    page = visit("lena", "/labeling/work", project="scenes", size=size, scheme=scheme)
    expect(page.locator("canvas").first).to_be_visible()
    for name in ("Submit Enter", "Skip S", "Zoom in"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    _assert_whole(page, visitors)


def _assert_whole(page: Page, visitors: Visitors) -> None:
    """All has loaded, nothing complained, and nothing sticks out on the right."""
    visitors.settle(page)
    expect(page.locator("main [role=alert]")).to_have_count(0)
    widths = page.evaluate(
        """() => [document.scrollingElement, document.getElementById("page")].map(
            (element) => element.scrollWidth - element.clientWidth)"""
    )
    assert max(widths) <= 0, f"{page.url} scrolls sideways by {max(widths)} pixels"
    assert visitors.complaints == [], page.url


def _channels(color: str) -> Sequence[int]:
    return [int(part) for part in color.removeprefix("rgb(").removesuffix(")").split(",")]
