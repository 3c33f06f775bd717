"""Polygenic scores and symptom change in psychological treatment."""

from pgsicbt import (
    cohort,
    instruments,
    meaning,
    outcomes,
    pooling,
    power,
    presets,
    robustness,
)
from pgsicbt.errors import DataError, FitError, PgsIcbtError, SpecError
from pgsicbt.ingest import ReadingChoices, Upload, read_study
from pgsicbt.models import MixedModel, default_spec, fit, mixed_model
from pgsicbt.models.diagnostics.diagnostics import diagnostics
from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.models.mmrm.mmrm import MarginalModel, mmrm
from pgsicbt.models.resampling.bootstrap import cluster_bootstrap
from pgsicbt.models.resampling.influence import influence
from pgsicbt.models.scan.scan import scan
from pgsicbt.result import Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study
from pgsicbt.version import __version__

__all__ = [
    "AnalysisSpec",
    "DataError",
    "FitError",
    "MarginalModel",
    "MixedModel",
    "PgsIcbtError",
    "ReadingChoices",
    "Result",
    "SpecError",
    "Study",
    "Upload",
    "__version__",
    "cluster_bootstrap",
    "cohort",
    "default_spec",
    "diagnostics",
    "effect_sizes",
    "fit",
    "influence",
    "instruments",
    "meaning",
    "mixed_model",
    "mmrm",
    "outcomes",
    "pooling",
    "power",
    "presets",
    "read_study",
    "robustness",
    "scan",
]
