"""Whether the page is read on a narrow screen, so that each figure is drawn in one form only."""

from __future__ import annotations

import streamlit as st

NARROW = 640
"""Page width in pixels up to which the narrow form of a figure is drawn."""

_KEY = "viewport"
# Speaks up when the width crosses the limit, and at the start only if it is not what the server
# supposes: a page of the supposed width costs no second run.
_watch = st.components.v2.component(
    "pgsicbt.viewport",
    js="""
export default function ({ data, setStateValue }) {
  const query = window.matchMedia(`(max-width: ${data.limit}px)`);
  const tell = () => setStateValue("narrow", query.matches);
  if (query.matches !== data.supposed) tell();
  query.addEventListener("change", tell);
  return () => query.removeEventListener("change", tell);
}
""",
)


def watch_width() -> None:
    """Let the browser say whether its page is narrow; called once in every run."""
    with st.container(key="viewport-watch"):
        _watch(
            key=_KEY,
            data={"limit": NARROW, "supposed": is_narrow()},
            on_narrow_change=lambda: None,
        )


def is_narrow() -> bool:
    """Whether the page is narrow: as the browser said, else as its kind suggests."""
    said = st.session_state.get(_KEY) or {}
    narrow = said.get("narrow")
    if narrow is None:
        return "Mobi" in st.context.headers.get("User-Agent", "")
    return bool(narrow)
