"""The forest plot: one row per score, severity at the start beside change per week."""

from pgsicbt.figures.forest_data import (
    SORTS,
    forest_alt,
    forest_note,
    forest_rows,
    model_words,
)
from pgsicbt.figures.forest_mpl import forest_static
from pgsicbt.figures.forest_plotly import forest_interactive

__all__ = [
    "SORTS",
    "forest_alt",
    "forest_interactive",
    "forest_note",
    "forest_rows",
    "forest_static",
    "model_words",
]
