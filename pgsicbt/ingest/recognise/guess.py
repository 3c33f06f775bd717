"""Guess what each column of a table of any origin is, from its name and its content."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pgsicbt.errors import DataError
from pgsicbt.ingest.recognise import names
from pgsicbt.ingest.recognise.formats import CHOSEN, one_of, suffix_variants
from pgsicbt.ingest.recognise.guess_items import find_dates, find_items, find_waves, wave_of
from pgsicbt.ingest.recognise.guess_repeated import (
    VARIES,
    changing,
    find_repeated,
    left_out,
    unread_outcomes,
)
from pgsicbt.ingest.recognise.guess_visits import (
    View,
    find_instrument_column,
    find_times,
    find_value,
    find_wide,
    require_time,
    wide_outcome,
)
from pgsicbt.ingest.recognise.item_names import split_item
from pgsicbt.ingest.recognise.layout import Assigned, FileKind, Layout
from pgsicbt.ingest.recognise.unnamed import ask_scales
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import lines_text
from pgsicbt.instruments import simple_name
from pgsicbt.study import Finding

FEW_LEVELS = 20
MIXED = "numbers with text among them; correct the file to use it"
_TEXT_NOTE = {"name", "label", "variable", "column", "field", "variablename", "fieldname",
              "variablefieldname", "variabel", "variabelnamn", "variablenname",
              "kolumn"}  # fmt: skip
_TEXT_ABOUT = {"meaning", "description", "label", "type", "unit", "values", "codes", "note",
               "fieldtype", "fieldlabel", "format", "betydelse", "beskrivning", "förklaring",
               "bedeutung", "beschreibung", "enhet", "koder", "kodning"}  # fmt: skip


def is_dictionary(table: Table) -> bool:
    """True for a data dictionary: columns that name and describe columns."""
    found = [simple_name(name) for name in table.columns]
    about = len(set(found) & _TEXT_ABOUT)
    return bool(set(found) & _TEXT_NOTE) and (about >= 2 or (about == 1 and len(found) <= 3))


def refuse_transposed(table: Table) -> None:
    """Refuse a table with people in columns: its first column holds names of variables.

    Raises
    ------
    DataError
        Says so without naming a column, since those are people.
    """
    if len(table.columns) < 5 or not 1 < table.n_rows <= 500:
        return
    entries = table.column(table.columns[0]).present_levels
    variables = sum(map(_says_variable, entries))
    named = any(map(_says_variable, table.columns[1:]))
    if not named and len(entries) == table.n_rows and variables >= 0.6 * len(entries):
        raise DataError(
            f"{table.name} has its variables in rows, so that people seem to stand in columns.",
            "Turn the table round, so that every row is a person or a visit.",
            code="transposed",
            file=table.name,
        )


def _says_variable(text: str) -> bool:
    return bool(
        names.instrument_of(text)
        or names.split_visit(text)
        or names.score_name(text)
        or names.COMPONENT.match(simple_name(text))
        or names.COVARIATES.match(simple_name(text))
    )


def guess_layout(table: Table, fixed: Mapping[str, str]) -> Layout:
    """Guess the role of every column that the user has not fixed.

    Raises
    ------
    DataError
        If the table has one column, or none that names the person.
    """
    if len(table.columns) < 2:
        raise DataError(
            f"{table.name} has only one column.",
            "Save the table with commas, semicolons or tabs between its columns.",
            code="one_column",
            file=table.name,
        )
    id_column = _find_id(table, fixed)
    ids = table.column(id_column)
    n_persons = len(ids.present_levels)
    repeated = table.n_rows - ids.n_missing > n_persons
    columns: dict[str, Assigned] = {id_column: _reason_id(fixed, id_column)}
    first_view = View(table, fixed, id_column, ids.codes, len(ids.levels), repeated, False)
    columns |= find_instrument_column(first_view)
    columns |= find_times(first_view, "instrument" in {c.role for c in columns.values()})
    roles = {given.role.split(":")[0] for given in columns.values()}
    if not roles & {"time", "visit"} and repeated:
        columns |= find_dates(first_view)
        roles = {given.role.split(":")[0] for given in columns.values()}
    if not roles & {"time", "visit"}:
        require_time(first_view)
    over_time = bool(roles & {"time", "visit"})
    view = View(table, fixed, id_column, ids.codes, len(ids.levels), repeated, over_time)
    columns |= find_items(view, columns)
    if "instrument" in roles or "value" in fixed.values():
        columns |= find_value(view, columns)
    if not over_time:
        columns |= find_wide(view, columns)
        columns |= find_waves(view, columns)
        columns |= unread_outcomes(view, columns)
        columns |= find_repeated(view, columns)
    rest = [
        name
        for name in table.columns
        if name not in columns and name not in fixed and not names.instrument_of(name)
    ]
    for name, variants in suffix_variants(rest).items():
        if len(variants) > 1 and all(table.column(c).numeric for c in variants.values()):
            columns |= one_of(name, variants, fixed)
    for name in table.columns:
        if name not in columns and name not in fixed:
            columns[name] = _rest(view, name)
    for name, role in fixed.items():
        if name in table.positions and (name not in columns or columns[name].role != role):
            columns[name] = _chosen(view, name, role, columns)
    ordered = {name: columns[name] for name in table.columns}
    findings = (
        *_time_findings(view, ordered),
        *_mixed_findings(view, ordered),
        *left_out(view, ordered),
        *changing(view, ordered),
    )
    return ask_scales(table, Layout(_kind(ordered, over_time), ordered, findings))


def _reason_id(fixed: Mapping[str, str], name: str) -> Assigned:
    return Assigned("id", CHOSEN if fixed.get(name) == "id" else "names the person")


def _find_id(table: Table, fixed: Mapping[str, str]) -> str:
    chosen = [name for name, role in fixed.items() if role == "id" and name in table.positions]
    if len(chosen) > 1:
        raise DataError(
            f"{table.name} has more than one column chosen as the person's identifier.",
            "Choose one.",
            code="two_ids",
            file=table.name,
            column=chosen[1],
        )
    if chosen:
        return chosen[0]
    free = [name for name in table.columns if name not in fixed]
    by_name = {simple_name(name): name for name in reversed(free)}
    for wanted in names.ID_NAMES:
        if wanted in by_name and not table.column(by_name[wanted]).empty:
            return by_name[wanted]
    ending = [
        name
        for name in free
        if simple_name(name).endswith("id") and not names.NOT_IDS.search(simple_name(name))
    ]
    by_content = [name for name in free[:1] if _looks_like_ids(table.column(name), table.n_rows)]
    for name in [*ending, *by_content]:
        if not table.column(name).empty:
            return name
    raise DataError(
        f"{table.name} has no column that names the person.",
        "Name the column with the person's identifier person_id, or choose its role.",
        code="no_id",
        file=table.name,
    )


def _looks_like_ids(column: Column, n_rows: int) -> bool:
    """The first column, if nearly every row has its own whole number or word."""
    if column.n_missing or column.dates or len(column.levels) < max(2, 0.05 * n_rows):
        return False
    if names.score_name(column.name) or names.time_role(column.name):
        return False
    return not column.numeric or column.whole


def _rest(view: View, name: str) -> Assigned:
    """The role of a column that is neither identifier, time, scale nor part of a wide table."""
    column, simple = view.table.column(name), simple_name(name)
    if column.empty:
        return Assigned("ignore", "it is empty")
    numbered = names.row_number_name(name) or simple in names.ID_NAMES
    if names.index_name(name) or (numbered and _counts_rows(column)):
        return Assigned("ignore", "a running number of the rows")
    if simple in names.ID_NAMES:
        return Assigned("ignore", "another identifier of the person")
    if names.form_status(name):
        return Assigned("ignore", "says whether a form was completed, or when")
    varies = view.varies(column)
    symptom = names.plain_score_name(name) and varies and view.over_time
    if names.score_name(name) and not symptom:
        return Assigned("score", "named as a polygenic score", name)
    instrument = names.instrument_of(name)
    if view.over_time and instrument is not None:
        return Assigned("outcome", f"named after {instrument.id}", instrument.id)
    if len(column.present_levels) == 1:
        return Assigned("ignore", "it is the same for everyone")
    if names.COMPONENT.match(simple) and column.numeric:
        return Assigned("component", "named and numbered as a principal component")
    if simple in names.FAMILY:
        return Assigned("ignore", "it tells who is related to whom")
    if varies and view.over_time:
        return _varying(name, column)
    if column.dates:
        return Assigned("ignore", "it holds dates, which are not read")
    if names.BATCH.search(simple) and len(column.present_levels) <= 100:
        return Assigned("batch", "named as a genotyping batch")
    if simple in names.STRATUM and len(column.present_levels) <= FEW_LEVELS:
        return Assigned("stratum", "named as a group, with few levels")
    if instrument is not None:
        return Assigned("covariate", f"{instrument.id} at one occasion only")
    return _person_level(view, name, column)


def _counts_rows(column: Column) -> bool:
    """True for whole numbers that rise from row to row, as an index does."""
    if not column.numeric or column.n_missing:
        return False
    return bool((np.diff(column.numbers) > 0).all())


def _varying(name: str, column: Column) -> Assigned:
    """A column of a long table that differs between the visits of one person."""
    simple = simple_name(name)
    about_visits = simple.startswith(("visit", "time", "date", "day", "week", "month"))
    about_people = names.COVARIATES.match(simple) is not None
    numbers = column.mostly_numeric and len(column.different_numbers) >= 5
    if numbers and not about_visits and not about_people:
        return Assigned("outcome", "a number that differs between visits", name)
    return Assigned("ignore", VARIES)


def _person_level(view: View, name: str, column: Column) -> Assigned:
    levels = len(column.present_levels)
    if column.numeric:
        decimals = not column.whole and column.different_numbers.min() < 0
        if (
            decimals
            and view.n_persons >= FEW_LEVELS
            and len(column.different_numbers) >= 0.8 * view.n_persons
            and not names.COVARIATES.match(simple_name(name))
            and not names.QUALITY.match(simple_name(name))
        ):
            return Assigned("score", "decimal numbers around zero, different for everyone", name)
        return Assigned("covariate", "one number per person")
    if column.mostly_numeric and len(column.different_numbers) > FEW_LEVELS:
        return Assigned("ignore", MIXED)
    if levels > 60 or (levels > 10 and levels > 0.25 * view.n_persons):
        return Assigned("ignore", "text with many different entries")
    return Assigned("covariate", f"{levels} groups of people")


def _chosen(view: View, name: str, role: str, columns: Mapping[str, Assigned]) -> Assigned:
    """The role that the user chose for a column."""
    if role == "item":
        found = split_item(name)
        if found is None:
            raise DataError(
                f"{view.table.name} does not say which question of which scale {name!r} is.",
                "Call the column after both, as in phq9_3, or phq9_3_week2.",
                code="items",
                file=view.table.name,
                column=name,
            )
        return Assigned(role, CHOSEN, found[0].id, found[2], item=found[1])
    if role in ("time:date", "time:age") and not view.over_time:
        visits = {given.visit.casefold() for given in columns.values() if given.visit}
        wave = wave_of(name, visits)
        return Assigned(role, CHOSEN, "", wave[1] if wave else "")
    if role != "outcome":
        return Assigned(role, CHOSEN, name if role == "score" else "")
    instrument = names.instrument_of(name)
    if view.over_time:
        return Assigned(role, CHOSEN, instrument.id if instrument else name)
    pair = names.split_visit(name) or names.split_any(name, sure=False)
    if pair is None:
        raise DataError(
            f"{view.table.name} does not say at which visit the outcome {name!r} was measured.",
            "Name a column of weeks or visits, or put the visit into the name, as in phq9_week3.",
            code="no_time",
            file=view.table.name,
            column=name,
        )
    return wide_outcome(*pair, CHOSEN)


def _kind(columns: Mapping[str, Assigned], over_time: bool) -> FileKind:
    roles = {given.role for given in columns.values()}
    outcomes = bool(roles & {"outcome", "value", "item"})
    if outcomes and "score" in roles:
        return "combined"
    if outcomes:
        return "outcomes_long" if over_time else "outcomes_wide"
    if "score" in roles:
        return "scores"
    return "covariates" if roles & {"covariate", "component", "batch", "stratum"} else "unknown"


def _time_findings(view: View, columns: Mapping[str, Assigned]) -> tuple[Finding, ...]:
    numbered = [name for name, given in columns.items() if given.reason == "numbered visits"]
    return tuple(
        Finding(
            "visit_numbers",
            "warning",
            f"{name!r} of {view.table.name} has no unit of time in its name; its numbers are taken "
            "as weeks.",
            view.table.name,
            name,
        )
        for name in numbered
    )


def _mixed_findings(view: View, columns: Mapping[str, Assigned]) -> list[Finding]:
    """Name the lines of columns that would be numbers but for some text."""
    findings = []
    for name in (name for name, given in columns.items() if given.reason == MIXED):
        lines = view.table.lines[view.table.column(name).text_rows]
        message = (
            f"{view.table.name} has text among the numbers of column {name!r} on "
            f"{lines_text(lines)}; the column is ignored."
        )
        findings.append(Finding("text_for_number", "warning", message, view.table.name, name))
    return findings
