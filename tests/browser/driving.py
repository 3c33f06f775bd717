"""What a person does in the browser, in the words of the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.conftest import settled

SECONDS = 1000
# A machine with other work to do may take longer than Playwright's five seconds.
expect.set_options(timeout=15 * SECONDS)
# What a telephone tells of itself; by it Streamlit folds the navigation away after each step.
TELEPHONE = {
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36",
}


def open_sample(page: Page) -> None:
    """The simulated cohort with one click, on Associations."""
    page.goto("/")
    settled(page)
    page.get_by_role("button", name="Open the simulated cohort").click()
    at(page, "Associations")


def at(page: Page, name: str) -> None:
    """Wait until the page called ``name`` is there and still."""
    heading = page.get_by_role("heading", name=name, exact=True)
    expect(heading).to_be_visible(timeout=30 * SECONDS)
    settled(page)


def go(page: Page, name: str) -> None:
    """Another page, by the navigation, which is folded away on a narrow screen."""
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text=name).first
    if page.viewport_size is not None and page.viewport_size["width"] < 640:
        page.get_by_test_id("stExpandSidebarButton").click()
    link.click()
    at(page, name)


def charts(page: Page) -> Locator:
    """The charts that the width of the window shows."""
    return page.locator('[data-testid="stPlotlyChart"]:visible')


def drawn(chart: Locator) -> str:
    """All text that a chart shows, once it is drawn."""
    expect(chart.locator(".main-svg text").first).to_be_visible()
    words: list[str] = chart.locator("text").all_text_contents()
    return "|".join(words)


def choose(page: Page, label: str, option: str) -> None:
    """Take an option of a box that holds one choice."""
    box = page.get_by_role("combobox", name=label, exact=True).last
    box.scroll_into_view_if_needed()

    def unfold_list() -> None:
        # By the keyboard, as a list under a figure that is drawn again can slip from the mouse.
        box.focus()
        box.press("ArrowDown")

    pick(page, unfold_list, option)
    expect(box).to_have_value(option)
    settled(page)


def pick(
    page: Page, unfold_list: Callable[[], None], option: str, arrived: Locator | None = None
) -> None:
    """Click an option of a list; a page that is drawn again folds it, as it would a person's.

    On a busy machine the page can move between the button's going down and up: with ``arrived``,
    what shows that the click was taken, it is made again as a person would.
    """
    row = page.get_by_role("option", name=option, exact=True)
    for last in (False, False, False, True):
        settled(page)
        unfold_list()
        try:
            row.click(timeout=(20 if last else 4) * SECONDS)
            if arrived is not None:
                arrived.wait_for(timeout=(20 if last else 4) * SECONDS)
        except TimeoutError:
            if last:
                raise
            page.keyboard.press("Escape")
        else:
            return


def unfold(page: Page, title: str) -> None:
    """Open the fold whose title has these words, where it is closed."""
    fold = page.locator("details").filter(has=page.locator("summary", has_text=title)).last
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()
        # What is in it may be made only now, which begins a moment after the click.
        page.wait_for_timeout(200)
    settled(page)


def upload(page: Page, *files: Path, into: int = 0) -> None:
    """Give files to the uploader of the Data page with this number."""
    box = page.get_by_test_id("stFileUploader").nth(into).locator('input[type="file"]')
    box.set_input_files([str(file) for file in files])


def download(page: Page, button: Locator) -> bytes:
    """The file behind a button."""
    with page.expect_download() as waiting:
        button.click()
    return Path(waiting.value.path()).read_bytes()


def too_wide(page: Page) -> list[str]:
    """What sticks out of the page at its right; what scrolls on its own may."""
    found: list[str] = page.evaluate(
        """() => {
          const main = document.querySelector('[data-testid="stMain"]');
          const edge = main.getBoundingClientRect().right + 1;
          const wide = [...main.querySelectorAll("*")].filter((e) =>
            e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})
            && e.getBoundingClientRect().right > edge
            && !e.closest(".scroll, [data-testid='stDataFrame'],"
              + "[data-testid='stMultiSelect'], pre, .js-plotly-plot"));
          const names = wide.map((e) => e.tagName + " " + (e.dataset.testid ?? e.className));
          if (main.scrollWidth > main.clientWidth + 1) names.push("the page scrolls sideways");
          return names;
        }"""
    )
    return found
