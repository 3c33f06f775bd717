"""Choices made in a real browser, and that page and command line say the same numbers."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from playwright.sync_api import Page, Route, expect

from pgsicbt.cli import OK, main
from tests.browser.conftest import OpenPage, settled
from tests.browser.driving import (
    TELEPHONE,
    at,
    charts,
    choose,
    download,
    drawn,
    go,
    open_sample,
    pick,
    too_wide,
    unfold,
    upload,
)
from tests.real_files import small_outcomes, small_scores
from tests.serving import ROOT

SAMPLE = [
    str(ROOT / "sample_data" / n) for n in ("scores.csv", "outcomes_long.csv", "covariates.csv")
]
SCORES = ["PGS-EDU", "PGS-INT", "PGS-ADHD", "PGS-ASD", "PGS-BD", "PGS-MDD", "PGS-SCZ", "PGS-CROSS"]


def _rows(page: Page) -> list[str]:
    """Scores of the forest from top to bottom, as they stand on the screen."""
    drawn(charts(page).first)
    placed: list[tuple[float, str]] = charts(page).first.evaluate(
        "e => [...e.querySelectorAll('text')]"
        ".map((t) => [t.getBoundingClientRect().top, t.textContent])"
    )
    return [word for _, word in sorted(placed) if word in SCORES]


def test_choices_are_fitted_and_drawn_and_an_empty_one_is_refused(page: Page) -> None:
    open_sample(page)
    unfold(page, "harmonised score")
    box = page.get_by_test_id("stMultiSelect").filter(has_text="Scores")
    box.get_by_role("button", name="Clear all").click()
    page.get_by_role("button", name="Fit", exact=True).click()
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("No score is chosen")
    settled(page)
    expect(alert).to_have_count(1)
    assert sorted(_rows(page)) == sorted(SCORES)
    expect(page.get_by_text("1 of 8 (PGS-EDU)")).to_be_visible()

    for name in ("PGS-EDU", "PGS-MDD"):
        chosen = box.get_by_text(name, exact=True).first
        pick(page, partial(box.get_by_role("combobox").fill, name), name, chosen)
    # The list stays open for more choices.
    page.keyboard.press("Escape")
    choose(page, "Outcome", "LSAS-SR")
    page.get_by_role("spinbutton", name="Principal components").fill("1")
    page.get_by_role("button", name="Fit", exact=True).click()
    expect(page.locator("summary", has_text="LSAS-SR")).to_be_visible(timeout=15_000)
    settled(page)
    coefficients = page.locator("table.journal").last
    expect(coefficients.locator("tr", has_text=re.compile(r"^PC\d"))).to_have_count(1)
    expect(charts(page).first).to_contain_text("LSAS-SR")
    assert sorted(_rows(page)) == ["PGS-EDU", "PGS-MDD"]
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    go(page, "Trajectories")
    expect(charts(page).first).to_contain_text("LSAS-SR")
    # The choices hold when they are opened again.
    go(page, "Associations")
    unfold(page, "LSAS-SR")
    expect(page.get_by_role("spinbutton", name="Principal components")).to_have_value("1")


def test_the_order_and_the_opened_score_change_as_often_as_they_are_clicked(page: Page) -> None:
    open_sample(page)
    by_effect = _rows(page)
    for name, order in [("as in the file", SCORES), ("by effect", by_effect)] * 2:
        page.get_by_role("radio", name=name).click()
        expect(charts(page).first.locator(".ytick text").nth(1)).to_have_text(order[1])
        settled(page)
        assert _rows(page) == order
    for name in ("PGS-INT", "PGS-SCZ", "PGS-EDU", "PGS-ASD"):
        choose(page, "Score", name)
        expect(page.locator("table.journal").last).to_contain_text(f"{name} × time")
    go(page, "Trajectories")
    for name in ("PGS-BD", "PGS-MDD", "PGS-ADHD"):
        choose(page, "Score", name)
        expect(charts(page).first).to_contain_text(name)
        expect(page.locator("p.answer")).to_contain_text(name)


def test_a_curve_with_severity_at_the_end(page: Page) -> None:
    open_sample(page)
    unfold(page, "harmonised score")
    unfold(page, "More choices")
    choose(page, "Course over the weeks", "curve (natural cubic spline)")
    choose(page, "Severity stands at", "the last week")
    page.get_by_role("button", name="Fit", exact=True).click()
    line = page.locator("summary", has_text="curve (spline) over the weeks, severity at the end")
    expect(line).to_be_visible()
    settled(page)
    # The choices fold when they are fitted, and what was asked for is in view.
    expect(page.get_by_role("button", name="Fit", exact=True)).to_have_count(0)
    expect(page.locator("p.answer")).to_contain_text("severity at week 12")
    words = drawn(charts(page).first)
    assert "Severity at week 12" in words
    assert "Change, week 0 to 12" in words
    table = page.locator("table.journal").first
    expect(table).to_contain_text("Any difference in course (F, p)")
    unfold(page, "Every coefficient of the adjusted model")
    expect(page.locator("table.journal").nth(1)).to_contain_text("PGS-EDU × curve, part 3")
    assert too_wide(page) == []
    go(page, "Trajectories")
    expect(page.locator("p.answer")).to_contain_text("from week 0 to week 12")
    expect(charts(page)).to_have_count(2)
    assert "+1 SD" in drawn(charts(page).first)
    choose(page, "Split by", "diagnosis")
    expect(charts(page)).to_have_count(3)


def test_by_diagnosis_each_group_is_drawn(page: Page) -> None:
    open_sample(page)
    go(page, "Trajectories")
    choose(page, "Split by", "diagnosis")
    expect(charts(page)).to_have_count(3)
    for i, name in enumerate(["MDD", "Panic disorder", "Social anxiety disorder"]):
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        assert "+1 SD" in drawn(charts(page).nth(i))
    choose(page, "Scale", "LSAS-SR")
    # Two of three diagnoses have no such outcome: a sentence each, and the third is drawn.
    expect(charts(page)).to_have_count(1)
    expect(page.get_by_test_id("stAlert")).to_have_count(2)


def _sound(kind: str, data: bytes) -> None:
    """A download is what its button says, complete in itself, and names nobody."""
    text = data.decode()
    assert "SIM0" not in text
    assert "SIM1" not in text
    if "JSON" in kind:
        assert isinstance(json.loads(text), dict)
    elif "HTML" in kind:
        assert text.startswith("<!DOCTYPE html>")
        assert "<script" not in text
        assert "http" not in text
    elif "SVG" in kind:
        root = ElementTree.fromstring(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not {"script", "image"} & {e.tag.split("}")[-1] for e in root.iter()}
        links = [v for e in root.iter() for k, v in e.attrib.items() if k.endswith("href")]
        assert all(link.startswith("#") for link in links)
    else:
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) > 3
        assert len({len(row) for row in rows}) == 1


def test_all_downloads_are_sound_and_the_command_line_agrees(page: Page, tmp_path: Path) -> None:
    open_sample(page)
    found: dict[str, bytes] = {}
    for name, count in (("Associations", 6), ("Trajectories", 4), ("Data", 3)):
        if name != "Associations":
            go(page, name)
        for title in ("The model", "step by step"):
            if page.locator("summary", has_text=title).count():
                unfold(page, title)
        assert too_wide(page) == []
        boxes = page.get_by_test_id("stDownloadButton")
        expect(boxes).to_have_count(count)
        for i in range(count):
            button = boxes.nth(i).get_by_role("button")
            kind = button.inner_text()
            data = download(page, button)
            _sound(kind, data)
            found[f"{name} {i} {kind}"] = data
    (tmp_path / "spec.json").write_bytes(found["Associations 4 Analysis (JSON)"])
    call = ["fit", *SAMPLE, "--spec", str(tmp_path / "spec.json"), "--out", str(tmp_path / "out")]
    assert main(call) == OK
    for mine, theirs in [
        ("results.csv", "Associations 2 Numbers (CSV)"),
        ("figures/forest.svg", "Associations 1 Figure (SVG)"),
        ("figures/trajectories-PGS_EDU.svg", "Trajectories 1 Figure (SVG)"),
    ]:
        assert (tmp_path / "out" / mine).read_bytes() == found[theirs]
    (page_report,) = (d.decode() for n, d in found.items() if "Report (HTML)" in n)
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    sitting = page_report.split("What was declared, and what else was looked at")
    assert report.startswith(sitting[0].removesuffix("<h2>").rstrip())
    assert "Exploratory: this analysis was not declared" in sitting[1]


def test_a_recipe_saved_here_corrects_the_next_export(open_page: OpenPage, tmp_path: Path) -> None:
    scores, outcomes = tmp_path / "scores.csv", tmp_path / "phq.csv"
    scores.write_text(small_scores(), encoding="utf-8")
    outcomes.write_text(small_outcomes() + "P0001,16,-9\n", encoding="utf-8")
    page = open_page()
    page.goto("/")  # the first visitor of a server comes in by the door
    settled(page)
    page.goto("/data")
    at(page, "Data")
    upload(page, scores, outcomes)
    expect(page.get_by_test_id("stAlert")).to_contain_text("phq9")
    settled(page)
    page.get_by_role("button", name="9: no answer was given").click()
    expect(page.get_by_text("60 people, 300 observations, 2 scores")).to_be_visible(timeout=15_000)
    settled(page)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    recipe = tmp_path / "recipe.json"
    recipe.write_bytes(download(page, page.get_by_role("button", name="Recipe (JSON)")))
    assert json.loads(recipe.read_text())["missing"] == {"PHQ-9": [-9.0]}

    later = open_page()
    later.goto("/data")
    at(later, "Data")
    scores.write_text(small_scores(seed=4), encoding="utf-8")
    outcomes.write_text(small_outcomes(seed=5) + "P0002,16,-9\n", encoding="utf-8")
    upload(later, scores, outcomes)
    expect(later.get_by_test_id("stAlert")).to_contain_text("phq9")
    settled(later)
    upload(later, recipe, into=1)
    expect(later.locator("p.answer")).to_contain_text("60 people, 300")


def test_what_the_gate_refuses_and_what_is_forgotten_leaves_the_server(
    open_page: OpenPage, tmp_path: Path
) -> None:
    scores, outcomes = tmp_path / "scores.csv", tmp_path / "phq.csv"
    scores.write_text(small_scores(), encoding="utf-8")
    header, *rows = small_outcomes().splitlines()
    mails = [f"{row},x{i}@example.org" for i, row in enumerate(rows)]
    outcomes.write_text("\n".join([f"{header},contact", *mails]), encoding="utf-8")
    page = open_page()
    page.goto("/")
    settled(page)
    go(page, "Data")
    upload(page, scores, outcomes)
    expect(page.get_by_test_id("stAlert")).to_contain_text("e-mail")
    settled(page)
    # The uploader is empty: what it held is gone from the server, and the other file waits.
    expect(page.get_by_test_id("stFileUploaderFile")).to_have_count(0)
    page.get_by_role("button", name="Leave this column out").click()
    expect(page.get_by_text("will be left out")).to_be_visible()
    settled(page)
    upload(page, outcomes)
    expect(page.locator("p.answer")).to_contain_text("60 people, 300")
    settled(page)
    page.get_by_role("button", name="Forget the originals").click()
    expect(page.get_by_text("The originals are forgotten")).to_be_visible()
    settled(page)
    expect(page.get_by_test_id("stFileUploaderFile")).to_have_count(0)
    expect(page.locator("p.answer")).to_contain_text("60 people, 300")


def test_a_reload_forgets_everything(page: Page) -> None:
    open_sample(page)
    page.reload()
    expect(page.get_by_text("Nothing is open yet")).to_be_visible(timeout=15_000)
    settled(page)
    assert "2,668" not in page.get_by_test_id("stMain").inner_text()


def test_nothing_sticks_out_on_a_telephone(open_page: OpenPage) -> None:
    page = open_page(390, 844, **TELEPHONE)
    page.goto("/")
    settled(page)
    assert too_wide(page) == []
    page.get_by_role("button", name="Open the simulated cohort").click()
    at(page, "Associations")
    unfold(page, "harmonised score")
    unfold(page, "What each coefficient means")
    unfold(page, "The model")
    assert too_wide(page) == []
    go(page, "Trajectories")
    assert too_wide(page) == []
    choose(page, "Split by", "diagnosis")
    expect(charts(page)).to_have_count(3)
    assert too_wide(page) == []
    go(page, "Data")
    unfold(page, "step by step")
    unfold(page, "scores.csv: ")
    assert too_wide(page) == []


def _stacked(page: Page) -> bool:
    """Whether the forest has its panels one above the other, as on a narrow page."""
    drawn(charts(page).first)
    settled(page)  # a figure that takes its other form is drawn anew
    titles = [charts(page).first.locator(f".{axis}title") for axis in ("x", "x2")]
    for title in titles:
        expect(title).to_be_visible()
    first, second = (box["y"] for box in (t.bounding_box() for t in titles) if box is not None)
    return abs(first - second) > 100


def test_a_figure_takes_the_form_of_the_page_also_under_the_documented_policy(
    open_page: OpenPage,
) -> None:
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy "([^"]*)"', text)
    assert policy
    page = open_page()

    def guarded(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, headers={**answer.headers, "Content-Security-Policy": policy[1]}
        )

    page.route(lambda url: "/_stcore/" not in url and "." not in url.rsplit("/", 1)[-1], guarded)
    open_sample(page)
    assert not _stacked(page)
    for width, narrow in ((390, True), (1280, False)):
        page.set_viewport_size({"width": width, "height": 900})
        expect(charts(page)).to_have_count(1)
        page.wait_for_timeout(300)
        settled(page)
        assert _stacked(page) == narrow
        assert too_wide(page) == []


def test_the_dark_scheme_has_dark_ground_and_light_words_on_every_page(open_page: OpenPage) -> None:
    page = open_page(color_scheme="dark")
    open_sample(page)
    for name in ("Associations", "Trajectories", "Data"):
        if name != "Associations":
            go(page, name)
        for chart in charts(page).all():
            drawn(chart)
        shades = page.evaluate(
            """() => {
              const light = (c) => { const [r, g, b] = c.match(/[0-9.]+/g).map(Number);
                                     return (r + g + b) / 3; };
              const app = document.querySelector('[data-testid="stApp"]');
              const words = [...document.querySelectorAll(
                '[data-testid="stMain"] :is(h1, h2, p.answer, p.quiet, td, .xtick text)')];
              return [light(getComputedStyle(app).backgroundColor),
                      Math.min(...words.filter((e) => e.getClientRects().length).map((e) =>
                        light(e.ownerSVGElement ? getComputedStyle(e).fill
                                                : getComputedStyle(e).color)))];
            }"""
        )
        assert shades[0] < 60
        assert shades[1] > 120
