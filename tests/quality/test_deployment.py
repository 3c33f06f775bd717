"""What docs/deployment.md tells people to set agrees with the program that is installed."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import streamlit

from tests.serving import ROOT

PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")


def test_the_content_policy_allows_the_script_of_the_start_page_and_no_other() -> None:
    start = Path(streamlit.__file__).parent / "static" / "index.html"
    inline = re.findall(r"<script>(.*?)</script>", start.read_text(encoding="utf-8"), re.DOTALL)
    hashes = {
        f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"
        for code in inline
    }
    policy = re.search(r"script-src 'self' blob: ([^;]*);", PAGE)
    assert policy
    assert set(policy[1].replace("'", "").split()) == hashes


def test_the_settings_of_the_page_are_those_of_compose() -> None:
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for name in ("STREAMLIT_BROWSER_SERVER_ADDRESS", "STREAMLIT_SERVER_ALLOWED_HOSTS"):
        assert name in PAGE
        assert name in compose
    assert "PGSICBT_HOST" in PAGE
    assert "PGSICBT_HOST" in compose


def test_open_addresses_of_streamlit_are_closed_in_the_proxy() -> None:
    for path in ("/_stcore/metrics", "/_stcore/agent/"):
        assert re.search(rf"location \^~ {re.escape(path)}\s+{{ return 404; }}", PAGE)
