"""Small pieces that every page shows the same way: figures, tables, notes, downloads."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import pandas as pd
import streamlit as st

from pages.common.style import is_dark
from pages.common.viewport import is_narrow
from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.export import csv_bytes, svg_bytes
from pgsicbt.study import Study

_CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "figure"},
}


def answer(sentence: str) -> None:
    """The page's answer, in larger type."""
    st.html(f'<p class="answer">{html.escape(sentence)}</p>')


def sentence(text: str) -> None:
    """A sentence of the package. Names in it are the user's, so it is not read as Markdown."""
    st.html(f'<p class="sentence">{html.escape(text)}</p>')


def passage(*pieces: tuple[str, str]) -> None:
    """Sentences and notes, ("sentence" or "quiet", text), as one piece of the page.

    Each piece of a page costs the browser time.
    """
    said = "".join(f'<p class="{kind} listed">{html.escape(t)}</p>' for kind, t in pieces if t)
    if said:
        st.html(said)


def sentences(texts: Iterable[str]) -> None:
    """Several sentences, one below the other."""
    passage(*(("sentence", text) for text in texts))


def quiet(sentence: str) -> None:
    """A note below a figure or table."""
    st.html(f'<p class="quiet">{html.escape(sentence)}</p>')


def definitions(terms: Mapping[str, str]) -> None:
    """Terms with their definitions, in the order of the alphabet."""
    listed = sorted(terms.items(), key=lambda pair: pair[0].casefold())
    said = "".join(
        f"<dt>{html.escape(term)}</dt><dd>{html.escape(text)}</dd>" for term, text in listed
    )
    st.html(f'<dl class="definitions">{said}</dl>')


def folded(label: str, key: str) -> Any:
    """A folded part of a page; what is in it is made only when ``.open``. No Markdown."""
    return st.expander(plain(label), key=key, on_change="rerun")


def simulated_note(study: Study) -> None:
    """Say so wherever results of the simulated cohort are shown."""
    if study.simulated:
        quiet("Simulated cohort: nobody in it exists, and its effects were planted.")


def error(problem: PgsIcbtError) -> None:
    """The package's own sentence; nothing else is known to a person or worth showing."""
    st.error(plain(str(problem)))


def plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    text = re.sub(r"([\\`*_{}\[\]()<>#+!|~$:&])", r"\\\1", text)
    return re.sub(r"^(\s*\d*)([.\-])", r"\1\\\2", text)  # at the beginning they make a list


def figure(
    draw: Callable[..., Any],
    *,
    alt: str,
    key: str,
    stamp: str,
    select: bool = False,
    saved: bool = True,
) -> str:
    """A figure in the form that fits the page.

    ``draw`` takes ``dark`` and ``narrow``; ``stamp`` names what is drawn (digest and spec at
    least), so that a figure seen before in this session is not drawn again. Without ``saved``
    there is no button to save the picture. Returns the score that was clicked, or "".
    """
    narrow = is_narrow()
    options: dict[str, Any] = {"on_select": "rerun", "selection_mode": "points"}
    event = st.plotly_chart(
        _drawn(draw, stamp, is_dark(), narrow),
        theme=None,
        alt=alt,
        key=f"{key}-{'narrow' if narrow else 'wide'}",
        config=_CONFIG if saved else {**_CONFIG, "displayModeBar": False},
        **(options if select else {}),
    )
    points = event["selection"]["points"] if select else []
    return _first(points[0]["customdata"]) if points and points[0].get("customdata") else ""


@st.cache_resource(scope="session", max_entries=64, ttl="8h", show_spinner=False)
def _drawn(_draw: Callable[..., Any], stamp: str, dark: bool, narrow: bool) -> Any:
    return _draw(dark=dark, narrow=narrow)


class Figure(Protocol):
    """A figure of the package."""

    @property
    def alt(self) -> str: ...
    @property
    def note(self) -> str: ...
    def interactive(self, *, dark: bool = False, narrow: bool = False) -> Any: ...
    def static(self) -> Any: ...


def explained(shown: Figure, name: str, stamp: str, frame: pd.DataFrame) -> None:
    """A figure, its note, its numbers and itself to download; ``stamp`` as in :func:`figure`."""
    figure(shown.interactive, alt=shown.alt, key=f"{name}-figure", stamp=f"{name} {stamp}")
    quiet(shown.note)
    downloads(name, frame, name, lambda: svg_bytes(shown.static()))


def _broken(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def _first(value: Any) -> str:
    return str(value[0]) if isinstance(value, (list, tuple)) else str(value)


def downloads(
    name: str, frame: pd.DataFrame, key: str, svg: Callable[[], bytes] | None = None
) -> None:
    """Buttons for the numbers (CSV) and the figure (SVG); made when they are clicked."""
    with st.container(horizontal=True):
        st.download_button(
            "Numbers (CSV)",
            data=lambda: csv_bytes(frame),
            file_name=f"{name}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"{key}-csv",
        )
        if svg is not None:
            st.download_button(
                "Figure (SVG)",
                data=svg,
                file_name=f"{name}.svg",
                mime="image/svg+xml",
                on_click="ignore",
                key=f"{key}-svg",
            )


def journal_table(
    rows: Sequence[Sequence[str]],
    header: Sequence[tuple[str, str]],
    caption: str,
    *,
    numeric: Sequence[int] = (),
    titles: Sequence[str] = (),
) -> None:
    """A table with few rules; each header is (text, explanation shown on hover).

    A header with a line break wraps there and at spaces. A row of one cell is a group heading;
    ``titles`` explain the rows, if given.
    """
    right = set(numeric)
    head = "".join(
        f'<th scope="col" title="{html.escape(why, quote=True)}"'
        f"{' class=n' if i in right else ''}>{_broken(text)}</th>"
        for i, (text, why) in enumerate(header)
    )
    body = []
    for i, row in enumerate(rows):
        if len(row) == 1:
            body.append(
                f'<tr class="group"><td colspan="{len(header)}">{html.escape(row[0])}</td></tr>'
            )
            continue
        cells = "".join(
            f"<td{' class=n' if k in right else ''}>{html.escape(cell)}</td>"
            for k, cell in enumerate(row)
        )
        why = f' title="{html.escape(titles[i], quote=True)}"' if titles else ""
        body.append(f"<tr{why}>{cells}</tr>")
    # The caption stands outside what scrolls, or its end would be out of sight with the columns.
    named = html.escape(caption, quote=True)
    st.html(
        f'<figure class="table"><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{named}"><table class="journal" aria-label="{named}">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
        f'<figcaption class="quiet">{html.escape(caption)}</figcaption></figure>'
    )
