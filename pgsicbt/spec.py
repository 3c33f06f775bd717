"""What is to be analysed: the frozen :class:`AnalysisSpec`.

A spec holds no data. It is the only thing in saved settings, on the command line, in the report
and in cache keys; it travels as JSON and has one canonical text form.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal, get_args

from pgsicbt.errors import SpecError
from pgsicbt.study import HARMONISED

Adjustment = Literal["crude", "adjusted", "complete"]
RandomPart = Literal[
    "intercept+slope", "intercept", "intercept+slope uncorrelated", "intercept+slope+second"
]
TimeCoding = Literal["linear", "log", "piecewise", "spline", "categorical"]
Origin = Literal["start", "middle", "end"]
TimeUnit = Literal["week", "day", "month", "year"]
DfMethod = Literal["satterthwaite", "normal", "kenward-roger"]
ErrorMethod = Literal["model", "CR0", "CR2"]
Multiplicity = Literal["holm", "bonferroni", "bh", "none"]
ScoreScale = Literal["z", "as_given"]

_CHOICES: dict[str, Any] = {
    "random": RandomPart,
    "time_unit": TimeUnit,
    "time_coding": TimeCoding,
    "origin": Origin,
    "df": DfMethod,
    "errors": ErrorMethod,
    "multiplicity": Multiplicity,
    "score_scale": ScoreScale,
}
_TUPLES = ("scores", "covariates", "components", "adjustments")
_NUMBERS = ("confidence", "first_week", "last_week", "knot")
_COUNTS = {"spline_df": (2, 6), "bootstrap": (0, 100_000), "seed": (0, 2**32 - 1)}
_TWO_TERMS = ("piecewise", "spline")


@dataclass(frozen=True)
class AnalysisSpec:
    """One analysis of one outcome by a grid of scores.

    Parameters
    ----------
    outcome
        Name of an outcome of the study, or ``"harmonised"``.
    scores
        Names of the scores, one model each; empty for a model without a score.
    covariates
        Names of covariates; in adjusted and complete models each has a main effect and an
        effect on change (covariate x time).
    components
        Principal components: main effects in adjusted models, x time as well in complete ones.
    adjustments
        Which of crude, adjusted and complete are fitted, in this order.
    random
        Random part per person; intercept and slope are correlated unless it says otherwise,
        ``second`` is the second time column of piecewise or spline time. ``"intercept"`` makes
        the test of score x time anti-conservative (Heisig & Schaeffer 2019) and is reported
        with a warning.
    simplify
        Whether a random part that the data cannot carry is simplified, alike for all scores
        (:mod:`pgsicbt.models.grid.ladder`).
    reml
        Restricted maximum likelihood (True) or maximum likelihood.
    score_scale
        ``"z"`` standardises each score over the people analysed; ``"as_given"`` leaves it.
    time_unit
        Unit of the coefficients of time.
    time_coding, knot, spline_df
        How change is described: a straight line, a line in log(week + 1), two lines that meet
        at the week ``knot``, a natural cubic spline with ``spline_df`` columns, or a level of
        its own for every week.
    origin
        Where time is zero, and so where the main effect of a score stands: the start of
        treatment (week 0), the middle or the end of the weeks analysed.
    first_week, last_week
        Window of visits used, in weeks, both ends included; None for no limit.
    subset
        ``(stratum, level)`` to analyse one group only, such as ``("diagnosis", "MDD")``.
    df, confidence, multiplicity
        Degrees of freedom of t tests, level of the intervals, and the correction that decides
        significance within a family. A family is all scores for one term (severity or change)
        of one adjustment and one outcome. ``"kenward-roger"`` corrects the standard errors too.
    errors
        Standard errors from the model, or robust to its covariance with people as clusters
        (CR0, CR2), then with the robust degrees of freedom.
    bootstrap, seed
        Replicates of the cluster bootstrap (0 for none) and the seed of its random numbers.

    Raises
    ------
    SpecError
        If a field holds something that makes no sense.
    """

    outcome: str = HARMONISED
    scores: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    adjustments: tuple[Adjustment, ...] = ("crude", "adjusted", "complete")
    random: RandomPart = "intercept+slope"
    simplify: bool = True
    reml: bool = True
    score_scale: ScoreScale = "z"
    time_unit: TimeUnit = "week"
    time_coding: TimeCoding = "linear"
    knot: float | None = None
    spline_df: int = 3
    origin: Origin = "start"
    first_week: float | None = None
    last_week: float | None = None
    subset: tuple[str, str] | None = None
    df: DfMethod = "satterthwaite"
    confidence: float = 0.95
    multiplicity: Multiplicity = "holm"
    errors: ErrorMethod = "model"
    bootstrap: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        for name in _TUPLES:
            value = getattr(self, name)
            if not isinstance(value, (tuple, list)) or not all(isinstance(v, str) for v in value):
                raise SpecError(f"{name} must be a list of names.", column=name)
            if len(set(value)) != len(value):
                raise SpecError(f"{name} names the same column twice.", "Name each once.")
            object.__setattr__(self, name, tuple(value))
        if not isinstance(self.outcome, str) or not self.outcome:
            raise SpecError("No outcome is chosen.", "Choose one outcome.", code="no_outcome")
        if not self.adjustments:
            raise SpecError("No model is chosen.", "Choose crude, adjusted or complete.")
        unknown = [a for a in self.adjustments if a not in get_args(Adjustment)]
        if unknown:
            raise SpecError(
                f"There is no model called {unknown[0]!r}.", "Choose crude, adjusted or complete."
            )
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in get_args(choices):
                raise SpecError(
                    f"{name} cannot be {getattr(self, name)!r}.",
                    f"Choose one of: {', '.join(get_args(choices))}.",
                )
        for name in ("reml", "simplify"):
            if not isinstance(getattr(self, name), bool):
                raise SpecError(f"{name} must be true or false.", column=name)
        for name in _NUMBERS:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float, NoneType)):
                raise SpecError(f"{name} must be a number.", column=name)
            if value is not None and not math.isfinite(value):
                raise SpecError(f"{name} must be a finite number.", column=name)
            if value is not None:  # 12 and 12.0 are the same week and the same canonical text
                object.__setattr__(self, name, float(value))
        if self.confidence is None or not 0.5 <= self.confidence < 1:
            raise SpecError("confidence must lie between 0.5 and 1.", "Use 0.95 for 95 %.")
        for name, (least, most) in _COUNTS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise SpecError(
                    f"{name} must be a whole number from {least} to {most:,}.", column=name
                )
        both = set(self.covariates) & set(self.components)
        if both:
            raise SpecError(
                f"{sorted(both)[0]} is chosen both as a covariate and as a component.",
                "Choose it once.",
            )
        if self.outcome in (*self.covariates, *self.scores):
            raise SpecError(
                f"{self.outcome} is both the outcome and a predictor.",
                "A baseline is either part of the outcome or a covariate, never both.",
            )
        first, last = self.first_week, self.last_week
        if first is not None and last is not None and first >= last:
            raise SpecError(
                "The window of weeks is empty.", "The first week must come before the last."
            )
        if self.subset is not None:
            if (
                not isinstance(self.subset, (tuple, list))
                or len(self.subset) != 2
                or not all(isinstance(s, str) for s in self.subset)
            ):
                raise SpecError("subset must be a pair: the name of a group and its level.")
            object.__setattr__(self, "subset", tuple(self.subset))
        self._check_time()
        self._check_inference()

    def _check_time(self) -> None:
        if self.time_coding == "piecewise" and self.knot is None:
            raise SpecError(
                "Piecewise time needs a knot.",
                "Give the week at which the course may bend.",
                column="knot",
            )
        if self.time_coding != "piecewise" and self.knot is not None:
            raise SpecError(
                f"A knot has no place in {self.time_coding} time.",
                "Choose piecewise time, or leave the knot out.",
                column="knot",
            )
        if self.knot is not None:
            first, last = self.first_week, self.last_week
            low = first is not None and self.knot <= first
            if low or (last is not None and self.knot >= last):
                raise SpecError(
                    f"The knot at week {self.knot:g} is not inside the chosen weeks.",
                    "Put it between the first and the last week.",
                    column="knot",
                )
        if self.random == "intercept+slope+second" and self.time_coding not in _TWO_TERMS:
            raise SpecError(
                f"There is no second random slope in {self.time_coding} time.",
                "Choose piecewise or spline time, or intercept and slope.",
                column="random",
            )

    def _check_inference(self) -> None:
        if self.df == "kenward-roger" and not self.reml:
            raise SpecError(
                "Kenward-Roger needs restricted maximum likelihood.",
                "Turn REML on, or choose Satterthwaite.",
                column="df",
            )
        if self.df == "kenward-roger" and self.errors != "model":
            raise SpecError(
                f"Kenward-Roger and robust standard errors ({self.errors}) exclude each other.",
                "Choose Satterthwaite with robust errors, or Kenward-Roger with the model's own.",
                column="errors",
            )

    def replace(self, **changes: Any) -> AnalysisSpec:
        """A copy with some fields changed; checked like a new one."""
        return dataclasses.replace(self, **changes)

    def to_json(self, *, indent: int | None = 2) -> str:
        """The spec as JSON, every field written out."""
        return json.dumps(dataclasses.asdict(self), indent=indent, ensure_ascii=False)

    def canonical(self) -> str:
        """One line that is the same for equal specs; used as cache key and in the report."""
        return json.dumps(
            dataclasses.asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )

    @classmethod
    def from_json(cls, text: str, *, file: str = "") -> AnalysisSpec:
        """Read a spec from JSON; fields that are left out take their defaults.

        Raises
        ------
        SpecError
            If the text is not JSON, names an unknown field, or the spec makes no sense.
        """
        where = file or "The analysis specification"
        try:
            fields = json.loads(text)
        except ValueError:
            raise SpecError(
                f"{where} is not valid JSON.", "Save it again from the program.", file=file
            ) from None
        if not isinstance(fields, dict):
            raise SpecError(f"{where} does not hold one JSON object.", file=file)
        known = {f.name for f in dataclasses.fields(cls)}
        unknown = sorted(set(fields) - known)
        if unknown:
            raise SpecError(
                f"{where} has an unknown field {unknown[0]!r}.",
                f"Known are: {', '.join(sorted(known))}.",
                file=file,
                column=unknown[0],
            )
        for name in (*_TUPLES, "subset"):
            if isinstance(fields.get(name), list):
                fields[name] = tuple(fields[name])
        try:
            return cls(**fields)
        except SpecError as error:
            raise SpecError(
                f"{where}: {error.sentence}", error.hint, code=error.code, file=file
            ) from None
