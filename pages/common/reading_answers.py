"""What holds for all files: weeks of visits, missing codes, how people are matched, repeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

import pandas as pd
import streamlit as st

from pages.common import show
from pages.common.reading_columns import apply_button, editing, stamp
from pages.common.state import Loaded
from pgsicbt.ingest import FileReading, ReadingChoices, codes_in
from pgsicbt.ingest.choices import IdMatching, Repeats

_IDS: Mapping[str, str] = {
    "auto": "as they stand; leading zeros that a spreadsheet dropped are passed over, and told",
    "exact": "exactly as they stand",
    "zeros": "without leading zeros",
    "case": "whatever the case",
    "punctuation": "without blanks and punctuation",
    "family": "without the family identifier before them (FID_IID)",
    "all": "without zeros, case, blanks and punctuation",
}
_REPEATS: Mapping[str, str] = {
    "refuse": "refuse the files, naming lines",
    "first": "the first counts",
    "last": "the last counts",
    "mean": "their mean counts",
}
_RELATIVES: Mapping[float | None, str] = {
    None: "keep everybody",
    0.0442: "leave one of each pair out, from third degree (kinship .044)",
    0.0884: "leave one of each pair out, from second degree (kinship .088)",
    0.177: "leave one of each pair out, first degree only (kinship .177)",
}
MOST_OUTCOMES = 12


def times(loaded: Loaded, choices: ReadingChoices) -> ReadingChoices:
    """Weeks of the visits in numeric order, correctable."""
    files, frozen = loaded.reading.files, not loaded.uploads
    rows: dict[str, tuple[float | None, int]] = {}
    for file in files:
        for visit in file.visits:
            known = rows.get(visit.label, (visit.week, 0))
            rows[visit.label] = (known[0], known[1] + visit.n_rows)
    unplaced = any(week is None for week, _ in rows.values())
    with st.expander("Visits in weeks", expanded=unplaced, key="visits"):
        if not rows:
            show.quiet("Times are numbers in these files and are used as they are.")
            return choices
        frame = pd.DataFrame(
            {
                "Visit": list(rows),
                "Week": pd.array([week for week, _ in rows.values()], dtype="Float64"),
                "Rows": [n for _, n in rows.values()],
            }
        ).sort_values("Week", na_position="first", ignore_index=True, kind="stable")
        given = dict(choices.times)
        with editing(loaded, "form-visits"):
            edited = st.data_editor(
                frame,
                hide_index=True,
                disabled=frozen or ["Visit", "Rows"],
                column_config={
                    "Visit": st.column_config.TextColumn(width="medium"),
                    "Week": st.column_config.NumberColumn(
                        help="Weeks from the start of treatment; double-click to correct"
                    ),
                },
                width="content",
                key=f"times-{stamp(choices)}",
                alt="Visits with their week, which can be corrected",
            )
            if not frozen:
                apply_button(loaded)
        for label, week in zip(edited["Visit"], edited["Week"], strict=True):
            if pd.notna(week) and week != rows[label][0]:
                given[str(label)] = float(week)
        show.quiet("Weeks count from the start of treatment; before it they are negative.")
    return replace(choices, times=given)


def answers(loaded: Loaded, choices: ReadingChoices) -> ReadingChoices:
    """Missing codes, matching of people, repeats, prorating and relatives."""
    files, frozen = loaded.reading.files, not loaded.uploads
    roles = {column.role for file in files for column in file.columns}
    tag = stamp(choices)
    with (
        st.expander("Missing answers, and how people are matched", key="answers"),
        editing(loaded, "form-answers"),
    ):
        new = _missing(files, choices, frozen, tag)
        left, right = st.columns(2)
        with left:
            how: tuple[IdMatching, ...] = get_args(IdMatching)
            ids = st.selectbox(
                "Identifiers of different files are compared", how, index=how.index(choices.ids),
                format_func=lambda one: _IDS[one], disabled=frozen, key=f"ids-{tag}",
            )  # fmt: skip
        with right:
            which: tuple[Repeats, ...] = get_args(Repeats)
            repeats = st.selectbox(
                "Two values of one person, scale and visit", which,
                index=which.index(choices.repeats), format_func=lambda one: _REPEATS[one],
                disabled=frozen, key=f"repeats-{tag}",
            )  # fmt: skip
        new = replace(new, ids=ids, repeats=repeats)
        if "item" in roles or choices.prorate:
            new = _prorate(files, new, frozen, tag)
        if "kinship" in roles or choices.relatives is not None:
            degrees = tuple(dict.fromkeys([*_RELATIVES, choices.relatives]))
            kinship = st.selectbox(
                "Relatives", degrees, index=degrees.index(choices.relatives),
                format_func=lambda one: _RELATIVES.get(one) or f"from a kinship of {one:g}",
                disabled=frozen, key=f"relatives-{tag}",
            )  # fmt: skip
            new = replace(new, relatives=kinship)
        if not frozen:
            apply_button(loaded)
    return new


def _missing(
    files: tuple[FileReading, ...], choices: ReadingChoices, frozen: bool, tag: int
) -> ReadingChoices:
    """A box per outcome for the numbers that stand for a missing answer."""
    missing = dict(choices.missing)
    names = _outcomes(files)
    if len(names) > MOST_OUTCOMES:
        show.quiet(f"The first {MOST_OUTCOMES} outcomes; a recipe takes codes for all of them.")
    with st.container(horizontal=True):
        for name in names[:MOST_OUTCOMES]:
            before = choices.missing_of(name)
            text = st.text_input(
                f"Missing-value codes of {show.plain(name)}",
                ", ".join(f"{code:g}" for code in before),
                placeholder="such as -9, 999",
                disabled=frozen,
                width=260,
                key=f"missing-{name}-{tag}",
            )
            codes = codes_in(text)
            if codes is None:
                st.error("Write codes as numbers with commas between them, such as -9, 999.")
            elif codes != before:
                missing[name] = codes
    return replace(choices, missing={name: codes for name, codes in missing.items() if codes})


def _outcomes(files: tuple[FileReading, ...]) -> list[str]:
    """Names of the outcomes, as the study calls them or, in a long table, their column."""
    named = [
        (column.name or column.column) if column.role in ("outcome", "item") else column.column
        for file in files
        for column in file.columns
        if column.role in ("outcome", "value", "item")
    ]
    return list(dict.fromkeys(named))


def _prorate(
    files: tuple[FileReading, ...], choices: ReadingChoices, frozen: bool, tag: int
) -> ReadingChoices:
    """How many unanswered questions of a questionnaire are made up for."""
    prorate = dict(choices.prorate)
    named = [c.name for file in files for c in file.columns if c.role == "item" and c.name]
    with st.container(horizontal=True):
        for name in dict.fromkeys([*named, *prorate]):
            most = st.number_input(
                f"Unanswered questions of {show.plain(name)} that are made up for",
                min_value=0,
                max_value=20,
                value=prorate.get(name),
                placeholder="as the instrument says",
                help="A total needs all answers but so many; the mean of the others stands in.",
                disabled=frozen,
                width=330,
                key=f"prorate-{name}-{tag}",
            )
            if most is not None:
                prorate[name] = int(most)
            else:
                prorate.pop(name, None)
    return replace(choices, prorate=prorate)
