"""The vocabulary of an analysis and what its fields may hold; used by :mod:`pgsicbt.spec`."""

from __future__ import annotations

import math
from types import NoneType
from typing import Any, Literal, get_args

from pgsicbt.errors import SpecError

Adjustment = Literal["crude", "adjusted", "complete"]
Family = Literal[
    "lmm", "mmrm", "clda", "gee",
    "ancova", "change", "tobit", "logistic", "ordinal", "dropout", "cox",
]  # fmt: skip
RandomPart = Literal[
    "intercept+slope", "intercept", "intercept+slope uncorrelated", "intercept+slope+second"
]
TimeCoding = Literal["linear", "log", "piecewise", "spline", "categorical"]
Origin = Literal["start", "middle", "end"]
TimeUnit = Literal["week", "day", "month", "year"]
DfMethod = Literal["satterthwaite", "normal", "kenward-roger"]
ErrorMethod = Literal["model", "CR0", "CR2"]
Multiplicity = Literal["holm", "bonferroni", "bh", "by", "li-ji", "galwey", "max-t", "none"]
ScoreScale = Literal["z", "as_given", "within", "residual"]
OutlierRule = Literal["none", "residual", "person", "score", "ancestry"]
Residuals = Literal[
    "unstructured", "ar1", "heterogeneous_ar1", "compound_symmetry",
    "heterogeneous_compound_symmetry", "toeplitz", "heterogeneous_toeplitz",
]  # fmt: skip
Working = Literal["independence", "exchangeable", "ar1"]

LONGITUDINAL: tuple[Family, ...] = ("lmm", "mmrm", "clda", "gee")
"""Families with the visits as observations; the others have one outcome per person."""
CATEGORICAL_TIME: tuple[Family, ...] = ("mmrm", "clda")

_CHOICES: dict[str, Any] = {
    "family": Family,
    "random": RandomPart,
    "time_unit": TimeUnit,
    "time_coding": TimeCoding,
    "origin": Origin,
    "df": DfMethod,
    "errors": ErrorMethod,
    "multiplicity": Multiplicity,
    "score_scale": ScoreScale,
    "outliers": OutlierRule,
    "residuals": Residuals,
    "working": Working,
}
NAMES = ("scores", "covariates", "components", "adjustments", "controls")
_FLAGS = ("reml", "simplify", "together", "covariate_time")
_NUMBERS = (
    "confidence", "first_week", "last_week", "knot", "post_week", "post_window", "smallest_effect"
)  # fmt: skip
_COUNTS = {
    "spline_df": (2, 6),
    "bootstrap": (0, 100_000),
    "seed": (0, 2**32 - 1),
    "score_groups": (0, 20),
    "permutations": (19, 100_000),
}


def check_names(spec: Any) -> None:
    """Lists of names are tuples of different texts, and every choice is one of its kind.

    Raises
    ------
    SpecError
        If a field holds something else.
    """
    for name in NAMES:
        value = getattr(spec, name)
        if not isinstance(value, (tuple, list)) or not all(isinstance(v, str) for v in value):
            raise SpecError(f"{name} must be a list of names.", column=name)
        if len(set(value)) != len(value):
            raise SpecError(f"{name} names the same column twice.", "Name each once.")
        object.__setattr__(spec, name, tuple(value))
    if not isinstance(spec.outcome, str) or not spec.outcome:
        raise SpecError("No outcome is chosen.", "Choose one outcome.", code="no_outcome")
    for name in ("definition", "ancestry", "cluster"):
        if not isinstance(getattr(spec, name), str):
            raise SpecError(f"{name} must be a name.", column=name)
    if not spec.adjustments:
        raise SpecError("No model is chosen.", "Choose crude, adjusted or complete.")
    unknown = [a for a in spec.adjustments if a not in get_args(Adjustment)]
    if unknown:
        raise SpecError(
            f"There is no model called {unknown[0]!r}.", "Choose crude, adjusted or complete."
        )
    for name, choices in _CHOICES.items():
        if getattr(spec, name) not in get_args(choices):
            raise SpecError(
                f"{name} cannot be {getattr(spec, name)!r}.",
                f"Choose one of: {', '.join(get_args(choices))}.",
            )
    for name in _FLAGS:
        if not isinstance(getattr(spec, name), bool):
            raise SpecError(f"{name} must be true or false.", column=name)
    for name in ("subset", "without"):
        check_pair(spec, name)
    check_interactions(spec)


def check_numbers(spec: Any) -> None:
    """Numbers are finite, counts whole, each within its bounds.

    Raises
    ------
    SpecError
        If one is not.
    """
    for name in _NUMBERS:
        value = getattr(spec, name)
        if isinstance(value, bool) or not isinstance(value, (int, float, NoneType)):
            raise SpecError(f"{name} must be a number.", column=name)
        if value is not None and not math.isfinite(value):
            raise SpecError(f"{name} must be a finite number.", column=name)
        if value is not None:  # 12 and 12.0 are the same week and the same canonical text
            object.__setattr__(spec, name, float(value))
    if spec.confidence is None or not 0.5 <= spec.confidence < 1:
        raise SpecError("confidence must lie between 0.5 and 1.", "Use 0.95 for 95 %.")
    if spec.post_window is None or spec.post_window < 0:
        raise SpecError("post_window must be zero or more weeks.", column="post_window")
    if spec.smallest_effect is not None and spec.smallest_effect <= 0:
        raise SpecError(
            "The smallest effect of interest must be above zero.",
            "Give it in points of the outcome per step of the score, whatever its direction.",
            column="smallest_effect",
        )
    for name, (least, most) in _COUNTS.items():
        value = getattr(spec, name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise SpecError(f"{name} must be a whole number from {least} to {most:,}.", column=name)
    if spec.score_groups == 1:
        raise SpecError(
            "One group of a score is everybody.",
            "Choose 0 for the score itself, or at least two groups.",
            column="score_groups",
        )


def check_pair(spec: Any, name: str) -> None:
    """A field that is None or (name of a group, its level)."""
    value = getattr(spec, name)
    if value is None:
        return
    if (
        not isinstance(value, (tuple, list))
        or len(value) != 2
        or not all(isinstance(s, str) for s in value)
    ):
        raise SpecError(f"{name} must be a pair: the name of a group and its level.", column=name)
    object.__setattr__(spec, name, tuple(value))


def check_interactions(spec: Any) -> None:
    """Pairs of a score that is analysed and another score or a covariate."""
    value = spec.interactions
    pairs = isinstance(value, (tuple, list)) and all(
        isinstance(p, (tuple, list)) and len(p) == 2 and all(isinstance(x, str) for x in p)
        for p in value
    )
    if not pairs:
        raise SpecError(
            "interactions must be a list of pairs: a score, and another score or a covariate.",
            column="interactions",
        )
    made = tuple((p[0], p[1]) for p in value)
    for score, other in made:
        if score == other:
            raise SpecError(f"{score} cannot interact with itself.", column="interactions")
    if len({frozenset(p) for p in made}) != len(made):
        raise SpecError("interactions names the same pair twice.", "Name each once.")
    object.__setattr__(spec, "interactions", made)
