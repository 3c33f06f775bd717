"""Whether the screen is narrow: each figure is drawn in one form, and the navigation folds."""

from __future__ import annotations

import streamlit as st

NARROW = 640
"""Page width in pixels up to which the narrow form of a figure is drawn."""

_KEY = "viewport"
# On a telephone the navigation lies over the page, so it folds once a page is chosen.
# Speaks up when the width crosses the limit, and at the start only if it is not what the server
# supposes: a page of the supposed width costs no second run.
_watch = st.components.v2.component(
    "pgsicbt.viewport",
    js="""
export default function ({ data, setStateValue }) {
  const query = window.matchMedia(`(max-width: ${data.limit}px)`);
  const tell = () => setStateValue("narrow", query.matches);
  if (query.matches !== data.supposed) tell();
  const fold = (event) => {
    if (query.matches && event.target.closest('[data-testid="stSidebarNavLink"]'))
      document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  };
  query.addEventListener("change", tell);
  document.addEventListener("click", fold);
  return () => {
    query.removeEventListener("change", tell);
    document.removeEventListener("click", fold);
  };
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
