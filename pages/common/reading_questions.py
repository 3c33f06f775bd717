"""Questions of a reading, first what needs a person: one click where there is a proposal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from pages.common import show
from pages.common.state import Loaded, Refused
from pgsicbt.errors import DataError, PgsIcbtError
from pgsicbt.ingest import Question, ReadingChoices, answered
from pgsicbt.ingest.questions import AskingError

_ANSWERS: Mapping[str, Mapping[str, str]] = {
    "ids": {
        "exact": "No, compare them as they stand",
        "zeros": "Yes, without leading zeros",
        "case": "Yes, whatever the case",
        "punctuation": "Yes, without blanks and punctuation",
        "family": "Yes, without the family identifier",
        "all": "Yes, without zeros, case and punctuation",
    },
    "repeats": {"first": "The first", "last": "The last", "mean": "Their mean"},
    "date_order": {"day": "Day first", "month": "Month first"},
    "decimal": {",": "A decimal mark, as in 0,5", ".": "A thousands mark, as in 1,000"},
}
ROLE_WORDS: Mapping[str, str] = {
    "id": "person",
    "score": "polygenic score",
    "outcome": "symptom score",
    "item": "answer to one question",
    "covariate": "covariate",
    "component": "principal component",
    "batch": "genotyping batch",
    "stratum": "diagnosis or group",
    "time": "time in weeks",
    "time:day": "time in days",
    "time:month": "time in months",
    "time:year": "time in years",
    "time:age": "age at the visit",
    "time:date": "date of the visit",
    "start:date": "date of the start",
    "visit": "name of the visit",
    "instrument": "name of the scale",
    "value": "value on that scale",
    "relative": "second person of a pair",
    "kinship": "kinship coefficient",
    "ignore": "not used",
}


def told(problem: PgsIcbtError) -> PgsIcbtError:
    """A refusal as this page tells it: where it asks, nobody need write a recipe."""
    if not isinstance(problem, AskingError) or problem.code != "unknown_visit":
        return problem
    if not problem.questions:
        return problem
    which = "question" if len(problem.questions) == 1 else "questions"
    return DataError(problem.sentence, f"Answer the {which} below, or delete these rows.")


def questions(asked: Sequence[Question], choices: ReadingChoices) -> ReadingChoices:
    """Every question with its answers; returns the choices after the one that was clicked."""
    new = choices
    weeks = [question for question in asked if question.kind == "visit_week"]
    if weeks:
        with st.container(border=True, key="question-weeks"):
            new = _weeks(weeks, new)
    for number, question in enumerate(one for one in asked if one.kind != "visit_week"):
        with st.container(border=True, key=f"question-{number}"):
            show.sentence(question.text)
            new = _answers(question, number, new)
    return new


def _weeks(asked: Sequence[Question], choices: ReadingChoices) -> ReadingChoices:
    """A box for the week of every visit that could not be placed, answered together."""
    if len(asked) == 1:
        show.sentence(asked[0].text)
    else:
        show.sentence("In which weeks from the start of treatment were these visits?")
    given: list[tuple[Question, float]] = []
    with st.form("weeks", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for question in asked:
                week = st.number_input(
                    f"Week of {show.plain(question.column)}",
                    value=None if not question.proposed else float(question.proposed),
                    placeholder="such as 12",
                    width=220,
                    key=f"week-{question.table}-{question.column}",
                )
                if week is not None:
                    given.append((question, float(week)))
        sent = st.form_submit_button("Use these weeks" if len(asked) > 1 else "Use this week")
    if sent:
        for question, week in given:
            choices = answered(choices, question, f"{week:g}")
    return choices


def _answers(question: Question, number: int, choices: ReadingChoices) -> ReadingChoices:
    """The answers of one question as buttons, the proposed one first, or a box to write in."""
    key = f"{question.kind}-{question.table}-{question.column}-{number}"
    options = question.options or ((question.proposed,) if question.proposed else ())
    with st.container(horizontal=True):
        for option in sorted(options, key=lambda one: one != question.proposed):
            if st.button(
                _words(question, option),
                type="primary" if option == question.proposed else "secondary",
                key=f"{key}-{option}",
            ):
                return answered(choices, question, option)
    if question.options:
        return choices
    with (
        st.form(f"{key}-form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        text = st.text_input(
            "Another answer" if options else "Answer", key=f"{key}-text", width=260
        )
        sent = st.form_submit_button("Use this")
    if sent and text.strip():
        try:
            return answered(choices, question, text)
        except DataError as problem:
            show.error(problem)
    return choices


def _words(question: Question, option: str) -> str:
    """An answer as its button says it, in Markdown."""
    if question.kind in ("role", "unit"):
        return ROLE_WORDS.get(option, show.plain(option)).capitalize()
    if question.kind == "items":
        return f"Up to {option}"
    if question.kind == "missing_codes":
        shown = option.replace("-", "\N{MINUS SIGN}")
        return f"{shown}: no answer was given"
    return _ANSWERS.get(question.kind, {}).get(option, show.plain(option))


def gate(loaded: Loaded, choices: ReadingChoices) -> ReadingChoices:
    """Columns in which something that identifies people is suspected, each with two buttons."""
    new = choices
    findings = [f for file in loaded.reading.files for f in file.findings
                if f.code in ("stripped", "kept") and f.column]  # fmt: skip
    for finding in findings:
        show.sentence(finding.message)
        new = _gate_buttons(finding.file, finding.column, finding.code == "stripped", new)
    return new


def _gate_buttons(
    table: str, column: str, stripped: bool, choices: ReadingChoices
) -> ReadingChoices:
    key = f"gate-{table}-{column}"
    if stripped and st.button("Keep it: it identifies nobody", key=f"{key}-keep"):
        return _with_identifier(choices, table, column, "keep")
    if not stripped and st.button("Leave the column out", key=f"{key}-strip"):
        return _with_identifier(choices, table, column, "strip")
    return choices


def after_gate(refused: Refused, choices: ReadingChoices) -> ReadingChoices:
    """What to do about a file that the gate refused; nothing of it is held any more."""
    new = choices
    for file in refused.reading.files:
        error = file.error
        if not file.identifying or error is None:
            continue
        if not error.column:
            continue
        given = choices.identifiers.get((error.file, error.column))
        if given is not None:
            word = "left out" if given == "strip" else "kept"
            show.quiet(f"When it is loaded again, column {error.column!r} will be {word}.")
            continue
        key = f"gate-{error.file}-{error.column}"
        with st.container(horizontal=True):
            if st.button("Leave this column out when I load it again", key=f"{key}-strip"):
                new = _with_identifier(new, error.file, error.column, "strip")
            unsure = error.code == "identifier_unsure"
            if unsure and st.button("It identifies nobody: keep it", key=f"{key}-keep"):
                new = _with_identifier(new, error.file, error.column, "keep")
    return new


def _with_identifier(
    choices: ReadingChoices, table: str, column: str, answer: str
) -> ReadingChoices:
    kept = {**choices.identifiers, (table, column): answer}
    return replace(choices, identifiers=kept)  # type: ignore[arg-type]  # one of the two answers
