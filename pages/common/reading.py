"""What was understood, at a glance: the way to the people analysed, and a line per file."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from pages.common import reading_questions, show
from pgsicbt.ingest import FileReading, Reading
from pgsicbt.study import Finding, LedgerStep

_COLOURS = {"green": "#00664B", "amber": "#8A5A00", "red": "#B3321B", "grey": "#8A9097"}


def flow(steps: Sequence[LedgerStep]) -> None:
    """The way from the files to the people analysed, as boxes that wrap on a narrow screen."""
    boxes = []
    for step in steps:
        lost = f"<small>{step.lost_persons:,} left out</small>" if step.lost_persons else ""
        name = html.escape(step.step)
        kind = "" if step.file else " class=on"
        boxes.append(f"<li{kind}><b>{step.persons:,}</b><span>{name}</span>{lost}</li>")
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


def lines(reading: Reading, shown: Exception | None = None) -> None:
    """One line per table, green, amber or red, with what was noticed about it below.

    ``shown`` is an error that the page has told already.
    """
    told: set[Finding] = set()
    text = ""
    for file in reading.files:
        # What came up when files were joined stands below the file that it is about.
        mine = [*file.findings, *(f for f in reading.findings if f.file == file.name)]
        mine = [finding for finding in dict.fromkeys(mine) if finding not in told]
        told.update(mine)
        asked = any(question.table == file.name for question in reading.questions)
        text += _line(file, mine, asked, file.error is not None and file.error is shown)
    rest = [finding for finding in dict.fromkeys(reading.findings) if finding not in told]
    if rest:
        text += f'<div class="file" style="border-left-color:transparent">{_notes(rest)}</div>'
    st.html(text)


def _line(file: FileReading, findings: Sequence[Finding], asked: bool, told: bool) -> str:
    """A table's line; what deserves a look stands below it, notes only on request."""
    if file.error is not None:
        colour, word = "red", "Refused"
        text = "The reason stands above." if told else str(reading_questions.told(file.error))
    elif file.aside or file.kind == "dictionary":
        colour, word, text = "grey", "Set aside", file.summary.removeprefix("Set aside, ")
    elif asked or any(finding.severity == "warning" for finding in findings):
        colour, word, text = "amber", "Check", file.summary
    else:
        colour, word, text = "green", "Read", file.summary
    return (
        f'<div class="file" style="border-left-color:{_COLOURS[colour]}">'
        f'<p><b class="name">{html.escape(file.name)}</b> <span class="word">{word}.</span> '
        f"{html.escape(text)}</p>{_notes(findings)}</div>"
    )


def _notes(findings: Sequence[Finding]) -> str:
    checks = [finding for finding in findings if finding.severity != "info"]
    notes = [finding for finding in findings if finding.severity == "info"]
    text = "".join(f'<p class="quiet">Check: {html.escape(one.message)}</p>' for one in checks)
    if notes:
        count = f"{len(notes)} note{'' if len(notes) == 1 else 's'}"
        inside = "".join(f'<p class="quiet">{html.escape(one.message)}</p>' for one in notes)
        text += f"<details><summary>{count}</summary>{inside}</details>"
    return text
