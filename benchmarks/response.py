"""From a click to the new page: what a person waits for on the sample cohort.

    python -m benchmarks.response [--repeats 10]

Starts the dashboard, opens the simulated cohort in Chromium and times clicks inside the browser:
from the release of the button until the new content is there, the script has ended, and nothing
on the page has changed for a quarter of a second (which is not counted). The same steps are
then run without a browser and profiled, to tell what the server spends from what the browser
does. Writes benchmarks/results/response.md.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime
import os
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect, sync_playwright
from streamlit.testing.v1 import AppTest

from tests.browser.conftest import FLAGS, find_chromium, settled
from tests.serving import ROOT, free_port, running, streamlit_command

HERE = Path(__file__).parent
TARGET = 0.5
WAIT_MS = 30_000

# Keeps the moment of the last click and of the last change to what is inside the page.
_CLOCK = """() => {
  const clock = {click: 0, change: 0, content: 0};
  window.clock = clock;
  window.addEventListener("pointerup", () => {
    clock.click = performance.now(); clock.change = 0; clock.content = 0;
  }, true);
  const inside = (n) => {
    const e = n.nodeType === 1 ? n : n.parentElement;
    return e && e.closest('[data-testid="stMain"]');
  };
  // Streamlit moves a part that folds for half a second; what is below can be read meanwhile.
  const folding = (m) => m.type === "attributes" && m.target.tagName === "DETAILS";
  new MutationObserver((seen) => {
    if (seen.some((m) => inside(m.target) && !folding(m))) clock.change = performance.now();
  }).observe(document.body, {subtree: true, childList: true, characterData: true,
                             attributes: true});
}"""

# What is on the screen, as short texts that a step can wait for.
_SEEN = """
  const shown = (e) => e.offsetParent !== null;
  const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].filter(shown);
  const labels = charts.map((c) => c.querySelector(".main-svg")
    ? [...c.querySelectorAll("text")].map((t) => t.textContent).join("|") : "");
  const tables = [...document.querySelectorAll("table.journal")].map((t) => t.innerText);
  const title = document.querySelector('[data-testid="stMain"] h1')?.innerText ?? "";
  const answer = document.querySelector('[data-testid="stMain"] p.answer')?.innerText ?? "";
  const components = (tables[tables.length - 1] ?? "").match(/^PC[0-9]+/gm)?.length ?? 0;
