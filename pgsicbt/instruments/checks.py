"""What must hold within an entry of the registry and between entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from pgsicbt.errors import DataError
from pgsicbt.instruments.definitions import Confidence, Instrument, Kind, Operator, Unit


def check_instruments(instruments: Sequence[Instrument], file: str) -> None:
    """Refuse a registry whose facts contradict each other.

    Raises
    ------
    DataError
        The first contradiction, in one sentence.
    """
    for one in instruments:
        for problem in _problems(one):
            raise _wrong(file, one.id, problem)
    taken: dict[str, str] = {}
    for one in instruments:
        for alias in {"".join(c for c in one.id.casefold() if c.isalnum()), *one.aliases}:
            if alias in taken:
                raise _wrong(file, one.id, f"shares the name {alias!r} with {taken[alias]}")
            taken[alias] = one.id


def _wrong(file: str, instrument: str, problem: str) -> DataError:
    return DataError(
        f"{file}: {instrument} {problem}.",
        "Correct the entry.",
        code="instruments",
        file=file,
        column=instrument,
    )


def _problems(one: Instrument) -> Iterator[str]:
    if not one.minimum < one.maximum or one.step <= 0:
        yield "has an empty range or a step that is not positive"
    if not one.source or one.confidence not in get_args(Confidence):
        yield "lacks a source or a confidence of A, C or M"
    if not set(one.doubtful) <= set(one.aliases):
        yield "calls a name doubtful that is not among its aliases"
    yield from _item_problems(one)
    yield from _band_problems(one)
    yield from _definition_problems(one)
    for reliability in one.reliabilities:
        if not 0 < reliability.value < 1 or not reliability.source:
            yield "has a reliability outside 0 to 1 or without a source"


def _item_problems(one: Instrument) -> Iterator[str]:
    items = one.items
    if items is None:
        if one.prorate:
            yield "says how many questions may be made up for but not what its questions are"
        return
    low, high = (items.count * end * items.multiplier for end in (items.minimum, items.maximum))
    if abs(low - one.minimum) > 1e-9 or abs(high - one.maximum) > 1e-9:
        yield f"has questions that add up to {low:g} to {high:g}, not to its range"
    if not all(1 <= item <= items.count for item in items.reversed):
        yield "counts a question the other way that it does not have"
    said = [wording for step in items.answers for wording in step]
    if items.answers and len(items.answers) != items.maximum - items.minimum + 1:
        yield "has not one list of wordings for every step of an answer"
    if len(set(said)) < len(said):
        yield "gives one wording to two steps of an answer"
    block = one.block
    if block is not None and (
        len(set(block.numbers)) != items.count
        or not all(1 <= number <= block.count for number in block.numbers)
    ):
        yield "has not one number in its questionnaire for each of its questions"
    if not 0 <= one.prorate <= items.count // 2:
        yield "makes up for more than half of its questions"


def _band_problems(one: Instrument) -> Iterator[str]:
    if not one.bands:
        return
    if not one.bands_source or one.bands_confidence not in get_args(Confidence):
        yield "has bands without a source or a confidence of A, C or M"
    if one.bands[0].low != one.minimum or one.bands[-1].high != one.maximum:
        yield "has bands that do not reach from its minimum to its maximum"
    if any(band.low > band.high for band in one.bands):
        yield "has bands out of order"


def _definition_problems(one: Instrument) -> Iterator[str]:
    for definition in one.definitions:
        known = (
            definition.kind in get_args(Kind)
            and definition.operator in get_args(Operator)
            and definition.unit in get_args(Unit)
            and definition.confidence in get_args(Confidence)
        )
        if not known or not definition.source or not definition.population:
            yield "has a definition with an unknown word, or without source or population"
            continue
        width = one.maximum - one.minimum
        total = definition.kind in ("remission", "case")
        if definition.unit == "percent" and not 0 < definition.value <= 100:
            yield "has a definition beyond 100 percent"
        if total and not one.minimum <= definition.value <= one.maximum:
            yield "has a definition outside its range"
        if not total and definition.unit == "points" and not 0 < definition.value <= width:
            yield "has a change wider than its range"
