"""Answers to the single questions of a questionnaire, added up to its total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.content.ranges import MISSING_CODES
from pgsicbt.ingest.content.worded import answers_of
from pgsicbt.ingest.questions import AskingError, Question
from pgsicbt.ingest.recognise.layout import Layout
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import count, lines_text, plain
from pgsicbt.instruments import Instrument, Items, find_instrument
from pgsicbt.study import Finding
from pgsicbt.wording import listed

_ONE_DIGIT = (7, 8, 9)


@dataclass(frozen=True)
class ItemGroup:
    """The questions of one instrument at one visit: ``columns`` are numbered by ``items``."""

    instrument: Instrument
    visit: str
    columns: tuple[str, ...]
    items: tuple[int, ...]


def item_groups(layout: Layout) -> list[ItemGroup]:
    """The columns with single questions, by instrument and visit."""
    groups: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for name in layout.with_role("item"):
        given = layout.columns[name]
        groups.setdefault((given.name, given.visit), []).append((given.item, name))
    found = []
    for (scale, visit), members in groups.items():
        instrument = find_instrument(scale)
        if instrument is not None:
            members.sort()
            found.append(
                ItemGroup(
                    instrument,
                    visit,
                    tuple(name for _, name in members),
                    tuple(item for item, _ in members),
                )
            )
    return found


@dataclass(frozen=True)
class Totals:
    """Totals of a group of questions, shape (n_rows,), NaN where too few were answered."""

    values: NDArray[np.float64]
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()


def totals(table: Table, group: ItemGroup, choices: ReadingChoices) -> Totals:
    """Add up the answers to the questions of one instrument.

    Unanswered questions are made up for by the mean of the answered ones, up to the number that
    the registry or the user allows (person-mean imputation; the total is rounded to the scale's
    step); with more of them unanswered there is no total.

    Raises
    ------
    DataError
        If an answer is text, or outside the range of the questions, or the same question is there
        twice. Names columns and lines, never an answer.
    """
    about = group.instrument
    if about.items is None:
        raise _no_rule(table, group)
    span = about.items
    if len(set(group.items)) != len(group.items) or max(group.items) > span.count:
        raise DataError(
            f"{table.name} has the same question of {about.id} more than once, among the columns "
            f"{_columns(group)}.",
            "Leave the doubled columns out.",
            code="items",
            file=table.name,
            column=group.columns[0],
        )
    answers = np.column_stack(
        [_numbers(table, table.column(name), about, choices) for name in group.columns]
    )
    _check_answers(table, group, answers)
    turned = [i for i, item in enumerate(group.items) if item in span.reversed]
    answers[:, turned] = span.minimum + span.maximum - answers[:, turned]
    given = (~np.isnan(answers)).sum(axis=1)
    allowed = choices.prorate.get(about.id, about.prorate)
    enough = (given > 0) & (span.count - given <= allowed)
    with np.errstate(invalid="ignore"):
        mean = np.nansum(answers, axis=1) / np.maximum(given, 1)
    full = np.round(mean * span.count * span.multiplier / about.step) * about.step
    values = np.where(enough, full, np.nan)
    findings, questions = _said(table, group, given, enough, allowed)
    if any(answers_of(table.column(name), about).worded for name in group.columns):
        findings = (*findings, _in_words(table, group, span))
    return Totals(values, findings, questions)


def _in_words(table: Table, group: ItemGroup, span: Items) -> Finding:
    message = (
        f"{table.name}: answers to {group.instrument.id} are in words in columns "
        f"{_columns(group)} and were read as {plain(span.minimum)} to {plain(span.maximum)}."
    )
    return Finding("worded", "info", message, table.name, group.columns[0])


def _numbers(
    table: Table, column: Column, about: Instrument, choices: ReadingChoices
) -> NDArray[np.float64]:
    said = answers_of(column, about)
    if said.unread.size or said.two_wordings:
        known = (
            "" if about.items is None else ", ".join(repr(step[0]) for step in about.items.answers)
        )
        raise DataError(
            f"{table.name} has text where an answer to {about.id} is due in column "
            f"{column.name!r} on {lines_text(table.lines[said.unread])}."
            if said.unread.size
            else f"{table.name} has two wordings of one answer to {about.id} in column "
            f"{column.name!r}, so that nobody can tell which is the stronger.",
            "Export the answers as numbers, or load totals."
            + (f" Wordings that are known are such as {known}." if known else ""),
            code="text_for_number",
            file=table.name,
            column=column.name,
        )
    codes = choices.missing_of(about.id, column.name)
    numbers = said.numbers.copy()
    numbers[np.isin(numbers, codes)] = np.nan
    return numbers


def _check_answers(table: Table, group: ItemGroup, answers: NDArray[np.float64]) -> None:
    span = group.instrument.items
    if span is None:
        raise _no_rule(table, group)
    known = answers[~np.isnan(answers)]
    shifted = known.size and known.min() > span.minimum and known.max() == span.maximum + 1
    outside = (answers < span.minimum) | (answers > span.maximum)
    if not outside.any():
        return
    low, high = plain(span.minimum), plain(span.maximum)
    rows = table.lines[outside.any(axis=1)]
    column = group.columns[int(np.flatnonzero(outside.any(axis=0))[0])]
    codes = [c for c in (*_ONE_DIGIT, *MISSING_CODES) if (answers[outside] == c).any()]
    hint = "Correct these answers, or load totals."
    if shifted and known.size >= 8:
        one, two = plain(span.minimum + 1), plain(span.maximum + 1)
        hint = f"They seem to be counted from {one} to {two}: recode them to {low} to {high}."
    elif codes and set(answers[outside]) <= set(map(float, codes)):
        shown = listed(plain(code) for code in codes)
        hint = f"If {shown} stands for no answer, declare it as missing for {group.instrument.id}."
    text = f"Which numbers stand for no answer to a question of {group.instrument.id}?"
    proposed = "" if shifted else ", ".join(f"{code:g}" for code in codes)
    asked = Question("missing_codes", table.name, group.instrument.id, text, (), proposed)
    raise AskingError(
        f"{table.name} has answers to {group.instrument.id} outside the range of its questions, "
        f"{low} to {high}, in column {column!r} on {lines_text(rows)}.",
        hint,
        questions=(asked,),
        code="out_of_range",
        file=table.name,
        column=column,
    )


def _no_rule(table: Table, group: ItemGroup) -> DataError:
    return DataError(
        f"{table.name} has answers to single questions of {group.instrument.id} in columns "
        f"{_columns(group)}, and how they add up is not known.",
        "Add the answers up first and load one total per visit.",
        code="items",
        file=table.name,
        column=group.columns[0],
    )


def _columns(group: ItemGroup) -> str:
    if len(group.columns) == 1:
        return repr(group.columns[0])
    return f"{group.columns[0]!r} to {group.columns[-1]!r}"


def _said(
    table: Table,
    group: ItemGroup,
    given: NDArray[np.int64],
    enough: NDArray[np.bool_],
    allowed: int,
) -> tuple[tuple[Finding, ...], tuple[Question, ...]]:
    about, span = group.instrument, group.instrument.items
    whole = 0 if span is None else span.count
    findings = [
        Finding(
            "items",
            "info",
            f"{table.name}: totals of {about.id} were added up from {len(group.columns)} "
            f"questions, columns {_columns(group)}.",
            table.name,
            group.columns[0],
        )
    ]
    made_up, left = int((enough & (given < whole)).sum()), int((~enough & (given > 0)).sum())
    if made_up:
        findings.append(
            Finding(
                "prorated",
                "warning",
                f"{table.name}: {count(made_up, 'total')} of {about.id} {_has(made_up)} up to "
                f"{allowed} unanswered questions made up for by the mean of the others.",
                table.name,
                group.columns[0],
            )
        )
    if left:
        findings.append(
            Finding(
                "too_few_answers",
                "warning",
                f"{table.name}: {count(left, 'questionnaire')} of {about.id} {_has(left)} more "
                f"than {allowed} unanswered questions and no total.",
                table.name,
                group.columns[0],
            )
        )
    questions: tuple[Question, ...] = ()
    if made_up or left:
        text = (
            f"How many unanswered questions of {about.id} may be made up for by the mean of the "
            "others?"
        )
        questions = (Question("items", table.name, about.id, text, (), str(allowed)),)
    return tuple(findings), questions


def _has(number: int) -> str:
    return "has" if number == 1 else "have"


def against_total(
    table: Table,
    column: str,
    given: NDArray[np.float64],
    added: NDArray[np.float64],
    columns: Sequence[str],
) -> list[Finding]:
    """Hold a total of the file against the one added up from its questions."""  # fmt: skip
    differs = ~np.isnan(given) & ~np.isnan(added) & ~np.isclose(given, added)
    if not differs.any():
        return []
    message = (
        f"Column {column!r} of {table.name} differs from the sum of its questions, columns "
        f"{columns[0]!r} to {columns[-1]!r}, on {lines_text(table.lines[differs])}; the column is "
        "used."
    )
    return [Finding("items_differ", "warning", message, table.name, column)]
