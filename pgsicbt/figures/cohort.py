"""The figures that describe a cohort, ready for page, paper and screen reader."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go
from matplotlib.figure import Figure

from pgsicbt.cohort import Description
from pgsicbt.figures.cohort_courses import courses_drawing, ends_drawing
from pgsicbt.figures.cohort_maps import components_drawing, correlations_drawing
from pgsicbt.figures.cohort_mpl import panels_static
from pgsicbt.figures.cohort_panels import Drawing
from pgsicbt.figures.cohort_plotly import panels_interactive
from pgsicbt.figures.cohort_presence import presence_drawing
from pgsicbt.figures.cohort_scores import scores_drawing
from pgsicbt.study import Study

__all__ = ["CohortFigure", "cohort_figures"]


@dataclass(frozen=True)
class CohortFigure:
    """One figure in every form; ``slim`` is drawn instead where a page is narrow."""

    drawing: Drawing
    slim: Drawing | None = None

    @property
    def alt(self) -> str:
        return self.drawing.alt

    @property
    def note(self) -> str:
        return self.drawing.note

    def interactive(self, *, dark: bool = False, narrow: bool = False) -> go.Figure:
        """For a browser."""
        drawing = self.slim if narrow and self.slim is not None else self.drawing
        return panels_interactive(drawing.panels, dark=dark, narrow=narrow)

    def static(self) -> Figure:
        """For the report and for download."""
        return panels_static(self.drawing.panels)


def cohort_figures(study: Study, found: Description) -> dict[str, CohortFigure]:
    """Every figure that a cohort has something to show for, by name, in the order of the page."""
    drawings = {
        "scores": scores_drawing(study, found),
        "courses": courses_drawing(study, found),
        "correlations": correlations_drawing(study, found),
        "components": components_drawing(study, found),
        "presence": presence_drawing(study, found.seen, "", found.weeks_note),
        "floor_ceiling": ends_drawing(study, found),
    }
    return {name: CohortFigure(d) for name, d in drawings.items() if d is not None}
