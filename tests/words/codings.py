"""Results in every coding and origin of time, fitted to a small study with a known truth."""

from __future__ import annotations

from functools import cache
from typing import Any

import pgsicbt
from pgsicbt.result import Result
from tests.models.example import example_study

STUDY = example_study(n=200)
CODINGS: dict[str, dict[str, Any]] = {
    "linear": {},
    "log": {"time_coding": "log", "first_week": 0},
    "piecewise": {"time_coding": "piecewise", "knot": 6},
    "spline": {"time_coding": "spline"},
    "categorical": {"time_coding": "categorical"},
}


@cache
def fitted(coding: str, origin: str = "start", **more: Any) -> Result:
    """The grid of the example in one coding, adjusted for age, sex and diagnosis."""
    spec = pgsicbt.default_spec(STUDY).replace(
        adjustments=("adjusted",), origin=origin, **CODINGS[coding], **more
    )
    return pgsicbt.fit(STUDY, spec)
