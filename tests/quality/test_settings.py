"""The settings that keep the dashboard on this machine, and a theme that can be read."""

from __future__ import annotations

import tomllib

import pytest

from pgsicbt.figures import palette
from tests.serving import ROOT

CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
OKABE_ITO = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442"]


@pytest.mark.parametrize(
    ("table", "option", "value"),
    [
        ("server", "address", "127.0.0.1"),
        ("server", "headless", True),
        ("server", "allowedHosts", ["localhost", "127.0.0.1"]),
        ("server", "enableCORS", True),
        ("server", "enableXsrfProtection", True),
        ("server", "enableStaticServing", False),
        ("server", "fileWatcherType", "none"),
        ("server", "maxUploadSize", 200),
        ("client", "toolbarMode", "viewer"),
        ("client", "showErrorDetails", "none"),
        ("client", "showErrorLinks", False),
        ("browser", "gatherUsageStats", False),
        ("browser", "serverAddress", "localhost"),
        ("runner", "magicEnabled", False),
    ],
)
def test_a_setting_that_guards_privacy(table: str, option: str, value: object) -> None:
    assert CONFIG[table][option] == value


def test_no_font_or_theme_is_fetched() -> None:
    text = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert "http" not in text
    assert "fontFaces" not in text


def _luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour, as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _mixed(front: str, back: str, share: float) -> str:
    pairs = [(int(front[i : i + 2], 16), int(back[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * f + (1 - share) * b):02X}" for f, b in pairs)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read(name: str) -> None:
    theme = CONFIG["theme"][name]
    for back in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert _contrast(theme["textColor"], back) >= 7
        assert _contrast(theme["linkColor"], back) >= 4.5
        assert _contrast(theme["grayTextColor"], back) >= 4.5
        # Messages: coloured text on a tint of the same colour.
        tint = {"light": 0.1, "dark": 0.2}[name]
        for hue in ("blue", "green", "orange", "red", "yellow"):
            message = _mixed(theme[f"{hue}Color"], back, tint)
            assert _contrast(theme[f"{hue}TextColor"], message) >= 4.5, hue
    # Captions are the text colour at 60 %.
    back = theme["backgroundColor"]
    assert _contrast(_mixed(theme["textColor"], back, 0.6), back) >= 4.5


@pytest.mark.parametrize(("name", "on_page"), [("light", 4.5), ("dark", 3.0)])
def test_the_accent_can_be_read(name: str, on_page: float) -> None:
    theme = CONFIG["theme"][name]
    assert _contrast("#FFFFFF", theme["primaryColor"]) >= 4.5
    assert _contrast(theme["primaryColor"], theme["backgroundColor"]) >= on_page


def test_charts_use_colours_that_colour_blind_people_can_tell_apart() -> None:
    assert CONFIG["theme"]["light"]["chartCategoricalColors"] == OKABE_ITO
    assert len(CONFIG["theme"]["dark"]["chartCategoricalColors"]) == len(OKABE_ITO)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_sequence_of_chart_colours_is_steady(name: str) -> None:
    steps = [_luminance(c) for c in CONFIG["theme"][name]["chartSequentialColors"]]
    assert len(steps) == 10
    assert steps == sorted(steps, reverse=name == "light")


@pytest.mark.parametrize("name", ["light", "dark"])
def test_figures_stand_on_the_colour_of_the_page(name: str) -> None:
    figure = palette.theme(dark=name == "dark")
    assert figure.background == CONFIG["theme"][name]["backgroundColor"]
