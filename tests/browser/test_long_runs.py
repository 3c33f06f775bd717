"""Runs that take their time, in the browser: how far they are, and what is left when they end."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import settled
from tests.browser.driving import SECONDS, go, open_sample


def test_a_curve_can_be_cancelled_and_the_page_stays_whole(page: Page) -> None:
    open_sample(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Robustness").click()
    draw = page.get_by_role("button", name="Draw the specification curve")
    expect(draw).to_be_visible(timeout=90 * SECONDS)
    settled(page)
    draw.click()
    expect(page.get_by_test_id("stProgress")).to_contain_text("of 500", timeout=30 * SECONDS)
    # Streamlit's own way to stop would leave half a page.
    expect(page.get_by_test_id("stStatusWidget").get_by_role("button")).to_have_count(0)
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(draw).to_be_visible(timeout=10 * SECONDS)
    settled(page)
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_have_count(0)
    expect(page.get_by_role("heading", name="Missed visits", exact=True)).to_be_visible()
    go(page, "Associations")
    expect(page.get_by_text("1 of 8 (PGS-EDU)")).to_be_visible()
