"""A saved recipe brought to files that are called differently but look alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from pgsicbt.ingest.choices import ReadingChoices, TableChoice
from pgsicbt.instruments import simple_name
from pgsicbt.study import Finding

ALIKE = 0.7
"""Share of the columns of two tables that must be the same for them to be of one shape."""
_TABLE = re.compile(r"(?P<file>.*?)(?: \[(?P<sheet>.*)\])?", re.DOTALL)
_PASSING = re.compile(
    r"\d+|\b(v|ver|version|copy|kopia|kopie|final|new|ny|latest|export|exported|utdrag|auszug|"
    r"jan(uary|uari|uar)?|feb(ruary|ruari|ruar)?|mar(ch|s)?|mars|apr(il)?|ma[yji]|june?|juni|"
    r"july?|juli|aug(ust|usti)?|sep(t|tember)?|o[ck]t(ober)?|nov(ember)?|de[cz](ember)?)\b"
)


def plain_name(table: str) -> str:
    """A table's name without what changes from export to export: dates, versions, copies."""
    found = _TABLE.fullmatch(table)
    file, sheet = (found["file"], found["sheet"] or "") if found else (table, "")
    name = _PASSING.sub(" ", re.sub(r"[_\W]+", " ", re.sub(r"\d+", " ", file.casefold())))
    return f"{''.join(name.split())}[{simple_name(sheet)}]"


def tables_of(choices: ReadingChoices) -> list[str]:
    """Every table that a recipe names, each once."""
    named = [table for part in (choices.roles, choices.names, choices.identifiers)
             for table, _ in part]  # fmt: skip
    return list(dict.fromkeys([*named, *choices.tables]))


def by_file_name(
    choices: ReadingChoices, files: Sequence[str]
) -> tuple[ReadingChoices, dict[str, str]]:
    """A recipe whose tables bear the names of ``files``, where only dates and the like differ.

    A name that could stand for two files is left as it is.

    Returns
    -------
    tuple
        The recipe, and for each file that was known again the name it has in the recipe.
    """
    saved = {table: file_of(table) for table in tables_of(choices)}
    free = [file for file in files if file not in saved.values()]
    gone = list(dict.fromkeys(file for file in saved.values() if file not in files))
    renamed: dict[str, str] = {}
    for file in free:
        alike = [old for old in gone if plain_name(old) == plain_name(file)]
        rivals = [other for other in free if plain_name(other) == plain_name(file)]
        if len(alike) == 1 and len(rivals) == 1:
            renamed[alike[0]] = file
    tables = {
        table: renamed[file] + table[len(file) :]
        for table, file in saved.items()
        if file in renamed
    }
    return _renamed(choices, tables), {new: old for old, new in renamed.items()}


def by_columns(
    choices: ReadingChoices, shapes: Mapping[str, Sequence[str]], files: Sequence[str] = ()
) -> tuple[ReadingChoices, dict[str, str]]:
    """A recipe brought to tables of other names by the columns that they hold.

    Parameters
    ----------
    shapes
        Table to the names of its columns, for the tables that were opened.
    files
        Files that are there, opened or not.

    Returns
    -------
    tuple
        The recipe under the names of the tables that are there, and for each table that was
        known again by its columns the name it has in the recipe.
    """
    saved = tables_of(choices)
    gone = [table for table in saved if table not in shapes and table not in files]
    found: dict[str, str] = {}
    for table, columns in shapes.items():
        if table not in saved:
            ranked = sorted(
                ((_likeness(choices, old, columns), _similar(old, table), old) for old in gone),
                reverse=True,
            )
            if ranked and ranked[0][0] >= ALIKE:
                found[table] = ranked[0][2]
    result = choices
    for table, old in found.items():
        # One shape for several files is that of a program; what it is called then differs.
        own = list(found.values()).count(old) == 1 and _only(choices, old, gone)
        result = _copied(result, old, table, shapes[table], with_names=own)
    return _renamed(result, dropped=set(found.values())), found


def _only(choices: ReadingChoices, old: str, gone: Sequence[str]) -> bool:
    shape = choices.tables.get(old, TableChoice()).columns
    return all(
        choices.tables.get(one, TableChoice()).columns != shape for one in gone if one != old
    )


def with_shapes(choices: ReadingChoices, shapes: Mapping[str, Sequence[str]]) -> ReadingChoices:
    """A recipe that holds the columns of every table, by which a later export is known again."""
    tables = dict(choices.tables)
    for table, columns in shapes.items():
        tables[table] = replace(tables.get(table, TableChoice()), columns=tuple(columns))
    return replace(choices, tables=tables)


def match_notes(found: Mapping[str, str]) -> tuple[Finding, ...]:
    """A note for every table that was known again under another name."""
    return tuple(
        Finding(
            "recipe_matched",
            "info",
            f"{table} is read as the recipe says for {old}, which it resembles.",
            table,
        )
        for table, old in found.items()
        if table != old
    )


def file_of(table: str) -> str:
    """The file that a table is in, by its name."""
    found = _TABLE.fullmatch(table)
    return found["file"] if found else table


def _likeness(choices: ReadingChoices, old: str, columns: Sequence[str]) -> float:
    """How alike a saved table and one that is there are, from 0 to 1."""
    here = {simple_name(name) for name in columns}
    answered = {simple_name(name) for name in _answered(choices, old)}
    if not answered <= here:
        return 0.0
    shape = {simple_name(name) for name in choices.tables.get(old, TableChoice()).columns}
    if not shape:
        # A recipe of an earlier version holds no shapes; what it decides must be there.
        return ALIKE if answered else 0.0
    return len(shape & here) / len(shape | here)


def _answered(choices: ReadingChoices, table: str) -> set[str]:
    parts: Iterable[Mapping[tuple[str, str], str]] = (
        choices.roles, choices.names, choices.identifiers
    )  # fmt: skip
    return {column for part in parts for name, column in part if name == table}


def _similar(old: str, new: str) -> float:
    return SequenceMatcher(None, plain_name(old), plain_name(new)).ratio()


def _copied(
    choices: ReadingChoices, old: str, new: str, columns: Sequence[str], *, with_names: bool
) -> ReadingChoices:
    """A recipe that says for ``new`` what it says for ``old``, in the spelling of its columns."""
    spelt = {simple_name(column): column for column in reversed(columns)}
    spelt |= {column: column for column in columns}

    def also(part: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
        mine = {
            (new, spelt.get(column, spelt.get(simple_name(column), column))): answer
            for (table, column), answer in part.items()
            if table == old
        }
        return {**part, **mine}

    tables = dict(choices.tables)
    if old in tables:
        tables[new] = replace(tables[old], columns=tuple(columns))
    return replace(
        choices,
        roles=also(choices.roles),
        names=also(choices.names) if with_names else choices.names,
        identifiers=also(choices.identifiers),  # type: ignore[arg-type]  # answers as they were
        tables=tables,
    )


def _renamed(
    choices: ReadingChoices,
    tables: Mapping[str, str] | None = None,
    dropped: Collection[str] = (),
) -> ReadingChoices:
    """A recipe with other names for some tables, and without some."""
    tables = tables or {}

    def moved(part: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
        return {
            (tables.get(table, table), column): answer
            for (table, column), answer in part.items()
            if table not in dropped
        }

    return replace(
        choices,
        roles=moved(choices.roles),
        names=moved(choices.names),
        identifiers=moved(choices.identifiers),  # type: ignore[arg-type]  # answers as they were
        tables={
            tables.get(table, table): choice
            for table, choice in choices.tables.items()
            if table not in dropped
        },
    )
