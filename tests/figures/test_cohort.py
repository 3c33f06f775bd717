"""Figures of a cohort: plotly takes them, nobody is a point, text alternatives say what is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from pgsicbt.cohort import describe, presence, spaghetti
from pgsicbt.figures.cohort import CohortFigure, cohort_figures
from pgsicbt.figures.cohort_maps import components_drawing, short_r
from pgsicbt.figures.cohort_panels import colour, label_colour, mixed, scale_stops
from pgsicbt.figures.cohort_presence import presence_drawing, single_people_drawing
from pgsicbt.figures.cohort_scores import scores_drawing
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.palette import DARK, LIGHT, contrast
from pgsicbt.study import ScoreInfo
from tests.cohort.example import make_cohort

STUDY = make_cohort(300)
FOUND = describe(STUDY)
FIGURES = cohort_figures(STUDY, FOUND)
THIRDS = presence_drawing(STUDY, presence(STUDY, "EDU"), "EDU")
SINGLE = single_people_drawing(STUDY, spaghetti(STUDY, "PHQ-9"), "PHQ-9")
assert THIRDS is not None
assert SINGLE is not None
ALL_FIGURES = {**FIGURES, "thirds": CohortFigure(THIRDS), "single": CohortFigure(SINGLE)}


def test_every_figure_is_there() -> None:
    assert list(FIGURES) == [
        "scores", "courses", "correlations", "components", "presence", "floor_ceiling",
    ]  # fmt: skip


@pytest.mark.parametrize("name", list(ALL_FIGURES))
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("narrow", [False, True])
def test_plotly_accepts_every_property(name: str, dark: bool, narrow: bool) -> None:
    figure = ALL_FIGURES[name].interactive(dark=dark, narrow=narrow)
    checked = go.Figure(figure.to_dict())  # raises on what plotly does not know
    assert {t.type for t in checked.data} <= {"scatter", "heatmap"}
    assert figure.layout.height < 1500


@pytest.mark.parametrize("name", list(ALL_FIGURES))
def test_every_figure_has_words_and_a_form_for_paper(name: str) -> None:
    figure = ALL_FIGURES[name]
    svg = svg_bytes(figure.static())
    assert svg == svg_bytes(figure.static())
    assert "people" in figure.note
    assert len(figure.alt) > 30
    assert figure.drawing.panels.title in svg.decode()


def test_the_histogram_is_that_of_the_frame() -> None:
    figure = FIGURES["scores"].interactive()
    first = figure.data[0]
    frame = FOUND.distributions.query("score == 'EDU' and group == 'All'")
    assert max(first.y) == pytest.approx(frame["density"].max())
    assert "people (" in first.hovertext[3]
    assert [t.name for t in figure.data[:4]] == ["All", "depression", "panic", "social"]


def test_courses_show_groups_only_where_they_have_the_instrument() -> None:
    names = {t.name for t in FIGURES["courses"].interactive().data if t.xaxis == "x"}
    assert names == {"depression", "depression, interval"}
    assert "PHQ-9 from" in FIGURES["courses"].alt


def test_correlations_stand_in_their_cells() -> None:
    r = short_r(float(FOUND.correlations["r"].iloc[0]))
    texts = [a.text for a in FIGURES["correlations"].interactive().layout.annotations]
    assert r in texts
    assert f"PGS-EDU with PGS-MDD {r}" in FIGURES["correlations"].alt
    assert [short_r(v) for v in (0.345, -0.05, 1.0, np.nan)] == [".34", "−.05", "1.00", ""]


def test_maps_can_show_other_components() -> None:
    from pgsicbt.cohort import components_by_batch

    frame = components_by_batch(STUDY, "PC2", "PC1")
    drawing = components_drawing(STUDY, FOUND, ("PC2", "PC1", frame))
    assert drawing is not None
    assert "PC2 and PC1" in drawing.panels.title
    assert "no point is a person" in drawing.panels.lines[0]


def test_thirds_are_named_at_the_ends_of_their_lines() -> None:
    figure = ALL_FIGURES["thirds"].interactive()
    text = " ".join(a.text for a in figure.layout.annotations)
    for third in ("lowest third", "middle third", "highest third"):
        assert f"<b>{third}</b>" in text
    assert "by third of PGS-EDU" in text


def test_names_of_users_are_never_markup() -> None:
    study = replace(
        STUDY,
        scores=(ScoreInfo("EDU", "<b>E&U</b>"), ScoreInfo("MDD", "x" * 80)),
    )
    for figure in cohort_figures(study, describe(study)).values():
        assert "<b>E&U</b>" not in str(figure.interactive().to_dict())


def test_many_scores_are_drawn_on_request() -> None:
    rng = np.random.default_rng(1)
    study = make_cohort(100)
    for i in range(40):
        study.persons[f"S{i}"] = rng.standard_normal(100)
    study = replace(study, scores=tuple(ScoreInfo(f"S{i}", f"S{i}") for i in range(40)))
    found = describe(study, "")
    first = scores_drawing(study, found)
    chosen = scores_drawing(study, found, shown=("S39",))
    assert first is not None
    assert chosen is not None
    assert len(first.panels.panels) == 24
    assert "24 of 40 scores are drawn" in first.note
    assert [p.title for p in chosen.panels.panels] == ["S39"]
    assert len(cohort_figures(study, found)["correlations"].interactive().data) == 2


_FIGURES = ["scores", "courses", "correlations", "components", "presence", "floor_ceiling"]


@pytest.mark.parametrize(
    ("n", "drawn"), [(3, ["correlations"]), (12, _FIGURES[:-1]), (40, _FIGURES)]
)
def test_few_people_give_fewer_figures_and_no_error(n: int, drawn: list[str]) -> None:
    study = make_cohort(n, seed=n)
    figures = cohort_figures(study, describe(study))
    assert list(figures) == drawn
    for figure in figures.values():
        go.Figure(figure.interactive().to_dict())
        svg_bytes(figure.static())


def test_colours_can_be_told_apart_from_the_page() -> None:
    for theme in (LIGHT, DARK):
        for i in range(8):
            assert contrast(colour(f"group {i}", theme), theme.background) >= 3
            assert contrast(label_colour(f"group {i}", theme), theme.background) >= 4.5
        stops = scale_stops("diverging", theme)
        for at in np.linspace(0, 1, 21):
            ground = mixed(stops, float(at))
            assert max(contrast(ground, "#FFFFFF"), contrast(ground, "#000000")) >= 4.5
