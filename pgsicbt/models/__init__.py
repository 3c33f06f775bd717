"""Models: the mixed-model engine and the grid of scores x time built on it."""

from pgsicbt.models.fit import fit
from pgsicbt.models.formula.formula import MixedModel, mixed_model
from pgsicbt.models.grid.defaults import default_spec

__all__ = ["MixedModel", "default_spec", "fit", "mixed_model"]
