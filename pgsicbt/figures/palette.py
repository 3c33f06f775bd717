"""Colours of figures: safe for colour-blind readers, and never the only carrier of meaning.

Categories take their colours from Okabe & Ito (2008, Color Universal Design); levels of a score
stand on one blue hue. Every mark has a contrast of at least 3:1 against its background and
every text 4.5:1 (WCAG 2.2, 1.4.3 and 1.4.11).
"""

from __future__ import annotations

from dataclasses import dataclass

OKABE_ITO = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "bluish green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "reddish purple": "#CC79A7",
}

FONT = '"Source Sans", "Source Sans 3", sans-serif'


@dataclass(frozen=True)
class Theme:
    """The colours of one theme.

    ``levels`` are marks and bands at -1, 0 and +1 SD of a score, ``level_text`` their labels;
    ``models`` the three adjustments; ``bars`` the strip of people observed.
    """

    background: str
    text: str
    muted: str
    grid: str
    zero: str
    accent: str
    bars: str
    levels: tuple[str, str, str]
    level_text: tuple[str, str, str]
    models: dict[str, str]

    def band(self, colour: str, alpha: float) -> str:
        """A colour with opacity, as CSS ``rgba``."""
        r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return f"rgba({r},{g},{b},{alpha:g})"


LIGHT = Theme(
    background="#FFFFFF",
    text="#1F2328",
    muted="#5B6470",
    grid="#E3E6EA",
    zero="#7A828D",
    accent=OKABE_ITO["blue"],
    bars="#8A929C",
    levels=("#4A94C7", "#1F6AA5", "#0B3557"),
    level_text=("#2C74A6", "#1F6AA5", "#0B3557"),
    models={"crude": "#6E6E6E", "adjusted": OKABE_ITO["blue"], "complete": OKABE_ITO["vermillion"]},
)

DARK = Theme(
    background="#14181D",
    text="#E6E9ED",
    muted="#A7B0BB",
    grid="#2C333B",
    zero="#8B95A1",
    accent=OKABE_ITO["sky blue"],
    bars="#6E7884",
    levels=("#4C92C3", "#8CC3E8", "#DCEEFA"),
    level_text=("#5BA3D4", "#8CC3E8", "#DCEEFA"),
    models={"crude": "#A9A9A9", "adjusted": OKABE_ITO["sky blue"], "complete": OKABE_ITO["orange"]},
)


def theme(*, dark: bool) -> Theme:
    """The dark or the light theme."""
    return DARK if dark else LIGHT


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two ``#RRGGBB`` colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    a, b = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
