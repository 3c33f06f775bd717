"""The answer to a question, written into the recipe."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices, TableChoice
from pgsicbt.ingest.questions import Question, QuestionKind

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def answered(choices: ReadingChoices, question: Question, answer: str) -> ReadingChoices:
    """The recipe with one question answered.

    ===============  =============================================================
    kind             what the answer is, and where it goes
    ===============  =============================================================
    missing_codes    codes such as ``-9, 999``; without a number: there are none.
                     ``missing`` of the question's column
    visit_week       a week; ``times`` of the visit called as the question's column
    decimal          the mark; ``tables`` of the question's table
    date_order       ``day`` or ``month``, whichever comes first; ``tables``
    header_row       a line of the file; ``tables``
    sheet            the table to be used; ``tables``
    ids, repeats     the fields of that name
    normalisation    the column to be used as the score; ``roles``
    role, unit       the role of the question's column; ``roles``
    items            questions left out that are made up for; ``prorate`` of the
                     instrument called as the question's column
    total            the column that holds the total; the others are ignored, ``roles``
    scale            the scale of an outcome; ``names`` of the question's column
    ===============  =============================================================

    Raises
    ------
    DataError
        If the answer is not among those possible.
    """
    return _TAKERS[question.kind](choices, question, answer)


def codes_in(text: str) -> tuple[float, ...] | None:
    """The numbers of a list such as ``-9, 999``; None where something in it is no number."""
    parts = [part for part in re.split(r"[,;\s]+", text.strip()) if part]
    found = [_plain_number(part) for part in parts]
    return None if None in found else tuple(one for one in found if one is not None)


def _plain_number(text: str) -> float | None:
    plain = text.strip().replace("\N{MINUS SIGN}", "-").replace(",", ".")
    return float(plain) if _NUMBER.fullmatch(plain) else None


def _number(question: Question, answer: str) -> float:
    found = _plain_number(answer)
    if found is None:
        raise DataError(
            f"The answer to what is asked about {question.column or question.table} must be one "
            "number.",
            "Write it in digits.",
            code="recipe",
            file=question.table,
            column=question.column,
        )
    return found


def _missing(choices: ReadingChoices, question: Question, answer: str) -> ReadingChoices:
    codes = codes_in(answer) or ()
    return replace(choices, missing={**choices.missing, question.column: codes})


def _week(choices: ReadingChoices, question: Question, answer: str) -> ReadingChoices:
    week = _number(question, answer)
    return replace(choices, times={**choices.times, question.column: week})


def _prorate(choices: ReadingChoices, question: Question, answer: str) -> ReadingChoices:
    most = int(_number(question, answer))
    return replace(choices, prorate={**choices.prorate, question.column: most})


def _role(choices: ReadingChoices, question: Question, answer: str) -> ReadingChoices:
    return replace(choices, roles={**choices.roles, (question.table, question.column): answer})


def _total(choices: ReadingChoices, question: Question, answer: str) -> ReadingChoices:
    if answer not in question.options:
        raise DataError(
            f"The answer to what is asked about {question.column} must be one of the columns.",
            "Write it as it stands in the file.",
            code="recipe",
            file=question.table,
            column=question.column,
        )
    others = {(question.table, one): "ignore" for one in question.options if one != answer}
    return replace(choices, roles={**choices.roles, **others})


def _scale(choices: ReadingChoices, question: Question, answer: str) -> ReadingChoices:
    called = answer.strip()
    if not called:
        raise DataError(
            f"The answer to what is asked about {question.column} must be the name of a scale.",
            "Write it as in PHQ-9.",
            code="recipe",
            file=question.table,
            column=question.column,
        )
    return replace(choices, names={**choices.names, (question.table, question.column): called})


def _normalisation(choices: ReadingChoices, question: Question, answer: str) -> ReadingChoices:
    roles = {key: role for key, role in choices.roles.items()
             if key[0] != question.table or role != "score"}  # fmt: skip
    return replace(choices, roles={**roles, (question.table, answer): "score"})


def _table(choices: ReadingChoices, table: str, **given: Any) -> ReadingChoices:
    one = replace(choices.tables.get(table, TableChoice()), **given)
    return replace(choices, tables={**choices.tables, table: one})


def _whole(name: str) -> Callable[[ReadingChoices, Question, str], ReadingChoices]:
    """Takes the answer into the field of the recipe that is called so."""

    def taken(choices: ReadingChoices, _question: Question, answer: str) -> ReadingChoices:
        held: dict[str, Any] = {name: answer}
        return replace(choices, **held)

    return taken


_TAKERS: dict[QuestionKind, Callable[[ReadingChoices, Question, str], ReadingChoices]] = {
    "missing_codes": _missing,
    "visit_week": _week,
    "decimal": lambda c, q, a: _table(c, q.table, decimal=a),
    "date_order": lambda c, q, a: _table(c, q.table, dates=a),
    "header_row": lambda c, q, a: _table(c, q.table, header_row=int(_number(q, a))),
    "sheet": lambda c, _q, a: _table(c, a, use=True),
    "ids": _whole("ids"),
    "repeats": _whole("repeats"),
    "normalisation": _normalisation,
    "role": _role,
    "unit": _role,
    "items": _prorate,
    "scale": _scale,
    "total": _total,
}