"""
_ARRIVED = """([condition]) => {
  // The cheap question first: reading the whole page in every frame would slow what is timed.
  const app = document.querySelector('[data-testid="stApp"]');
  const ended = app.getAttribute("data-test-script-state") === "notRunning"
    && !document.querySelector('[data-stale="true"]');
  const now = performance.now();
  if (!ended || !new Function(`SEEN; return ${condition};`)()) {
    window.clock.content = 0;
    return null;
  }
  if (!window.clock.content) window.clock.content = now;
  const last = Math.max(window.clock.change, window.clock.click);
  if (now - last < 250 || now - window.clock.content < 250) return null;
  return [window.clock.content - window.clock.click, last - window.clock.click];
}""".replace("SEEN", _SEEN.replace("`", ""))

_WAITED = "([condition]) => { SEEN; return new Function(`SEEN; return ${condition};`)(); }".replace(
    "SEEN", _SEEN.replace("`", "")
)


@dataclass
class Timing:
    """One kind of click and how long each repetition took, in seconds."""

    what: str
    content: list[float] = field(default_factory=list)
    still: list[float] = field(default_factory=list)

    def add(self, page: Page, target: Locator, condition: str) -> None:
        """Click ``target`` and wait until ``condition`` holds and the page is still."""
        target.scroll_into_view_if_needed()
        # Whatever the preparation of the step set off has ended before the click.
        page.wait_for_timeout(300)
        settled(page)
        target.click()
        handle = page.wait_for_function(_ARRIVED, arg=[condition], timeout=WAIT_MS, polling=20)
        content, still = handle.json_value()
        self.content.append(content / 1000)
        self.still.append(still / 1000)


def _in_browser(repeats: int) -> list[Timing]:
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("Chromium is not installed (Debian: apt-get install chromium).")
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as scratch,
        running(streamlit_command(port), port, Path(scratch)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        timings: list[Timing] = []
        with _person(browser.new_page, server.url) as page:
            timings += _steps(page, repeats)
        with _person(browser.new_page, server.url) as page:
            timings += _other_pages(page, repeats)
        opening = Timing("Open the simulated cohort (reading and the first grid)")
        for _ in range(3):
            with _person(browser.new_page, server.url) as page:
                button = page.get_by_role("button", name="Open the simulated cohort")
                opening.add(page, button, "title === 'Associations' && labels[0]")
        browser.close()
        return [*timings, opening]


@contextmanager
def _person(new_page: Callable[..., Page], url: str) -> Iterator[Page]:
    """A new session on Start."""
    page = new_page(viewport={"width": 1280, "height": 900})
    page.goto(url)
    settled(page)
    page.evaluate(_CLOCK)
    try:
        yield page
    finally:
        page.close()


def _steps(page: Page, repeats: int) -> list[Timing]:
    page.get_by_role("button", name="Open the simulated cohort").click()
    expect(page.get_by_role("heading", name="Associations")).to_be_visible(timeout=WAIT_MS)
    settled(page)
    links = page.get_by_test_id("stSidebarNavLink")
    to_grid, to_course = links.filter(has_text="Associations"), links.filter(has_text="Traject")
    to_data = links.filter(has_text="Data")

    refit = Timing("Fit changed choices: eight scores, three models, nothing of it cached")
    counts = [n for n in range(11) if n != 5]
    for i in range(repeats):
        # Every repetition is a spec that this session has not fitted: components, then window.
        n = counts[i % len(counts)]
        box = page.get_by_role("spinbutton", name="Principal components")
        if box.is_hidden():
            page.get_by_test_id("stExpander").first.locator("summary").first.click()
        expect(box).to_be_visible()
        box.fill(str(n))
        box.press("Tab")
        button = page.get_by_role("button", name="Fit", exact=True)
        refit.add(page, button, f"components === {n} && labels[0].includes('PGS-EDU')")
    order = Timing("Order of the scores in the forest")
    first = {"as in the file": "PGS-EDU|PGS-INT|PGS-ADHD", "by effect": "PGS-EDU|PGS-CROSS"}
    for i in range(repeats):
        name = list(first)[i % 2]
        button = page.get_by_role("radio", name=name)
        other = list(first.values())[1 - i % 2]
        order.add(page, button, f"labels[0] && !labels[0].includes('{other}')")

    scores = ["PGS-INT", "PGS-ADHD", "PGS-ASD", "PGS-BD", "PGS-MDD", "PGS-SCZ", "PGS-CROSS"]
    change = Timing("Another score opened on Associations")
    for i in range(repeats):
        _unfold(page, "Score", scores[i % 7])
        row = page.get_by_role("option", name=scores[i % 7], exact=True)
        change.add(page, row, f"tables[1].includes('{scores[i % 7]} × time')")

    turn = Timing("From Trajectories to Associations, grid kept")
    away = Timing("From Associations to Trajectories")
    data = Timing("From Trajectories to Data")
    for _ in range(repeats):
        away.add(page, to_course, "title === 'Trajectories' && labels[0] && labels[1]")
        turn.add(page, to_grid, "title === 'Associations' && labels[0] && tables.length === 2")
    for _ in range(repeats):
        to_course.click()
        expect(page.get_by_role("heading", name="Trajectories")).to_be_visible()
        settled(page)
        data.add(page, to_data, "title === 'Data' && answer.includes('2,668')")

    to_course.click()
    expect(page.get_by_role("heading", name="Trajectories")).to_be_visible()
    settled(page)
    course = Timing("Another score on Trajectories, each for the first time")
    # The course of the last score is known from the steps before.
    for score in ["PGS-EDU", *scores][: max(1, min(repeats, 7))]:
        _unfold(page, "Score", score)
        row = page.get_by_role("option", name=score, exact=True)
        wanted = f"answer.includes('{score}') && labels[0].includes('{score}') && labels[1]"
        course.add(page, row, wanted)
    group = Timing("Trajectories by diagnosis: three models fitted apart, for the first time")
    for score in [*scores, "PGS-EDU"][:repeats]:
        _choose(page, "Split by", "nothing")
        _choose(page, "Score", score)
        _unfold(page, "Split by", "diagnosis")
        row = page.get_by_role("option", name="diagnosis", exact=True)
        wanted = "labels.length === 3 && labels.every((l) => l)"
        group.add(page, row, wanted)
    return [turn, refit, order, change, course, away, data, group]


def _other_pages(page: Page, repeats: int) -> list[Timing]:
    """Cohort, Robustness, Power and pooling, and Known plans, once their long runs are done."""
    page.get_by_role("button", name="Open the simulated cohort").click()
    expect(page.get_by_role("heading", name="Associations")).to_be_visible(timeout=WAIT_MS)
    settled(page)
    ready = {
        "Cohort": "labels[0] && tables.length",
        "Robustness": "labels[0] && answer.includes('challenges')",
        "Power and pooling": "labels[0] && answer.includes('power')",
        "Known plans": "labels[0] && answer",
        "Associations": "labels[0] && tables.length === 2",
    }
    links = page.get_by_test_id("stSidebarNavLink")
    for name in ready:
        links.filter(has_text=name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        settled(page)
        if name == "Known plans":
            page.get_by_role("button", name="Carry out the plan").click()
            expect(
                page.get_by_role("heading", name="The result in the form of the paper's table")
            ).to_be_visible(timeout=3 * WAIT_MS)
        page.wait_for_function(_WAITED, arg=[ready[name]], timeout=3 * WAIT_MS)
        settled(page)
    turns = {name: Timing(f"To {name}, its long run kept") for name in ready}
    for _ in range(repeats):
        for name, condition in ready.items():
            wanted = f"title === '{name}' && {condition}"
            turns[name].add(page, links.filter(has_text=name), wanted)
    scores = ["PGS-INT", "PGS-ADHD", "PGS-ASD", "PGS-BD", "PGS-MDD", "PGS-SCZ", "PGS-CROSS"]
    found = [turns[name] for name in ("Cohort", "Robustness", "Power and pooling", "Known plans")]
    for name, place in (("Robustness", "answer"), ("Power and pooling", "labels[1]")):
        links.filter(has_text=name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        settled(page)
        change = Timing(f"Another score on {name}, each for the first time")
        for score in scores[: min(repeats, 7)]:
            _unfold(page, "Score", score)
            row = page.get_by_role("option", name=score, exact=True)
            change.add(page, row, f"labels[0] && {place}.includes('{score}')")
        found.append(change)
    links.filter(has_text="Robustness").click()
    settled(page)
    opened = Timing("A challenge opened on Robustness")
    parts = page.get_by_test_id("stExpander")
    for i in range(min(repeats, 8)):
        part = parts.filter(has_text=": severity at the start").nth(i)
        opened.add(page, part.locator("summary"), f"tables.length === {i + 1}")
    return [*found, opened]


def _unfold(page: Page, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=label, exact=True).last
    box.scroll_into_view_if_needed()
    box.click()
    expect(page.get_by_role("option", name=option, exact=True)).to_be_visible()


def _choose(page: Page, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=label, exact=True).last
    if box.input_value() == option:
        return
    _unfold(page, label, option)
    page.get_by_role("option", name=option, exact=True).click()
    expect(box).to_have_value(option)
    settled(page)


@dataclass(frozen=True)
class Server:
    """One step on the server alone: seconds, and the calls that take most of them."""

    what: str
    seconds: float
    calls: tuple[tuple[str, float], ...]


# Functions whose share of a run says where its time goes; they do not overlap.
_SHARES = {
    "fitting the grid": ("pgsicbt/__init__.py", "models/grid/grid.py", "fit"),
    "the course of a score": ("models/course/course.py", "", "course"),
    "drawing the forest (plotly)": ("figures/forest_plotly.py", "", "forest_interactive"),
    "drawing trajectories (plotly)": ("figures/course.py", "", "interactive"),
    "handing figures to Streamlit": ("plotly_chart.py", "", "plotly_chart"),
    "sentences of the coefficients": ("words/terms.py", "words/sentences.py", "coefficient"),
}


def _on_server(repeats: int) -> list[Server]:
    """The same steps without a browser, timed unprofiled and then profiled once."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.button[0].click().run()

    def box(kind: str, label: str) -> Any:
        return next(w for w in getattr(app, kind) if w.label == label)

    numbers = iter([n for n in range(11) if n != 5] * (1 + repeats))
    windows = iter(range(1, 200))

    def choose() -> None:
        app.session_state["analysis-line"] = True  # the choices fold with each fit
        app.run()
        box("number_input", "Principal components").set_value(next(numbers))
        # The window too, so that no repetition finds its fit in the cache.
        box("slider", "Weeks").set_value((-2.0, 12.0 - (next(windows) % 6)))

    def refit() -> None:
        next(b for b in app.button if b.label == "Fit").click().run()

    names = list(app.session_state["open.study"].score_names[:8])
    turn = iter(names[1:] * (2 + repeats))

    def change() -> None:
        box("selectbox", "Score").set_value(next(turn)).run()

    found = [
        _timed("Associations run again, nothing fitted", lambda: app.run() and None, repeats),
        _timed("Another score opened on Associations", change, repeats),
        _timed("Fit changed choices: eight scores, three models", refit, repeats, choose),
    ]
    app.switch_page("pages/trajectories.py").run()
    found.append(_timed("Another score on Trajectories", change, min(repeats, 5)))
    return found


