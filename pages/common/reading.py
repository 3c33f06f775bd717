"""What was understood, at a glance: the way to the people analysed, and a line per file."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from pages.common import show
from pgsicbt.ingest import FileReading
from pgsicbt.study import Finding, LedgerStep

_COLOURS = {"green": "#00664B", "amber": "#8A5A00", "red": "#B3321B", "grey": "#8A9097"}
_WORDS = {"info": "Note", "warning": "Check", "error": "Refused"}


def flow(steps: Sequence[LedgerStep]) -> None:
    """The way from the files to the people analysed, as boxes that wrap on a narrow screen."""
    boxes = []
    for step in steps:
        lost = f"<small>{step.lost_persons:,} left out</small>" if step.lost_persons else ""
        name = html.escape(step.step)
        boxes.append(f"<li><b>{step.persons:,}</b><span>{name}</span>{lost}</li>")
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


def lines(files: Sequence[FileReading]) -> None:
    """One line per table, green, amber or red, with what was noticed about it below."""
    st.html("".join(_line(file) for file in files))


def _line(file: FileReading) -> str:
    """A table's line; what deserves a look stands below it, notes only on request."""
    if file.error is not None:
        colour, word, text = "red", "Refused", str(file.error)
    elif file.aside:
        colour, word, text = "grey", "Set aside", file.summary.removeprefix("Set aside, ")
    elif file.questions or any(f.severity == "warning" for f in file.findings):
        colour, word, text = "amber", "Check", file.summary
    else:
        colour, word, text = "green", "Read", file.summary
    checks = [f for f in file.findings if f.severity != "info"]
    notes = [f for f in file.findings if f.severity == "info"]
    below = "".join(_note(finding) for finding in checks)
    if notes:
        count = f"{len(notes)} note{'' if len(notes) == 1 else 's'}"
        below += f"<details><summary>{count}</summary>{''.join(map(_note, notes))}</details>"
    return (
        f'<div class="file" style="border-left-color:{_COLOURS[colour]}">'
        f'<p><b class="name">{html.escape(file.name)}</b> <span class="word">{word}.</span> '
        f"{html.escape(text)}</p>{below}</div>"
    )


def _note(finding: Finding) -> str:
    word = "" if finding.severity == "info" else f"{_WORDS[finding.severity]}: "
    return f'<p class="quiet">{word}{html.escape(finding.message)}</p>'


def general_notes(findings: Sequence[Finding], files: Sequence[FileReading]) -> None:
    """What was noticed about all files together, and is not below one of them."""
    told = {finding for file in files for finding in file.findings}
    rest = [finding for finding in findings if finding not in told]
    if rest:
        st.html(f'<div class="file" style="border-left-color:transparent">'
                f"{''.join(map(_note, rest))}</div>")  # fmt: skip
