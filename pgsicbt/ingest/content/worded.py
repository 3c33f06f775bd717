"""Answers to questions that are written in words, such as "Several days" or "0 - Inte alls"."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.ingest.source.columns import Column
from pgsicbt.instruments import Instrument, folded

_MOSTLY = 0.8
_FIRST = re.compile(r"\(?(\d{1,2})\s*(?:[=:)\]]|\.\s|\s[-\u2013\u2014]\s)\s*(\D.*)", re.ASCII)
_LAST = re.compile(r"(.*\D)\s*(?:[=:]\s*|[(\[])(\d{1,2})[)\]]?", re.ASCII)


@dataclass(frozen=True)
class Answers:
    """The answers of one column as numbers.

    Parameters
    ----------
    numbers
        Shape (n_rows,): NaN where there is no answer, or none that can be read.
    present
        Shape (n_rows,): rows with something in them.
    unread
        Rows with text that is no known answer.
    worded
        True if any number was told by words.
    two_wordings
        True if one step is said in two ways in the column, so that the words cannot be trusted:
        translations differ in how strong they take "much" to be.
    """

    numbers: NDArray[np.float64]
    present: NDArray[np.bool_]
    unread: NDArray[np.int64]
    worded: bool
    two_wordings: bool

    @property
    def mostly(self) -> bool:
        """True if at least four of five cells that are present can be read."""
        there = int(self.present.sum())
        return there > 0 and len(self.unread) <= (1 - _MOSTLY) * there

    def small(self, largest: float) -> bool:
        """True if nearly all numbers are as small as answers; codes for no answer are larger."""
        numbers = self.numbers[~np.isnan(self.numbers)]
        return numbers.size == 0 or bool((numbers <= largest).mean() >= _MOSTLY)


def answers_of(column: Column, instrument: Instrument) -> Answers:
    """Read a column of answers to one question of ``instrument``.

    Words count before a number that stands with them, since "1 - Not at all" is the lowest answer
    wherever counting begins; a number that stands with unknown words counts as it is.
    """
    numbers = column.level_numbers.copy()
    if not column.level_text.any():
        return Answers(column.numbers, ~column.missing, np.zeros(0, np.int64), False, False)
    steps = {} if instrument.items is None else _steps(instrument)
    heard: dict[float, set[str]] = {}
    for place in np.flatnonzero(column.level_text):
        told, words = _told(str(column.levels[place]), steps)
        if told is not None:
            numbers[place] = told
            heard.setdefault(told, set()).add(words)
    unread = np.flatnonzero((column.level_text & np.isnan(numbers))[column.codes])
    doubled = any(len(words) > 1 for words in heard.values())
    return Answers(numbers[column.codes], ~column.missing, unread, bool(heard), doubled)


def _steps(instrument: Instrument) -> dict[str, float]:
    """Every known wording and the number of its answer."""
    span = instrument.items
    if span is None:
        return {}
    return {
        wording: span.minimum + place for place, step in enumerate(span.answers) for wording in step
    }


def _told(text: str, steps: dict[str, float]) -> tuple[float | None, str]:
    """The number that a cell tells, and its words; None where it tells none."""
    if len(text) > 200:
        return None, ""
    words = folded(text)
    if words in steps:
        return steps[words], words
    first, last = _FIRST.fullmatch(text), _LAST.fullmatch(text)
    if first is not None:
        number, words = float(first[1]), folded(first[2])
    elif last is not None:
        number, words = float(last[2]), folded(last[1])
    else:
        return None, ""
    return steps.get(words, number), words
