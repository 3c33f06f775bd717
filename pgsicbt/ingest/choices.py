"""What a person decided about reading their files: the recipe, kept as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pgsicbt.errors import DataError
from pgsicbt.instruments import simple_name

ROLES = (
    "id", "score", "outcome", "covariate", "component", "batch", "stratum",
    "time", "time:day", "time:month", "time:year", "visit", "instrument", "value", "ignore",
)  # fmt: skip
"""Everything a column can be. ``time`` alone counts weeks; ``visit`` holds names of visits;
``instrument`` and ``value`` go together in a table with one row per person, visit and scale."""


@dataclass(frozen=True)
class ReadingChoices:
    """Corrections to what reading would guess; empty means: guess everything.

    Parameters
    ----------
    roles
        ``(file name, column)`` to one of :data:`ROLES`.
    missing
        Outcome (or column) to the numbers that stand for a missing answer, such as -9.
    times
        Name of a visit as it stands in the file to its week from the start of treatment.

    Raises
    ------
    DataError
        If a role is unknown or a number is not finite.
    """

    roles: dict[tuple[str, str], str] = field(default_factory=dict)
    missing: dict[str, tuple[float, ...]] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)

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
        if not all(isinstance(n, (int, float)) and math.isfinite(n) for n in numbers):
            raise _bad_recipe("The recipe", "holds a week or missing code that is not a number")

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
        """The recipe as plain dictionaries: roles by file, then column."""
        roles: dict[str, dict[str, str]] = {}
        for (file, column), role in self.roles.items():
            roles.setdefault(file, {})[column] = role
        missing = {name: list(codes) for name, codes in self.missing.items()}
        return {"roles": roles, "missing": missing, "times": dict(self.times)}

    def to_json(self, *, indent: int | None = 2) -> str:
        """The recipe as JSON, to be saved and given to ``--recipe``."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    def canonical(self) -> str:
        """One line that is the same for equal choices."""
        roles = {f"{file}\x1f{column}": role for (file, column), role in self.roles.items()}
        missing = {k: sorted(float(n) for n in v) for k, v in self.missing.items()}
        times = {k: float(v) for k, v in self.times.items()}
        return json.dumps([roles, missing, times], sort_keys=True, separators=(",", ":"))

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
            raise _bad_recipe(where, "is not valid JSON") from None
        if not isinstance(parts, dict) or set(parts) - {"roles", "missing", "times"}:
            raise _bad_recipe(where, "is not a recipe with roles, missing and times")
        try:
            return cls(
                roles={
                    (str(name), str(column)): str(role)
                    for name, columns in _part(parts, "roles").items()
                    for column, role in columns.items()
                },
                missing={
                    str(name): tuple(
                        float(c) for c in (codes if isinstance(codes, list) else [codes])
                    )
                    for name, codes in _part(parts, "missing").items()
                },
                times={str(k): float(v) for k, v in _part(parts, "times").items()},
            )
        except (AttributeError, TypeError, ValueError, OverflowError):
            raise _bad_recipe(where, "is not a recipe with roles, missing and times") from None

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


def _part(parts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = parts.get(name, {})
    if not isinstance(part, dict):
        raise TypeError(name)
    return part


def _bad_recipe(where: str, what: str) -> DataError:
    return DataError(f"{where} {what}.", "Save it again from the program.", code="recipe")
