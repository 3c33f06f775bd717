"""The registry of symptom instruments: one data file, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Items:
    """The questions of a scale: how many, the range of an answer, those counted the other way.

    The total is the sum of the answers times ``multiplier``.
    """

    count: int
    minimum: float
    maximum: float
    reversed: tuple[int, ...] = ()
    multiplier: float = 1.0


@dataclass(frozen=True)
class Instrument:
    """A symptom scale: its range, step and direction, and the names files give it.

    ``prorate`` is the number of unanswered questions that the mean of the others may make up for.
    """

    id: str
    name: str
    measures: str
    minimum: float
    maximum: float
    step: float
    higher_is_worse: bool
    aliases: tuple[str, ...]
    source: str
    items: Items | None = None
    prorate: int = 0


def simple_name(text: str) -> str:
    """Lower case, letters and digits only: how names are compared."""
    return "".join(ch for ch in text.casefold() if ch.isalnum())


def _items(row: dict[str, Any] | None) -> Items | None:
    return None if row is None else Items(**{**row, "reversed": tuple(row.get("reversed", ()))})


@cache
def all_instruments() -> tuple[Instrument, ...]:
    """Every instrument of the registry, in file order."""
    text = resources.files(__name__).joinpath("instruments.toml").read_text(encoding="utf-8")
    return tuple(
        Instrument(
            id=row["id"],
            name=row["name"],
            measures=row["measures"],
            minimum=float(row["range"][0]),
            maximum=float(row["range"][1]),
            step=float(row["step"]),
            higher_is_worse=bool(row["higher_is_worse"]),
            aliases=tuple(row["aliases"]),
            source=row["source"],
            items=_items(row.get("items")),
            prorate=int(row.get("prorate", 0)),
        )
        for row in tomllib.loads(text)["instrument"]
    )


@cache
def find_instrument(name: str) -> Instrument | None:
    """The instrument that ``name`` means, or None. ``phq9``, ``PHQ-9`` and ``Phq_9`` agree."""
    wanted = simple_name(name)
    for instrument in all_instruments():
        if wanted == simple_name(instrument.id) or wanted in instrument.aliases:
            return instrument
    return None
