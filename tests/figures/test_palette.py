"""Contrast of every colour against its background."""

import itertools

import pytest

from pgsicbt.figures.palette import DARK, LIGHT, OKABE_ITO, Theme, contrast, theme

THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


def test_contrast_of_black_and_white() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#FFFFFF") == pytest.approx(1)


@pytest.mark.parametrize("colours", THEMES)
def test_marks_stand_out(colours: Theme) -> None:
    marks = [colours.zero, colours.accent, colours.bars, *colours.levels, *colours.models.values()]
    for mark in marks:
        assert contrast(mark, colours.background) >= 3, mark


@pytest.mark.parametrize("colours", THEMES)
def test_text_can_be_read(colours: Theme) -> None:
    for text in (colours.text, colours.muted, colours.accent, *colours.level_text):
        assert contrast(text, colours.background) >= 4.5, text


@pytest.mark.parametrize("colours", THEMES)
def test_levels_are_a_sequence_on_one_hue(colours: Theme) -> None:
    steps = [contrast(c, colours.background) for c in colours.levels]
    assert steps == sorted(steps)
    for a, b in itertools.pairwise(steps):
        assert b / a > 1.3
    for c in colours.levels:
        red, green, blue = (int(c[i : i + 2], 16) for i in (1, 3, 5))
        assert blue >= green >= red


def test_models_are_okabe_ito_or_grey() -> None:
    for colours in (LIGHT, DARK):
        for colour in colours.models.values():
            grey = colour[1:3] == colour[3:5] == colour[5:7]
            assert grey or colour in OKABE_ITO.values()


def test_theme_and_band() -> None:
    assert theme(dark=True) is DARK
    assert theme(dark=False) is LIGHT
    assert LIGHT.band("#0072B2", 0.5) == "rgba(0,114,178,0.5)"
