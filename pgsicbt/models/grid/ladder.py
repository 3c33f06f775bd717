"""The ladder: a random part that the data cannot carry is simplified, alike for all scores.

The rungs are

    intercept, slope and second time term  ->  correlated intercept and slope
    ->  uncorrelated intercept and slope   ->  intercept only

A grid goes down one rung if any of its cells is singular with correlated terms; then every cell
is fitted anew, so that scores and adjustments stay comparable. It goes on to the intercept only
where the variance of the slope is zero in every cell, which changes no estimate. Where people
differ in their slopes in some cells, the slope stays in all of them and the cells without are
named: leaving out a slope that is there makes the test of change find effects that are not there
(Heisig & Schaeffer 2019, Eur Sociol Rev 35:258).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pgsicbt.spec import RandomPart
from pgsicbt.study import Finding

_NAMED = 4
"""Cells that are named one by one; more are counted."""


@dataclass(frozen=True)
class Rung:
    """One random part: ``q`` terms of (1, time, second time term), correlated or not."""

    part: RandomPart
    q: int
    correlated: bool
    words: str


_RUNGS = (
    Rung("intercept+slope+second", 3, True, "an intercept, a slope and a second time term"),
    Rung("intercept+slope", 2, True, "an intercept and a slope"),
    Rung("intercept+slope uncorrelated", 2, False, "an intercept and a slope without correlation"),
    Rung("intercept", 1, True, "an intercept only"),
)


@dataclass(frozen=True)
class Step:
    """What one fitted cell says about its random part.

    ``label`` names score and adjustment; ``flat`` is whether the variance of the slope is zero.
    """

    label: str
    singular: bool
    flat: bool


def rung(part: RandomPart) -> Rung:
    """The rung that a random part stands for."""
    return next(r for r in _RUNGS if r.part == part)


def next_rung(part: RandomPart, cells: Sequence[Step]) -> RandomPart | None:
    """The rung to go down to, or None to stay.

    Parameters
    ----------
    cells
        The cells that could be fitted.
    """
    here = rung(part)
    singular = [c for c in cells if c.singular]
    if here.part == "intercept" or not singular:
        return None
    if here.correlated or all(c.flat for c in cells):
        return _RUNGS[_RUNGS.index(here) + 1].part
    return None


def simplified(asked: RandomPart, used: RandomPart, why: Sequence[Step], n: int) -> Finding:
    """What a reader must know of a grid that went down the ladder.

    Parameters
    ----------
    why
        The cells, of ``n`` fitted, that were singular with the random part that was asked for.
    """
    text = (
        f"The data cannot carry {rung(asked).words} per person in {_listed(why, n)}, so all "
        f"models were fitted with {rung(used).words}."
    )
    if used == "intercept":
        text += " People do not differ in their slopes, so this changes no estimate."
    elif used == "intercept+slope uncorrelated":
        text += " The slope stays, since the test of change needs it."
    return Finding("simplified", "warning", text)


def _listed(cells: Sequence[Step], n: int) -> str:
    if len(cells) == n:
        return "any model" if n > 1 else "the model"
    if len(cells) <= _NAMED:
        return ", ".join(c.label for c in cells)
    return f"{len(cells)} of {n} models"
