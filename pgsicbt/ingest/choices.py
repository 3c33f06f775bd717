"""What a person decided about reading their files: the recipe, kept as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from pgsicbt.errors import DataError
from pgsicbt.instruments import simple_name

ROLES = (
    "id", "score", "outcome", "item", "covariate", "component", "batch", "stratum",
    "time", "time:day", "time:month", "time:year", "time:age", "time:date", "start:date",
    "visit", "instrument", "value", "relative", "kinship", "ignore",
)  # fmt: skip
"""Everything a column can be. ``time`` alone counts weeks; ``time:age`` is the age in years at the
visit and ``time:date`` its date, both turned into weeks from the person's first visit, or from
``start:date``; ``visit`` holds names of visits; ``instrument`` and ``value`` go together in a
table with one row per person, visit and scale; ``item`` is the answer to one question of a
questionnaire; ``relative`` is the second person of a pair in a table of ``kinship``."""

IdMatching = Literal["auto", "exact", "case", "zeros", "punctuation", "family", "all"]
"""How identifiers of different files are compared: as they stand, without regard to case, to
leading zeros (and a decimal part of zero), to blanks and punctuation, to a family identifier
before them (``FID_IID``), or to case, zeros and punctuation alike. Left to itself (``auto``)
reading compares them as they stand, except where a spreadsheet has dropped zeros; see
:mod:`pgsicbt.ingest.join.spelling`."""

Repeats = Literal["refuse", "first", "last", "mean"]
"""What becomes of two different values of one person, outcome and time."""

IdentifierAnswer = Literal["strip", "keep"]
"""A column in which something that identifies people was suspected: leave it out, or use it."""


@dataclass(frozen=True)
class TableChoice:
    """How one table of a file is to be read; None and '' mean: recognise it.

    Parameters
    ----------
    use
        False leaves the table out, True reads it even where it would be set aside, such as a
        hidden sheet.
    header_row
        Line of the file, or row of the sheet, that holds the names of the columns, from 1.
    decimal
        ``","`` or ``"."``.
    dates
        What comes first in dates such as 3/4/2021: ``"day"`` or ``"month"``.
    columns
        Names of the columns when the recipe was saved, by which a later export is known again.
    """

    use: bool | None = None
    header_row: int | None = None
    decimal: str = ""
    dates: Literal["", "day", "month"] = ""
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        row = self.header_row
        wrong = self.decimal not in ("", ",", ".") or self.dates not in ("", "day", "month")
        if wrong or (row is not None and row < 1):
            raise _bad_recipe(
                "The recipe", "holds a header row, decimal mark or order of dates that cannot be"
            )


@dataclass(frozen=True)
class ReadingChoices:
    """Corrections to what reading would guess; empty means: guess everything.

    Tables are called after their file, ``outcomes.csv``; where a file holds several, the sheet or
    the member of the archive is added: ``cohort.xlsx [Scores]``.

    Parameters
    ----------
    roles
        ``(table, column)`` to one of :data:`ROLES`.
    missing
        Outcome (or column) to the numbers that stand for a missing answer, such as -9.
    times
        Name of a visit as it stands in the file to its week from the start of treatment.
    names
        ``(table, column)`` to what the column is called in the study: the instrument of an
        outcome, the name of a score.
    tables
        Table to how it is to be read.
    identifiers
        ``(table, column)`` to what becomes of a column in which the gate suspects something that
        identifies people.
    ids
        How identifiers of different files are compared.
    repeats
        What becomes of two different values of one person, outcome and time.
    prorate
        Instrument to the largest number of unanswered questions that is made up for by the mean
        of the answered ones.
    relatives
        Kinship coefficient from which on one of two relatives is left out; None keeps everybody.

    Raises
    ------
    DataError
        If a role or an answer is unknown or a number is not finite.
    """

    roles: dict[tuple[str, str], str] = field(default_factory=dict)
    missing: dict[str, tuple[float, ...]] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    tables: dict[str, TableChoice] = field(default_factory=dict)
    identifiers: dict[tuple[str, str], IdentifierAnswer] = field(default_factory=dict)
    ids: IdMatching = "auto"
    repeats: Repeats = "refuse"
    prorate: dict[str, int] = field(default_factory=dict)
    relatives: float | None = None

    def __post_init__(self) -> None:
        for (file, column), role in self.roles.items():
            if role not in ROLES:
                raise DataError(
                    f"{column!r} of {file} cannot be read as {role!r}.",
                    f"Choose one of: {', '.join(ROLES)}.",
                    code="unknown_role",
                    file=file,
                    column=column,
                )
        numbers = [*self.times.values(), *(n for codes in self.missing.values() for n in codes)]
        numbers += self.prorate.values()
        numbers += [] if self.relatives is None else [self.relatives]
        if not all(isinstance(n, (int, float)) and math.isfinite(n) for n in numbers):
            raise _bad_recipe("The recipe", "holds a week or missing code that is not a number")
        if (
            self.ids not in get_args(IdMatching)
            or self.repeats not in get_args(Repeats)
            or not set(self.identifiers.values()) <= set(get_args(IdentifierAnswer))
        ):
            raise _bad_recipe("The recipe", "holds an answer that is not known")

    def roles_of(self, file: str) -> dict[str, str]:
        """Column to role for one file."""
        return {column: role for (name, column), role in self.roles.items() if name == file}

    def missing_of(self, *names: str) -> tuple[float, ...]:
        """Codes declared for any of ``names``; spelling may differ in case and punctuation."""
        wanted = {simple_name(name) for name in names}
        found = [codes for name, codes in self.missing.items() if simple_name(name) in wanted]
        return tuple(dict.fromkeys(float(code) for codes in found for code in codes))

    def week_of(self, label: str) -> float | None:
        """The week declared for a visit's name, or None; case and outer blanks do not matter."""
        wanted = label.strip().casefold()
        for name, week in self.times.items():
            if name.strip().casefold() == wanted:
                return float(week)
        return None

    def to_dict(self) -> dict[str, Any]:
        """The recipe as plain dictionaries, by table, then column; empty parts are left out."""
        parts: dict[str, Any] = {
            "roles": _nested(self.roles),
            "missing": {name: list(codes) for name, codes in self.missing.items()},
            "times": dict(self.times),
            "names": _nested(self.names),
            "tables": {name: _table_dict(one) for name, one in self.tables.items()},
            "identifiers": _nested(self.identifiers),
            "ids": "" if self.ids == "auto" else self.ids,
            "repeats": "" if self.repeats == "refuse" else self.repeats,
            "prorate": dict(self.prorate),
        }
        kept = {name: part for name, part in parts.items() if part or name in _ALWAYS}
        return kept if self.relatives is None else {**kept, "relatives": self.relatives}

    def to_json(self, *, indent: int | None = 2) -> str:
        """The recipe as JSON, to be saved and given to ``--recipe``."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    def canonical(self) -> str:
        """One line that is the same for equal choices; what only helps to find tables is left out.

        The order of codes and the spelling of numbers (1, 1.0) make no difference.
        """
        parts = self.to_dict()
        parts["missing"] = {k: sorted(float(n) for n in v) for k, v in self.missing.items()}
        parts["times"] = {k: float(v) for k, v in self.times.items()}
        tables = {k: {n: v for n, v in t.items() if n != "columns"}
                  for k, t in parts.pop("tables", {}).items()}  # fmt: skip
        parts["tables"] = {k: t for k, t in tables.items() if t}
        return json.dumps(parts, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, *, file: str = "") -> ReadingChoices:
        """Read a recipe; parts that are left out are empty.

        Raises
        ------
        DataError
            If the text is not JSON or not a recipe.
        """
        where = file or "The recipe"
        try:
            parts = json.loads(text)
        except (ValueError, RecursionError):
            raise _bad_recipe(where, "is no recipe, as it is not valid JSON") from None
        if not isinstance(parts, dict) or set(parts) - {one.name for one in fields(cls)}:
            raise _bad_recipe(where, _NO_RECIPE)
        try:
            return cls(
                roles=_flat(parts, "roles"),
                missing={
                    str(name): tuple(
                        float(c) for c in (codes if isinstance(codes, list) else [codes])
                    )
                    for name, codes in _part(parts, "missing").items()
                },
                times={str(k): float(v) for k, v in _part(parts, "times").items()},
                names=_flat(parts, "names"),
                tables={
                    str(k): TableChoice(**{**v, "columns": tuple(map(str, v.get("columns", ())))})
                    for k, v in _part(parts, "tables").items()
                },
                identifiers=_flat(parts, "identifiers"),  # type: ignore[arg-type]  # checked above
                ids=parts.get("ids", "auto"),
                repeats=parts.get("repeats", "refuse"),
                prorate={str(k): int(v) for k, v in _part(parts, "prorate").items()},
                relatives=parts.get("relatives"),
            )
        except (AttributeError, TypeError, ValueError, OverflowError):
            raise _bad_recipe(where, _NO_RECIPE) from None

    @classmethod
    def load(cls, recipe: ReadingChoices | str | Path | None) -> ReadingChoices:
        """The recipe itself, or read from a file; None is the empty recipe.

        Raises
        ------
        DataError
            If the file cannot be read or holds no recipe.
        """
        if recipe is None:
            return cls()
        if isinstance(recipe, ReadingChoices):
            return recipe
        path = Path(recipe)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, ValueError):
            raise DataError(
                f"There is no readable recipe called {path.name!r}.",
                "Check the name and the folder.",
                code="no_file",
                file=path.name,
            ) from None
        return cls.from_json(text, file=path.name)


_ALWAYS = ("roles", "missing", "times")
_NO_RECIPE = "is not a recipe for reading files, with roles, missing and times"


def _nested(flat: Mapping[tuple[str, str], str]) -> dict[str, dict[str, str]]:
    nested: dict[str, dict[str, str]] = {}
    for (table, column), answer in flat.items():
        nested.setdefault(table, {})[column] = answer
    return nested


def _flat(parts: Mapping[str, Any], name: str) -> dict[tuple[str, str], str]:
    return {
        (str(table), str(column)): str(answer)
        for table, columns in _part(parts, name).items()
        for column, answer in columns.items()
    }


def _table_dict(choice: TableChoice) -> dict[str, Any]:
    plain = {**asdict(choice), "columns": list(choice.columns)}
    return {name: value for name, value in plain.items() if value not in (None, "", [])}


def _part(parts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = parts.get(name, {})
    if not isinstance(part, dict):
        raise TypeError(name)
    return part


def _bad_recipe(where: str, what: str) -> DataError:
    return DataError(f"{where} {what}.", "Save it again from the program.", code="recipe")
