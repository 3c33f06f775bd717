"""Trajectories: the course of symptoms by level of a score, over observed means.

All of these take aggregate frames; :class:`pgsicbt.figures.course.CourseFigure` has the words
that go with them.
"""

from pgsicbt.figures.difference_data import difference_alt, difference_note
from pgsicbt.figures.difference_plot import difference_interactive, difference_static
from pgsicbt.figures.trajectories_mpl import trajectories_static
from pgsicbt.figures.trajectories_plotly import trajectories_interactive
from pgsicbt.figures.trajectory_data import trajectories_alt, trajectories_note, value_range

__all__ = [
    "difference_alt",
    "difference_interactive",
    "difference_note",
    "difference_static",
    "trajectories_alt",
    "trajectories_interactive",
    "trajectories_note",
    "trajectories_static",
    "value_range",
]
