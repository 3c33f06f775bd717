"""Polygenic scores and symptom change in psychological treatment."""

from pgsicbt.errors import DataError, FitError, PgsIcbtError, SpecError
from pgsicbt.result import Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

__all__ = [
    "AnalysisSpec",
    "DataError",
    "FitError",
    "PgsIcbtError",
    "Result",
    "SpecError",
    "Study",
]

__version__ = "0.1.0"