def _timed(
    what: str,
    step: Callable[[], None],
    repeats: int,
    prepare: Callable[[], None] = lambda: None,
) -> Server:
    times = []
    for _ in range(repeats):
        prepare()
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    profile = cProfile.Profile()
    # The script runs in a thread of its own, which a profiler of this thread would not see.
    prepare()
    with _profiled(profile):
        step()
    return Server(what, statistics.median(times), _shares(profile, statistics.median(times)))


@contextmanager
def _profiled(profile: cProfile.Profile) -> Iterator[None]:
    from streamlit.runtime.scriptrunner import script_runner

    plain = script_runner.exec_func_with_error_handling

    def watched(*args: object, **kwargs: object) -> object:
        profile.enable()
        try:
            return plain(*args, **kwargs)
        finally:
            profile.disable()

    script_runner.exec_func_with_error_handling = watched
    try:
        yield
    finally:
        script_runner.exec_func_with_error_handling = plain


def _shares(profile: cProfile.Profile, seconds: float) -> tuple[tuple[str, float], ...]:
    """Cumulative time of the named functions, scaled from the profiled to the plain run."""
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    whole = sum(own for _, _, own, _, _ in stats.values())
    shares = []
    for name, (first, second, function) in _SHARES.items():
        spent = sum(
            cumulative
            for (file, _, called), (_, _, _, cumulative, _) in stats.items()
            if called == function and (file.endswith(first) or (second and file.endswith(second)))
        )
        if spent:
            shares.append((name, spent / whole * seconds))
    return tuple(sorted(shares, key=lambda pair: -pair[1]))


