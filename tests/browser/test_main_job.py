"""The main job in a real browser: one click, real uploads, downloads, two widths, two themes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, settled
from tests.real_files import (
    PGSC_CALC,
    REFRAMED,
    needs_real_files,
    on_made_up_keys,
    small_outcomes,
    small_scores,
)

CHART = '[data-testid="stPlotlyChart"]'


def _open_sample(page: Page) -> None:
    page.goto("/")
    settled(page)
    page.get_by_role("button", name="Open the simulated cohort").click()
    expect(page.get_by_role("heading", name="Associations")).to_be_visible(timeout=30_000)
    settled(page)


def _go(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNavLink").filter(has_text=name).first.click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=20_000)
    settled(page)


def _charts(page: Page):
    """Charts that the width of the window shows."""
    return page.locator(f"{CHART}:visible")


def _overflow(page: Page) -> int:
    main = '[data-testid="stMain"]'
    return page.locator(main).evaluate("e => e.scrollWidth - e.clientWidth")


def test_one_click_shows_forest_and_trajectories(page: Page) -> None:
    _open_sample(page)
    forest = _charts(page).first
    expect(forest.locator(".main-svg").first).to_be_visible()
    expect(forest.get_by_text("PGS-EDU").first).to_be_visible()
    expect(page.get_by_text("1 of 8 (PGS-EDU)")).to_be_visible()
    _go(page, "Trajectories")
    expect(_charts(page).first.get_by_text("+1 SD").first).to_be_visible()
    expect(page.get_by_text("Simulated data.").first).to_be_visible()


def test_on_a_telephone_it_fits_and_is_drawn(open_page: OpenPage) -> None:
    page = open_page(390, 844)
    _open_sample(page)
    assert _overflow(page) <= 2
    expect(_charts(page)).to_have_count(1)
    expect(_charts(page).first.get_by_text("EDU").first).to_be_visible()
    page.get_by_role("link", name="See what that looks like over the weeks").click()
    expect(page.get_by_role("heading", name="Trajectories", exact=True)).to_be_visible()
    settled(page)
    assert _overflow(page) <= 2
    expect(_charts(page).first.get_by_text("+1 SD").first).to_be_visible()
    # The navigation is folded away, and again once a page is chosen.
    for name in ("Data", "Cohort"):
        page.get_by_test_id("stExpandSidebarButton").click()
        page.get_by_test_id("stSidebarNavLink").filter(has_text=name).first.click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()
        settled(page)
        assert _overflow(page) <= 2


def test_the_dark_theme_is_drawn_in_its_own_colours(open_page: OpenPage) -> None:
    page = open_page(color_scheme="dark")
    _open_sample(page)
    label = _charts(page).first.get_by_text("PGS-EDU").first
    expect(label).to_be_visible()
    fill = label.evaluate("e => getComputedStyle(e).fill")
    light = [int(v) for v in fill.removeprefix("rgb(").removesuffix(")").split(",")]
    assert min(light) > 180


def test_a_click_in_the_forest_opens_that_score(page: Page) -> None:
    _open_sample(page)
    chosen = page.get_by_role("combobox", name="Score", exact=True).last
    expect(chosen).to_have_value("PGS-EDU")
    # Scores stand by effect, so the last mark of a panel belongs to PGS-ADHD.
    forest = _charts(page).first
    mark = forest.locator(".scatterlayer .trace .points path").last
    expect(mark).to_be_attached()
    mark.scroll_into_view_if_needed()
    settled(page)
    mark.hover(force=True)
    expect(forest.locator(".hoverlayer")).to_contain_text("PGS-ADHD")
    box = mark.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    expect(chosen).to_have_value("PGS-ADHD", timeout=10_000)
    settled(page)
    expect(page.get_by_text("standard deviation of PGS-ADHD").first).to_be_visible()


def _upload(page: Page, *files: Path) -> None:
    _go(page, "Data")
    box = page.get_by_test_id("stFileUploader").first.locator('input[type="file"]')
    box.set_input_files([str(f) for f in files])


def test_own_tables_go_from_upload_to_figures(page: Page, tmp_path: Path) -> None:
    scores, outcomes = tmp_path / "scores.csv", tmp_path / "phq.csv"
    scores.write_text(small_scores(), encoding="utf-8")
    outcomes.write_text(small_outcomes(), encoding="utf-8")
    page.goto("/")
    settled(page)
    _upload(page, scores, outcomes)
    expect(page.get_by_text("60 people, 300 observations, 2 scores")).to_be_visible(timeout=20_000)
    settled(page)
    _go(page, "Associations")
    expect(_charts(page).first.get_by_text("PGS-MDD").first).to_be_visible()


@needs_real_files
def test_a_real_trial_on_real_scores(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    settled(page)
    _upload(page, on_made_up_keys(REFRAMED, tmp_path), PGSC_CALC)
    expect(page.get_by_text("246 people, 2,433 observations, 1 score")).to_be_visible(
        timeout=20_000
    )
    settled(page)
    _go(page, "Associations")
    expect(page.get_by_text("no clear association with severity")).to_be_visible()
    _go(page, "Trajectories")
    expect(_charts(page).first.get_by_text("+1 SD").first).to_be_visible()


def test_a_bad_upload_says_one_sentence_and_the_cohort_stays(page: Page, tmp_path: Path) -> None:
    _open_sample(page)
    bad = tmp_path / "strangers.csv"
    bad.write_text(small_scores(prefix="Q"), encoding="utf-8")
    outcomes = tmp_path / "phq.csv"
    outcomes.write_text(small_outcomes(), encoding="utf-8")
    _upload(page, bad, outcomes)
    expect(page.get_by_test_id("stAlert")).to_contain_text("strangers.csv", timeout=20_000)
    expect(page.get_by_text("The simulated cohort is open")).to_be_visible()
    _go(page, "Associations")
    expect(page.get_by_text("1 of 8 (PGS-EDU)")).to_be_visible()


@pytest.mark.parametrize(
    ("where", "button", "rows"),
    [("Associations", "grid", 408), ("Trajectories", "trajectories", 42)],
)
def test_tables_and_figures_are_downloaded(page: Page, where: str, button: str, rows: int) -> None:
    _open_sample(page)
    if where != "Associations":
        _go(page, where)
    keyed = f'[class*="st-key-{button}"]'
    with page.expect_download() as waiting:
        page.locator(f"{keyed} button", has_text="Numbers (CSV)").first.click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    table = list(csv.DictReader(io.StringIO(text)))
    assert len(table) == rows
    assert float(table[0]["estimate"])
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Figure (SVG)").first.click()
    drawn = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert "<svg" in drawn
    assert "PGS-EDU" in drawn


def test_two_people_at_once_see_their_own_data(open_page: OpenPage, tmp_path: Path) -> None:
    first, second = open_page(), open_page()
    _open_sample(first)
    second.goto("/associations")
    settled(second)
    expect(second.get_by_text("Nothing is open yet")).to_be_visible()
    scores, outcomes = tmp_path / "scores.csv", tmp_path / "phq.csv"
    scores.write_text(small_scores(), encoding="utf-8")
    outcomes.write_text(small_outcomes(), encoding="utf-8")
    _upload(second, scores, outcomes)
    expect(second.get_by_text("60 people").first).to_be_visible(timeout=20_000)
    _go(first, "Data")
    expect(first.get_by_text("2,668 people").first).to_be_visible()
