"""Trajectory and difference figures of one fitted score, ready to be drawn in any form."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go
from matplotlib.figure import Figure

from pgsicbt.figures import trajectories as draw
from pgsicbt.models.course.course import Course
from pgsicbt.result import Result
from pgsicbt.study import HARMONISED, Study
from pgsicbt.weeks import rounded_note
from pgsicbt.words import outcome_scale, timing
from pgsicbt.words.method import coding_words
from pgsicbt.words.sentences import score_label


def _form(result: Result) -> str:
    """The form of the lines in words; straight ones need none."""
    coding = result.spec.time_coding
    if coding == "linear":
        return ""
    joined = "; the lines between them only join" if coding == "categorical" else ""
    return f"Form over the weeks: {coding_words(timing(result).basis)}{joined}."


@dataclass(frozen=True)
class CourseFigure:
    """The course of symptoms by level of a score: one object, every form of the figure."""

    course: Course
    result: Result
    study: Study

    @property
    def title(self) -> str:
        spec = self.result.spec
        what = "Symptoms" if spec.outcome == HARMONISED else self.study.outcome(spec.outcome).label
        by = (
            f" by level of {score_label(self.study, self.course.score)}"
            if self.course.score
            else ""
        )
        inside = f", {spec.subset[1]}" if spec.subset else ""
        return f"{what} over the weeks{by}{inside}"

    @property
    def unit(self) -> str:
        return outcome_scale(self.study, self.result.spec.outcome).axis

    @property
    def better(self) -> str:
        return outcome_scale(self.study, self.result.spec.outcome).better

    @property
    def digits(self) -> int:
        """Decimals of a level, one fewer than those of a difference."""
        return outcome_scale(self.study, self.result.spec.outcome).digits - 1

    def interactive(self, *, dark: bool = False, narrow: bool = False) -> go.Figure:
        """For a browser."""
        c = self.course
        return draw.trajectories_interactive(
            c.predicted,
            c.observed,
            c.counts,
            title=self.title,
            unit=self.unit,
            better=self.better,
            digits=self.digits,
            dark=dark,
            narrow=narrow,
        )

    def static(self) -> Figure:
        """For the report and for download."""
        c = self.course
        return draw.trajectories_static(
            c.predicted, c.observed, c.counts, title=self.title, unit=self.unit, better=self.better
        )

    @property
    def alt(self) -> str:
        c = self.course
        return draw.trajectories_alt(
            c.predicted, c.counts, title=self.title, unit=self.unit, better=self.better,
            digits=self.digits,
        )  # fmt: skip

    @property
    def note(self) -> str:
        c, spec = self.course, self.result.spec
        fit = self.result.fit_of(c.score, c.adjustment)
        return draw.trajectories_note(
            c.predicted,
            c.observed,
            c.counts,
            n_persons=fit.n_persons if fit else None,
            model=c.adjustment,
            form=_form(self.result),
            confidence=spec.confidence,
            rounded=rounded_note(c.step),
            simulated=self.result.simulated,
        )


@dataclass(frozen=True)
class DifferenceFigure:
    """The difference between people one SD of the score apart, by week, in every form."""

    course: Course
    result: Result
    study: Study

    @property
    def title(self) -> str:
        label = score_label(self.study, self.course.score)
        return f"Difference in symptoms per standard deviation of {label}"

    @property
    def unit(self) -> str:
        return f"Difference, {outcome_scale(self.study, self.result.spec.outcome).unit}"

    @property
    def better(self) -> str:
        return outcome_scale(self.study, self.result.spec.outcome).better

    @property
    def digits(self) -> int:
        """Decimals of a difference."""
        return outcome_scale(self.study, self.result.spec.outcome).digits

    @property
    def _marked(self) -> bool:
        return self.result.spec.time_coding == "categorical"

    def interactive(self, *, dark: bool = False, narrow: bool = False) -> go.Figure:
        """For a browser."""
        return draw.difference_interactive(
            self.course.difference,
            title=self.title,
            unit=self.unit,
            better=self.better,
            marked=self._marked,
            digits=self.digits,
            dark=dark,
            narrow=narrow,
        )

    def static(self) -> Figure:
        """For the report and for download."""
        return draw.difference_static(
            self.course.difference,
            title=self.title,
            unit=self.unit,
            better=self.better,
            marked=self._marked,
            digits=self.digits,
        )

    @property
    def alt(self) -> str:
        return draw.difference_alt(
            self.course.difference, title=self.title, unit=self.unit, digits=self.digits
        )

    @property
    def note(self) -> str:
        fit = self.result.fit_of(self.course.score, self.course.adjustment)
        return draw.difference_note(
            n_persons=fit.n_persons if fit else None,
            model=self.course.adjustment,
            form=_form(self.result),
            confidence=self.result.spec.confidence,
            simulated=self.result.simulated,
        )