def _report(
    timings: list[Timing], server: list[Server], repeats: int, load: tuple[float, float]
) -> str:
    today = datetime.datetime.now(datetime.UTC).date()
    lines = [
        "# From a click to the new page",
        "",
        f"Measured {today} on two cores, server and Chromium on the same machine; the simulated "
        "cohort (2,668 people, 24,845 observations), eight scores in three models. Command: "
        f"`python -m benchmarks.response --repeats {repeats}`. The aim is {TARGET} s. Load of the "
        f"machine before and after: {load[0]:.1f} and {load[1]:.1f}; these clicks alone keep it "
        "near 1, and above 2 other work slows them.",
        "",
        "Content: the new content is there and the script has ended. Still: the last change of "
        "anything on the page, with the figures drawn again, but for the half second in which a "
        "part of the page folds. Seconds, median (slowest).",
        "",
        "| click | content | still | repetitions | within 0.5 s |",
        "|---|---:|---:|---:|---|",
    ]
    for one in timings:
        content, still = statistics.median(one.content), statistics.median(one.still)
        verdict = "yes" if max(content, still) < TARGET else "no"
        lines.append(
            f"| {one.what} | {content:.2f} ({max(one.content):.2f}) "
            f"| {still:.2f} ({max(one.still):.2f}) | {len(one.still)} | {verdict} |"
        )
    lines += [
        "",
        "## What the server spends",
        "",
        "The same steps without a browser; shares come from a profile of one more repetition and "
        "are scaled to the time without profiling.",
        "",
        "| step | seconds | of which |",
        "|---|---:|---|",
    ]
    for step in server:
        shares = ", ".join(f"{name} {spent:.2f}" for name, spent in step.calls)
        lines.append(f"| {step.what} | {step.seconds:.2f} | {shares} |")
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=10)
    repeats: int = parser.parse_args().repeats
    before = os.getloadavg()[0]
    timings = _in_browser(repeats)
    load = before, os.getloadavg()[0]
    text = _report(timings, _on_server(repeats), repeats, load)
    (HERE / "results" / "response.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
