"""The data page: thumbnails, filters, the inspector, and freezing a version."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright.sync_api", reason="left out: Playwright is not installed")

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import CLASSES, Server, Visit, apply_project, ingest_parts
from visionloop.data.rendered.sets import write_classification_set

pytestmark = pytest.mark.browser

_NUM_IMAGES = 48


@pytest.fixture(scope="module", autouse=True)
def _project(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    apply_project(server.admin, "parts", "classification")
    ingest_parts(server.admin, tmp_path_factory.mktemp("photos"), num_images=_NUM_IMAGES)


def test_the_grid_shows_photos_and_a_class_narrows_it(visit: Visit) -> None:
    page = visit("dario", "/data")
    photos = _tiles(page)
    expect(photos.first).to_have_attribute("aria-setsize", str(_NUM_IMAGES))
    assert _decoded_width(photos.first.locator("img[src]")) >= 64
    facet = page.get_by_role("checkbox", name=re.compile("gear"))
    facet.click()
    expect(photos).to_have_count(_NUM_IMAGES // len(CLASSES))
    labels = photos.all_inner_texts()
    assert all(text.startswith("gear") for text in labels), labels
    # The choice is part of the address: whoever gets the link sees the same photos.
    page.reload()
    expect(photos).to_have_count(_NUM_IMAGES // len(CLASSES))
    expect(facet).to_be_checked()
    page.get_by_role("button", name="Remove label:gear").click()
    expect(photos.first).to_have_attribute("aria-setsize", str(_NUM_IMAGES))


def test_a_filter_is_completed_explained_and_saved(visit: Visit) -> None:
    page = visit("dario", "/data")
    line = page.get_by_role("search", name="Filter images").get_by_label("Filter", exact=True)
    line.fill("lab")
    page.get_by_role("option", name=re.compile("^label")).click()
    expect(line).to_have_value("label:")
    page.get_by_role("option", name=re.compile("^washer")).click()
    expect(line).to_have_value("label:washer")
    line.fill("label:washer and camra = line-A")
    line.press("Enter")
    mistake = page.get_by_role("alert")
    expect(mistake).to_contain_text("camra")
    mistake.get_by_role("button", name="Use camera").click()
    expect(line).to_have_value("label:washer and camera = line-A")
    line.fill("label:washer and width > 2")
    line.press("Enter")
    expect(_tiles(page)).to_have_count(_NUM_IMAGES // len(CLASSES))
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save this view").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Washers")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Clear all").click()
    expect(_tiles(page).first).to_have_attribute("aria-setsize", str(_NUM_IMAGES))
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name=re.compile("Washers")).click()
    expect(_tiles(page)).to_have_count(_NUM_IMAGES // len(CLASSES))


def test_everything_that_matches_is_tagged_at_once(visit: Visit) -> None:
    page = visit("dario", "/data?label=bolt")
    page.get_by_role("button", name="Select all").click()
    bar = page.get_by_role("region", name="Selected images")
    bar.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_placeholder("Enter adds a tag").fill("shiny")
    page.get_by_placeholder("Enter adds a tag").press("Enter")
    page.get_by_role("button", name=re.compile("^Tag [0-9]+ images")).click()
    expect(bar).to_be_hidden()
    page.get_by_role("button", name="Remove label:bolt").click()
    page.get_by_role("checkbox", name=re.compile("shiny")).click()
    expect(_tiles(page)).to_have_count(_NUM_IMAGES // len(CLASSES))


def test_only_the_tiles_in_view_are_drawn_and_the_last_is_one_key_away(visit: Visit) -> None:
    page = visit("dario", "/data", size=(1024, 600))
    tiles = _tiles(page)
    expect(tiles.first).to_be_visible()
    assert tiles.count() < _NUM_IMAGES
    page.get_by_role("listbox", name="Images").press("End")
    last = page.locator(f"[aria-posinset='{_NUM_IMAGES}']")
    expect(last).to_be_in_viewport()
    assert _decoded_width(last.locator("img[src]")) >= 64


def test_images_are_chosen_by_mouse_keys_and_all_at_once(visit: Visit) -> None:
    page = visit("dario", "/data")
    grid, tiles = page.get_by_role("listbox", name="Images"), _tiles(page)
    bar = page.get_by_role("region", name="Selected images")
    tiles.nth(1).click(modifiers=["Control"])
    tiles.nth(4).click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 images selected")
    grid.press("ArrowRight")
    grid.press("Space")
    expect(bar).to_contain_text("5 images selected")
    grid.press("Control+a")
    expect(bar).to_contain_text(f"{_NUM_IMAGES} images selected")
    tiles.nth(0).click(modifiers=["Control"])
    expect(bar).to_contain_text(f"{_NUM_IMAGES - 1} images selected")
    grid.press("Escape")
    expect(bar).to_be_hidden()


def test_the_inspector_knows_camera_labels_and_neighbours(visit: Visit) -> None:
    page = visit("dario", "/data?label=nut&sort=name")
    _tiles(page).first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("listitem").filter(has_text="nut")).to_contain_text("import")
    drawer.get_by_role("tab", name="Details").click()
    expect(drawer).to_contain_text("Visionloop")
    expect(drawer).to_contain_text(re.compile(r"DateTimeOriginal\s*2026:\d\d:\d\d"))
    assert _decoded_width(drawer.locator("img").first) >= 160
    first = page.url
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(first)
    expect(drawer).to_contain_text(f"2 of {_NUM_IMAGES // len(CLASSES)}")
    drawer.get_by_role("tab", name="Lineage").click()
    expect(drawer).to_contain_text("No frozen version holds this image yet.")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_an_excluded_photo_stays_out_of_versions(visit: Visit, server: Server) -> None:
    page = visit("dario", "/data?label=bolt")
    _tiles(page).first.click()
    page.get_by_role("button", name="Exclude from versions").click()
    expect(page.get_by_role("dialog").get_by_text("Excluded")).to_be_visible()
    version = _freeze(page, server, "without-one")
    assert version["num_images"] == _NUM_IMAGES - 1


def test_a_frozen_version_shows_up_among_the_versions(visit: Visit, server: Server) -> None:
    page = visit("dario", "/data/versions")
    version = _freeze(page, server, "belt")
    expect(page.get_by_role("heading", name=version["reference"])).to_be_visible()
    page.get_by_role("button", name="Verify every byte").click()
    intact = page.get_by_text(re.compile(rf"{version['num_images']} images intact"))
    expect(intact).to_be_visible(timeout=20_000)
    page.get_by_role("main").get_by_role("link", name="Versions").click()
    row = page.get_by_role("row").filter(has_text=version["reference"])
    expect(row).to_contain_text(str(version["num_images"]))
    expect(row).to_contain_text("dario")


def test_two_versions_are_compared_image_by_image_and_tagged(visit: Visit, server: Server) -> None:
    root, freeze = "/projects/parts", {"name": "pair", "fractions": {"train": 1.0}}
    first = server.admin.post(f"{root}/dataset-versions", json=freeze)
    image = server.admin.get(f"{root}/images", params={"label": "washer"})["items"][0]
    label = {"category": "nut", "kind": "class"}
    labels = {"annotations": [label], "expected_revision": image["revision"]}
    server.admin.put(f"{root}/images/{image['id']}/annotations", json=labels)
    second = server.admin.post(f"{root}/dataset-versions", json=freeze)
    page = visit("dario", f"/data/versions/{second['id']}/changes")
    card = page.get_by_role("listitem").filter(has_text=image["name"])
    expect(card).to_contain_text("Relabeled")
    expect(card).to_contain_text("train · washer")
    expect(card).to_contain_text("train · nut")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_placeholder("golden").fill("golden")
    page.get_by_role("button", name="Set the tag").click()
    expect(page.get_by_role("button", name="Remove the tag golden")).to_be_visible()
    page.get_by_role("link", name="Leakage").click()
    expect(page.get_by_text("No leak between the splits")).to_be_visible()
    page.get_by_role("link", name="Lineage").click()
    expect(page.get_by_role("link", name=re.compile(first["reference"]))).to_be_visible()


def test_a_datastore_is_added_tested_and_ingested_from(
    visit: Visit, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("line-7")
    write_classification_set(folder, camera="line-B", num_images=4, seed=9)
    page = visit("dario", "/data/sources")
    page.get_by_role("button", name="Add a datastore").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill(str(folder))
    dialog.get_by_label("Name").fill("line-7")
    dialog.get_by_role("button", name="Add and test").click()
    expect(dialog).to_contain_text("4 files seen")
    dialog.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="More about line-7").click()
    page.get_by_role("menuitem", name="Ingest from it").click()
    page.get_by_role("main").get_by_role("button", name="Ingest", exact=True).click()
    job = page.get_by_role("listitem").filter(has_text="4 new")
    expect(job).to_contain_text("line-7", timeout=30_000)


def test_a_refused_version_says_why_and_keeps_what_was_typed(visit: Visit) -> None:
    page = visit("dario", "/data")
    page.get_by_role("button", name="Freeze a version").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Not A Name!")
    dialog.get_by_role("button", name="Freeze", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("lower-case")
    expect(dialog.get_by_label("Name")).to_have_value("Not A Name!")


def _tiles(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Images").get_by_role("option")


def _decoded_width(photo: Locator) -> int:
    """Wait until a photo is decoded and return its width; a broken one raises."""
    photo.scroll_into_view_if_needed()
    return photo.evaluate("image => image.decode().then(() => image.naturalWidth)")


def _freeze(page: Page, server: Server, name: str) -> dict:
    """Freeze through the dialog; return the version as the API tells it."""
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Freeze a version").click()
    dialog = page.get_by_role("dialog").filter(has_text="Freeze a dataset version")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Freeze", exact=True).click()
    expect(page).to_have_url(re.compile(r"/data/versions/.+"))
    versions = server.admin.get("/projects/parts/dataset-versions")["items"]
    return next(version for version in versions if version["name"] == name)
