"""Signing in, and the home page with its ten live elements."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="left out: Playwright is not installed")

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PASSWORD, Server, Visit, apply_project, ingest_parts

pytestmark = pytest.mark.browser

_TITLES = (
    "Data estate",
    "Administration",
    "Model development",
    "Registry",
    "Model deployment",
    "Staging and test",
    "Production",
    "Monitoring",
    "Model and data events",
    "Infrastructure events",
)
_PAGES = ("data", "administration", "runs", "models", "promotions", "promotions", "endpoints",
          "monitoring", "labeling", "monitoring/infrastructure")  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _project(server: Server) -> None:
    apply_project(server.admin, "parts", "classification", description="Parts on a belt.")
    server.admin.put("/users/lena/password", json={"password": PASSWORD})


def test_signing_in_leads_to_the_ten_elements_and_out_again(visit: Visit) -> None:
    page = visit(None)
    _sign_in(page, "wrong-horse")
    expect(page.get_by_role("alert")).to_contain_text("Name and password do not match")
    assert page.url.split("?")[0].endswith("/login")
    _sign_in(page, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("parts")
    headings = _diagram(page).get_by_role("heading", level=2)
    expect(headings).to_have_text([f"{i}{title}" for i, title in enumerate(_TITLES, start=1)])
    page.get_by_label("Signed in as lena").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto(page.url.split("/login")[0] + "/projects/parts")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_every_element_is_a_link_to_its_page(visit: Visit, visitors) -> None:
    page = visit("lena")
    expect(_diagram(page).get_by_role("link")).to_have_count(len(_TITLES))
    for number, (title, target) in enumerate(zip(_TITLES, _PAGES, strict=True), start=1):
        _element(page, number, title).click()
        expect(page).to_have_url(re.compile(rf"/projects/parts/{target}\b"))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.go_back()
        expect(_diagram(page)).to_be_visible()
    assert visitors.complaints == []


def test_a_login_link_leads_to_where_one_wanted_to_go(visit: Visit) -> None:
    page = visit(None, "/projects/parts/labeling")
    _sign_in(page, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Labeling")


def test_ingested_images_appear_without_a_reload(
    visit: Visit, server: Server, tmp_path: Path
) -> None:
    page = visit("lena")
    box = _element(page, 1, "Data estate")
    expect(box).to_be_visible()
    expect(box.locator("img")).to_have_count(0)
    page.evaluate("window.neverReloaded = true")
    ingest_parts(server.admin, tmp_path, num_images=12)
    expect(box).to_contain_text("12 images", timeout=10_000)
    expect(page.get_by_text("Recent events")).to_be_visible()
    expect(page.locator("#page")).to_contain_text(re.compile("ingest", re.IGNORECASE))
    assert page.evaluate("window.neverReloaded") is True


def test_the_dark_colours_stay_chosen(visit: Visit) -> None:
    page = visit("lena")
    bright = _background(page)
    page.get_by_label("Use the dark colours").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(page.get_by_label("Use the light colours")).to_be_visible()
    dark = _background(page)
    assert sum(dark) < 150 < 600 < sum(bright)


def _sign_in(page: Page, password: str) -> None:
    page.get_by_label("User name").fill("lena")
    page.get_by_label("Password").first.fill(password)
    page.get_by_role("button", name="Sign in").click()


def _diagram(page: Page) -> Locator:
    return page.get_by_role("navigation", name="The ten elements of the loop")


def _element(page: Page, number: int, title: str) -> Locator:
    return _diagram(page).get_by_role("link").filter(has_text=re.compile(f"^{number}{title}"))


def _background(page: Page) -> list[int]:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return [int(part) for part in re.findall(r"\d+", color)[:3]]
