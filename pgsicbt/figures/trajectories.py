"""Trajectories: the course of symptoms by level of a score, over observed means."""

from pgsicbt.figures.trajectories_plotly import trajectories_interactive
from pgsicbt.figures.trajectory_data import (
    trajectories_alt,
    trajectories_note,
    value_range,
)

__all__ = [
    "trajectories_alt",
    "trajectories_interactive",
    "trajectories_note",
    "value_range",
]
