"""The very first request of a server, for any page, comes in through ``app.py``."""

from __future__ import annotations

import pytest

from tests.serving import free_port, running, streamlit_command

pytestmark = pytest.mark.browser


def test_the_first_visit_of_a_server_may_be_to_any_page(browser, tmp_path):
    port = free_port()
    with running(streamlit_command(port), port, tmp_path) as server:
        page = browser.new_page()
        page.goto(f"{server.url}/data")
        page.get_by_role("heading", name="Polygenic scores and symptom change").or_(
            page.locator("h1")
        ).first.wait_for(timeout=20_000)
        page.get_by_role("link", name="Cohort").first.wait_for(timeout=20_000)
        # Streamlit would name a page after its file if app.py had not said what it is called.
        names = [link.inner_text() for link in page.locator("[data-testid=stSidebarNavLink]").all()]
        assert names == [
            "Start", "Data", "Cohort", "Associations", "Trajectories", "Robustness",
            "Power and pooling", "Known plans",
        ]  # fmt: skip
        assert page.locator("[data-testid=stException]").count() == 0
        page.close()
