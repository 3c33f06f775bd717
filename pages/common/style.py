"""The few rules of style that the theme cannot express. They fetch nothing."""

from __future__ import annotations

import streamlit as st

from pgsicbt.figures.palette import theme

_CSS = """
<style>
.stMainBlockContainer { max-width: 72rem; }
[data-testid="stMetricValue"], [data-testid="stTable"] td, .figures
  { font-variant-numeric: tabular-nums lining-nums; }
.st-key-viewport-watch { display: none; }
/* Streamlit's own Stop leaves half a page; what may be stopped has a Cancel of its own. */
[data-testid="stStatusWidget"] button { display: none; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding-left: 1rem; padding-right: 1rem; }
}
.answer { font-size: 1.25rem; line-height: 1.4; max-width: 46rem; margin: 0 0 .5rem 0; }
p.sentence { max-width: 52rem; margin: 0; }
.quiet { opacity: .78; font-size: .9rem; max-width: 52rem; margin: 0; }
p.listed + p.listed { margin-top: .6rem; }
table.journal { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums;
  border-top: 2px solid currentColor; border-bottom: 2px solid currentColor; }
table.journal th { font-weight: 600; text-align: left; border-bottom: 1px solid currentColor; }
table.journal th, table.journal td { padding: .22rem .55rem; border-left: 0; border-right: 0; }
table.journal td { border-top: 0; border-bottom: 0; }
table.journal .n { text-align: right; white-space: nowrap; }
table.journal thead th { vertical-align: bottom; }
table.journal th.n:has(br) { white-space: normal; }
table.journal td { line-height: 1.4; }
table.journal tr.group td { font-weight: 600; padding-top: .7rem; }
ol.flow { list-style: none; padding: 0; margin: 0; display: grid; gap: .8rem .2rem;
  grid-template-columns: repeat(auto-fill, minmax(7.4rem, 1fr)); }
ol.flow li { display: flex; flex-direction: column; margin: 0; padding: 0 .6rem;
  border-left: 2px solid rgba(128,128,128,.45); }
ol.flow b { font-size: 1.25rem; font-variant-numeric: tabular-nums; }
ol.flow span, ol.flow small { font-size: .9rem; line-height: 1.3; overflow-wrap: anywhere; }
ol.flow li.on span::before { content: "→ "; }
div.file { padding: .1rem 0 .1rem .7rem; margin: 0 0 .7rem 0; border-left: 4px solid; }
div.file p { margin: 0; overflow-wrap: anywhere; }
div.file p.quiet { margin-top: .2rem; }
div.file summary { opacity: .78; font-size: .9rem; cursor: pointer; width: fit-content; }
[data-testid="stButtonGroup"] button p { color: var(--text); }
table.journal th:first-child, table.journal td:first-child { padding-left: 0; }
table.journal th:last-child, table.journal td:last-child { padding-right: 0; }
table.journal th:first-child, table.journal td:first-child { white-space: nowrap; }
table.journal td[colspan] { white-space: normal; }
@media (max-width: 640px) {
  table.journal { font-size: .9rem; }
  table.journal td:first-child:not([colspan]), table.journal th:first-child { position: sticky;
    left: 0; background: var(--page); min-width: 5.8rem; max-width: 9.5rem; white-space: normal;
    overflow-wrap: break-word; }
}
figure.table { margin: 0; }
figure.table figcaption { padding-top: .4rem; }
/* A shade at the right edge while columns are out of sight there; the page's colour, which moves
   with the table, covers it at the end. */
.scroll { overflow-x: auto; scrollbar-width: thin; background:
  linear-gradient(to left, var(--page) 45%, transparent) right / 4rem 100% no-repeat local,
  linear-gradient(to left, rgba(128,128,128,.38), transparent) right / 1.6rem 100% no-repeat scroll;
}
dl.definitions { columns: 22rem 2; column-gap: 2.5rem; margin: 0; }
dl.definitions dt { font-weight: 600; break-after: avoid; }
dl.definitions dd { margin: 0 0 .7rem 0; break-inside: avoid; }
</style>
"""


def is_dark() -> bool:
    """Whether the browser shows the dark theme."""
    return getattr(st.context.theme, "type", "light") == "dark"


def apply_style() -> None:
    """Write the style rules into the page."""
    colours = theme(dark=is_dark())
    st.html(
        f"<style>:root {{ --page: {colours.background}; --text: {colours.text}; }}</style>{_CSS}"
    )
