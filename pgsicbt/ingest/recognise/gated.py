"""What follows from the gate for a table: columns left out, and calendar dates not to be kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from pgsicbt.errors import DataError
from pgsicbt.ingest.recognise import names
from pgsicbt.ingest.recognise.layout import Assigned, Layout
from pgsicbt.instruments import simple_name
from pgsicbt.study import Finding

_KEPT_AS = ("covariate", "stratum", "batch", "component", "outcome", "score", "item", "value")
"""Roles under which the entries of a column would be kept as they are."""
_LAST = len(names.ID_NAMES) + 1


def roles_left(table: str, fixed: Mapping[str, str], stripped: Collection[str]) -> dict[str, str]:
    """Roles that the user chose, without those of columns that were left out.

    Raises
    ------
    DataError
        If the column chosen as the identifier was left out.
    """
    for column, role in fixed.items():
        if role == "id" and column in stripped:
            raise id_left_out(table, column)
    return {column: role for column, role in fixed.items() if column not in stripped}


def require_id(table: str, found: str, stripped: Collection[str]) -> None:
    """See to it that no other column stands in for an identifier that was left out.

    Parameters
    ----------
    found
        The column that was taken for the identifier, or ''.

    Raises
    ------
    DataError
        If a column was left out that says more clearly that it names the person.
    """
    best = min(stripped, key=_rank, default="")
    if best and _rank(best) < (_rank(found) if found else _LAST + 1):
        raise id_left_out(table, best)


def id_left_out(table: str, column: str) -> DataError:
    """The error for a table whose identifier was left out."""
    return DataError(
        f"{table} has no column left that names the person, since column {column!r} was left out.",
        "Replace its entries by codes of the study, keep the column, or choose another as the "
        "person's identifier.",
        code="id_left_out",
        file=table,
        column=column,
    )


def _rank(column: str) -> int:
    """How clearly a name says that the column names the person; less is clearer."""
    simple = simple_name(column)
    if simple in names.ID_NAMES:
        return list(names.ID_NAMES).index(simple)
    if simple.endswith("id") and not names.NOT_IDS.search(simple):
        return _LAST - 1
    return _LAST + 1


def without_dates(table: str, layout: Layout, dates: Collection[str]) -> Layout:
    """The layout with calendar dates ignored wherever they would be kept as they are."""
    columns = dict(layout.columns)
    notes = []
    for name in dates:
        given = columns.get(name)
        if given is not None and given.role in _KEPT_AS:
            columns[name] = Assigned("ignore", "calendar dates are not kept")
            message = (
                f"Column {name!r} of {table} holds calendar dates and is left out; weeks since "
                "the start of treatment, or the year, may be kept."
            )
            notes.append(Finding("stripped", "warning", message, table, name))
    return replace(layout, columns=columns, findings=(*layout.findings, *notes))
