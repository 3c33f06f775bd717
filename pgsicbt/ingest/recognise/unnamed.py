"""Totals whose column does not say of which scale they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.recognise import names
from pgsicbt.ingest.recognise.layout import Assigned, Layout
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import Instrument, find_instrument, simple_name
from pgsicbt.study import Finding

_MORE = {"tot", "summe", "gesamtwert", "totalpoäng", "totalpoang", "totaal", "symptomscore"}


def ask_scales(table: Table, layout: Layout) -> Layout:
    """The layout with a question for every outcome that is only called ``total`` or the like.

    The scale is proposed where the name of the table tells one.
    """
    asked, findings = [], []
    for name in layout.with_role("outcome"):
        given = layout.columns[name]
        called = simple_name(given.name or name)
        if given.visit or called not in names.VALUE | _MORE:
            continue
        proposed = _told_by(table.name)
        text = (
            f"Which scale are the totals in column {name!r} of {table.name}? Its name does not "
            "tell, so they are held against no range and against no other scale."
        )
        asked.append(
            Question("scale", table.name, name, text, (), "" if proposed is None else proposed.id)
        )
        message = (
            f"Column {name!r} of {table.name} holds outcomes but does not say on which scale; "
            "name the scale."
        )
        findings.append(Finding("unnamed_scale", "warning", message, table.name, name))
    return replace(
        layout,
        findings=(*layout.findings, *findings),
        questions=(*layout.questions, *asked),
    )


def renamed(layout: Layout, table: str, choices: ReadingChoices) -> Layout:
    """The layout with the names that the user gave to outcomes and scores."""
    given = {column: name for (file, column), name in choices.names.items() if file == table}
    columns = dict(layout.columns)
    for column, name in given.items():
        if column in columns and columns[column].role in ("outcome", "score", "covariate"):
            instrument = find_instrument(name)
            called = instrument.id if instrument else name
            for one in (column, *_like(column, columns)):
                if one == column or one not in given:
                    columns[one] = replace(columns[one], name=called)
            layout = _without_answered(layout, column)
    return replace(layout, columns=columns)


def _like(column: str, columns: Mapping[str, Assigned]) -> list[str]:
    """Other visits under the doubtful name of ``column``: one answer is for all of them."""
    about = columns[column]
    instrument = find_instrument(about.name) if about.role == "outcome" else None
    if instrument is None or not names.doubtful(column, instrument):
        return []
    return [
        name
        for name, given in columns.items()
        if given.role == "outcome" and given.name == about.name and names.doubtful(name, instrument)
    ]


def _without_answered(layout: Layout, column: str) -> Layout:
    """The layout without the question of which scale a column is, once that is answered."""
    return replace(
        layout,
        findings=tuple(
            one for one in layout.findings
            if (one.code, one.column) != ("unnamed_scale", column)
        ),
        questions=tuple(
            one for one in layout.questions if (one.kind, one.column) != ("scale", column)
        ),
    )  # fmt: skip


def _told_by(table: str) -> Instrument | None:
    """The one scale named in the name of a table, such as ``phq9_long.csv``."""
    words = [word for word in re.split(r"[^\w\-]+|_", table) if word]
    pairs = [first + second for first, second in pairwise(words)]
    found = {one.id: one for word in (*words, *pairs) if (one := names.instrument_of(word))}
    return next(iter(found.values())) if len(found) == 1 else None
