"""Small multiples as plain data: what stands in each panel, drawn by two renderers.

Colours are names that a theme resolves: ``accent``, ``muted``, ``bars``, ``low``
to ``high`` for thirds of a score, or ``group 0`` to ``group 7``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from pgsicbt.figures.layout import fit_label, ticks
from pgsicbt.figures.palette import DARK, OKABE_ITO, Theme

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
_LIGHT_GROUPS = (
    OKABE_ITO["blue"], "#B84C00", "#00785A", "#9B4A78", "#5B6470", "#7A5400",
    "#1F2328", "#2C74A6",
)  # fmt: skip
_DARK_GROUPS = (
    OKABE_ITO["sky blue"], "#F08A3C", "#2FBF94", "#E3A0C5", "#A7B0BB", OKABE_ITO["yellow"],
    "#E6E9ED", "#8FA8FF",
)  # fmt: skip
Scale = Literal["diverging", "sequential"]


@dataclass(frozen=True)
class Line:
    """A line, stepped or straight, with an optional band, fill down to zero, and end label."""

    x: Sequence[float]
    y: Sequence[float]
    colour: str = "accent"
    dash: int = 0
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    hover: Sequence[str] = ()
    name: str = ""
    label: str = ""
    filled: bool = False
    marks: bool = False
    width: float = 2.0


@dataclass(frozen=True)
class Cells:
    """Coloured cells between edges; ``z`` (rows of y, columns of x), NaN where there is nothing.

    ``hover`` is what each cell says when pointed at, followed in all by ``hover_ends``.
    ``boxes`` are the same cells joined where they belong together, ``(x0, x1, y0, y1, z)``, for
    paper; all cells one by one if empty.
    """

    x_edges: Sequence[float]
    y_edges: Sequence[float]
    z: Sequence[Sequence[float]]
    limits: tuple[float, float]
    scale: Scale
    text: Sequence[Sequence[str]] = ()
    hover: Sequence[Sequence[str | int]] = ()
    hover_ends: str = ""
    boxes: Sequence[tuple[float, float, float, float, float]] = ()


@dataclass(frozen=True)
class Axis:
    """Range, ticks and title of one axis; ``grid`` lines at the ticks."""

    low: float
    high: float
    values: Sequence[float] = ()
    labels: Sequence[str] = ()
    title: str = ""
    grid: bool = False

    @classmethod
    def rounded(cls, low: float, high: float, most: int, *, grid: bool = False) -> Axis:
        """An axis with round ticks."""
        values, labels = ticks(low, high, most)
        return cls(low, high, values, labels, grid=grid)


@dataclass(frozen=True)
class Panel:
    """One panel: ``title`` in bold above it, ``subtitle`` muted below that."""

    title: str
    x: Axis
    y: Axis
    lines: Sequence[Line] = ()
    cells: Cells | None = None
    subtitle: str = ""
    across: Sequence[float] = ()
    """Heights of thin lines across, such as zero."""
    cross: tuple[float, float] | None = None
    """A place marked with a plus sign, such as a mean."""


@dataclass(frozen=True)
class Panels:
    """A figure of panels.

    Parameters
    ----------
    columns, narrow_columns
        Panels side by side on a wide page and on a telephone.
    height
        Of a panel, in pixels on screen.
    key
        ``(label, colour, dash)`` of what lines stand for, above the panels.
    left, right
        Room beside every panel for tick labels and for labels at the ends of lines, in pixels.
    below
        Room below every panel for its tick labels and axis title, in pixels.
    """

    title: str
    panels: Sequence[Panel]
    columns: int
    narrow_columns: int
    height: int
    lines: Sequence[str] = ()
    key: Sequence[tuple[str, str, int]] = field(default_factory=tuple)
    left: int = 10
    right: int = 10
    below: int = 26
    square: bool = False
    narrow_height: int = 0

    def placed(self, panel: Panel) -> Axis:
        """The panel's upright axis, its labels cut to the room beside it."""
        room = max(self.left - 6, 0)
        return replace(panel.y, labels=[fit_label(t, room) for t in panel.y.labels])

    @property
    def subtitles(self) -> bool:
        """Whether any panel has a second line above it."""
        return any(p.subtitle for p in self.panels)


def colour(name: str, theme: Theme) -> str:
    """A colour's name as ``#RRGGBB`` of a theme."""
    if name.startswith("group "):
        shades = _DARK_GROUPS if theme is DARK else _LIGHT_GROUPS
        return shades[int(name.removeprefix("group ")) % len(shades)]
    return {"accent": theme.accent, "muted": theme.zero, "bars": theme.bars,
            "low": theme.levels[0], "middle": theme.levels[1], "high": theme.levels[2],
            "text": theme.text}[name]  # fmt: skip


def label_colour(name: str, theme: Theme) -> str:
    """The colour of text beside a mark of this colour."""
    levels = {"low": theme.level_text[0], "middle": theme.level_text[1],
              "high": theme.level_text[2], "muted": theme.muted, "bars": theme.muted}  # fmt: skip
    return levels.get(name) or colour(name, theme)


def scale_stops(scale: Scale, theme: Theme) -> list[tuple[float, str]]:
    """Stops of a colour scale: two hues through the page's colour, or one from it."""
    if scale == "sequential":
        if theme is DARK:
            return [(0.0, "#22323F"), (0.35, "#2E6C99"), (1.0, "#A9DBF7")]
        return [(0.0, "#D3E5F1"), (0.35, "#5A9DCB"), (1.0, "#0B3557")]
    if theme is DARK:
        return [(0.0, "#F08A3C"), (0.5, "#20272F"), (1.0, "#56B4E9")]
    return [(0.0, "#C65300"), (0.5, "#F7F8F9"), (1.0, "#0072B2")]


def mixed(stops: Sequence[tuple[float, str]], at: float) -> str:
    """The colour of a scale at a place between 0 and 1."""
    at = min(max(at, 0.0), 1.0)
    places = [s[0] for s in stops]
    parts = [[int(s[1][i : i + 2], 16) for s in stops] for i in (1, 3, 5)]
    return "#" + "".join(f"{round(float(np.interp(at, places, p))):02X}" for p in parts)


@dataclass(frozen=True)
class Drawing:
    """Panels with what a reader needs beside them: alternative text, and the note below."""

    panels: Panels
    alt: str
    note: str
