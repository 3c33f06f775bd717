"""How a reading is shown and corrected on the Data page."""

from __future__ import annotations

import html
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.common import show
from pgsicbt.ingest import ROLES, FileReading, ReadingChoices
from pgsicbt.study import LedgerStep

_WORDS = {"info": "Note", "warning": "Check", "error": "Refused"}
_COLOURS = {"green": "#00664B", "amber": "#8A5A00", "red": "#B3321B"}


def no_choices() -> ReadingChoices:
    """Nothing corrected: everything is guessed."""
    return ReadingChoices()


def from_recipe(data: bytes) -> ReadingChoices:
    """A recipe that was saved earlier."""
    return ReadingChoices.from_json(data.decode("utf-8", errors="replace"))


def flow(steps: Sequence[LedgerStep]) -> None:
    """The way from the files to the people analysed, as boxes that wrap on a narrow screen."""
    boxes = []
    for step in steps:
        lost = f"<small>{step.lost_persons:,} left out</small>" if step.lost_persons else ""
        name = step.step
        boxes.append(f"<li><b>{step.persons:,}</b><span>{html.escape(name)}</span>{lost}</li>")
    st.html(f'<ol class="flow" aria-label="People at each step">{"".join(boxes)}</ol>')


def ledger_table(steps: Sequence[LedgerStep]) -> None:
    """Every step with who was lost and why."""
    with st.expander("The join ledger, step by step"):
        show.journal_table(
            [
                [
                    s.step,
                    f"{s.persons:,}",
                    f"{s.observations:,}" if s.observations else "",
                    f"{s.lost_persons:,}" if s.lost_persons else "",
                    f"{s.lost_observations:,}" if s.lost_observations else "",
                    s.reason,
                ]
                for s in steps
            ],
            [
                ("Step", "What was done"),
                ("People", "People left after the step"),
                ("Observations", "Values left after the step"),
                ("People lost", "People that the step left out"),
                ("Observations lost", "Values that the step left out"),
                ("Why", "The reason"),
            ],
            "From files to people",
            numeric=range(1, 5),
        )


def status_line(file: FileReading) -> None:
    """One line per file: green, amber or red, and the word for it."""
    if file.error is not None:
        colour, word, text = "red", "Refused", str(file.error)
    elif any(f.severity == "warning" for f in file.findings):
        colour, word, text = "amber", "Check", file.summary
    else:
        colour, word, text = "green", "Read", file.summary
    st.html(
        f'<p class="file" style="border-left:4px solid {_COLOURS[colour]}">'
        f"<b>{html.escape(file.name)}</b> &nbsp;{word}. {html.escape(text)}</p>"
    )
    for finding in file.findings:
        show.quiet(f"{_WORDS[finding.severity]}: {finding.message}")


def columns_editor(file: FileReading, choices: ReadingChoices) -> ReadingChoices:
    """The columns of one file with their roles, correctable; returns the choices after it."""
    with st.expander(f"Columns of {file.name}"):
        frame = pd.DataFrame(
            {
                "Column": [c.column for c in file.columns],
                "Taken for": [c.role for c in file.columns],
                "Why": [c.reason for c in file.columns],
                "What it holds": [c.detail for c in file.columns],
            }
        )
        edited = st.data_editor(
            frame,
            hide_index=True,
            disabled=["Column", "Why", "What it holds"],
            column_config={
                "Taken for": st.column_config.SelectboxColumn(options=list(ROLES), required=True)
            },
            key=f"columns-{file.name}-{abs(hash(choices.to_json()))}",
        )
    roles = dict(choices.roles)
    for column, old, role in zip(
        frame["Column"], frame["Taken for"], edited["Taken for"], strict=True
    ):
        if role != old:
            roles[file.name, str(column)] = str(role)
    return ReadingChoices(roles=roles, missing=choices.missing, times=choices.times)


def times_and_codes(files: Sequence[FileReading], choices: ReadingChoices) -> ReadingChoices:
    """Weeks of the visits and missing-value codes, correctable."""
    times, missing = dict(choices.times), dict(choices.missing)
    tag = abs(hash(choices.to_json()))
    unplaced = any(v.week is None for f in files for v in f.visits)
    with st.expander("Visits in weeks, and codes for missing values", expanded=unplaced):
        left, right = st.columns(2)
        with left:
            rows = {v.label: (v.week, v.n_rows) for f in files for v in f.visits}
            if rows:
                frame = pd.DataFrame(
                    {
                        "Visit": list(rows),
                        "Week": pd.array([w for w, _ in rows.values()], dtype="Float64"),
                        "Rows": [n for _, n in rows.values()],
                    }
                )
                edited = st.data_editor(
                    frame,
                    hide_index=True,
                    disabled=["Visit", "Rows"],
                    key=f"times-{tag}",
                    alt="Visits with their week, which can be corrected",
                )
                for label, week in zip(edited["Visit"], edited["Week"], strict=True):
                    if pd.notna(week) and week != rows[label][0]:
                        times[str(label)] = float(week)
                show.quiet("Weeks count from the start of treatment; before it they are negative.")
            else:
                show.quiet("Times are numbers in these files and are used as they are.")
        with right:
            for name in _outcome_columns(files):
                text = st.text_input(
                    f"Missing-value codes of {name}",
                    ", ".join(f"{c:g}" for c in missing.get(name, ())),
                    placeholder="such as -9, 999",
                    key=f"missing-{name}-{tag}",
                )
                codes = _codes(text)
                if codes is None:
                    st.error("Write codes as numbers with commas between them, such as -9, 999.")
                elif codes != tuple(missing.get(name, ())):
                    missing[name] = codes
    return ReadingChoices(
        roles=choices.roles, missing={k: v for k, v in missing.items() if v}, times=times
    )


def _outcome_columns(files: Sequence[FileReading]) -> list[str]:
    """Columns that hold outcome values; a wide table with dozens is left to the recipe."""
    names = [c.column for f in files for c in f.columns if c.role in ("outcome", "value")]
    return names if len(names) <= 6 else []


def _codes(text: str) -> tuple[float, ...] | None:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        return None
