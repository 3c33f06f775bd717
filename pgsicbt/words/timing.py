"""When things stand: where the main effects are, and the weeks that change is told over."""

from __future__ import annotations

from dataclasses import dataclass

from pgsicbt.result import Result, TimeBasis
from pgsicbt.spec import Origin
from pgsicbt.study import WEEKS_PER_UNIT
from pgsicbt.words import numbers

_PARTS = (
    "interaction_part", "covariate_time", "group_change", "score_change", "moderation_change"
)  # fmt: skip
_OVER_TIME = ("time", "interaction", *_PARTS)
_NEAR = 0.1
"""Share of the weeks analysed within which a planned week still is half-way."""


@dataclass(frozen=True)
class Timing:
    """The words for the time axis of one analysis.

    Parameters
    ----------
    basis
        How time enters its models.
    origin
        Where the main effects were asked to stand.
    """

    basis: TimeBasis
    origin: Origin = "start"

    @property
    def straight(self) -> bool:
        """Whether change is one number a week."""
        return self.basis.coding == "linear"

    @property
    def ends(self) -> tuple[float, float]:
        """First and last week that change is told between."""
        return self.basis.change_weeks

    @property
    def at(self) -> str:
        """Where the main effects stand: ``"at the start of treatment"``, ``"at week 12"``."""
        if self._at_start:
            return "at the start of treatment"
        return f"half-way (at week {self._week})" if self._halfway else f"at week {self._week}"

    @property
    def at_first(self) -> str:
        """The same at the beginning of a sentence: ``"Half-way, at week 6"``."""
        if self._halfway:
            return f"Half-way, at week {self._week}"
        return self.at[0].upper() + self.at[1:]

    @property
    def moment(self) -> str:
        """The same as a name: ``"Start of treatment"``, ``"Week 12"``."""
        return "Start of treatment" if self._at_start else f"Week {self._week}"

    @property
    def severity(self) -> str:
        """Heading of the main effects."""
        if self._at_start:
            return "Severity at the start"
        return f"Severity half-way (week {self._week})" if self._halfway else f"Severity {self.at}"

    @property
    def change(self) -> str:
        """Heading of the difference in change."""
        return "Change per week" if self.straight else f"Change, week {self._span(' to ')}"

    @property
    def changing(self) -> str:
        """The same within a sentence."""
        return "change per week" if self.straight else f"change {self.over}"

    @property
    def over(self) -> str:
        """The end of an amount of change: ``"a week"`` or ``"from week 0 to week 12"``."""
        return "a week" if self.straight else f"from week {self._span(' to week ')}"

    @property
    def reference(self) -> str:
        """The origin as something that other weeks are compared with."""
        return "the start of treatment" if self._at_start else f"week {self._week}"

    def rate(self, role: str) -> bool:
        """Whether rows of a role are amounts per unit of time."""
        if self.basis.coding == "piecewise":
            return role in _OVER_TIME and role != "interaction"
        return self.straight and role in _OVER_TIME

    def factor(self, role: str) -> float:
        """What a number of a row of this role is multiplied with; rates become weekly."""
        return 1.0 / self.basis.unit if self.rate(role) else 1.0

    def digits(self, role: str, digits: int) -> int:
        """Decimals of a row's numbers, from those of an amount in points.

        Rates have one more, and what is multiplied with time.
        """
        small = self.rate(role) or role in _PARTS
        return digits + 1 if small else digits

    @property
    def _at_start(self) -> bool:
        return self.origin == "start" and self.basis.origin == 0

    @property
    def _halfway(self) -> bool:
        first, last = self.basis.first_week, self.basis.end_week
        near = abs(self.basis.origin - (first + last) / 2) <= _NEAR * (last - first)
        return self.origin == "middle" and near

    @property
    def _week(self) -> str:
        return numbers.week(self.basis.origin)

    def _span(self, to: str) -> str:
        return to.join(numbers.week(w) for w in self.ends)


def timing(result: Result) -> Timing:
    """The words for time in a result; all its models share one basis."""
    spec = result.spec
    basis = next((fit.time for fit in result.fits if fit.time is not None), None)
    if basis is None:
        basis = TimeBasis(spec.time_coding, unit=WEEKS_PER_UNIT[spec.time_unit])
    return Timing(basis, spec.origin)
