"""Models: the mixed-model engine and the grid of scores x time built on it."""

from pgsicbt.models.defaults import default_spec
from pgsicbt.models.formula import MixedModel, mixed_model
from pgsicbt.models.grid import fit

__all__ = ["MixedModel", "default_spec", "fit", "mixed_model"]
