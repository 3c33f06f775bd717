"""What the static figures share: explicit type and lines, no global state.

Figures are plain ``matplotlib.figure.Figure`` objects, so they can be drawn in several threads;
every setting is passed where it is used, since rcParams belong to the whole process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from pgsicbt.figures.palette import LIGHT

FONT_FAMILY = "DejaVu Sans"
TITLE, BODY, SMALL = 10.0, 8.0, 7.0


def font(size: float, *, bold: bool = False) -> FontProperties:
    """Our type at a size in points."""
    return FontProperties(family=FONT_FAMILY, size=size, weight="bold" if bold else "normal")


def new_figure(width: float, height: float) -> Figure:
    """An empty white figure; sizes in inches."""
    return Figure(figsize=(width, height), dpi=100, facecolor="white")


def axes_at(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes placed in inches from the top left corner, without frame or tick marks."""
    w, h = figure.get_size_inches()
    ax = figure.add_axes((left / w, 1 - (top + height) / h, width / w, height / h))
    ax.set_facecolor("none")
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(length=0, pad=4, colors=LIGHT.muted)
    ax.set_axisbelow(True)
    ax.grid(visible=False)
    return ax


def set_ticks(
    ax: Axes, which: str, values: Sequence[float], labels: Sequence[str], **style: Any
) -> None:
    """Ticks with our type; labels are plain text, a dollar sign starts no formula."""
    settings = {
        "fontproperties": font(SMALL), "color": LIGHT.muted, "parse_math": False, **style
    }  # fmt: skip
    if which == "x":
        ax.set_xticks(list(values), list(labels), **settings)
    else:
        ax.set_yticks(list(values), list(labels), **settings)


def text_at(
    figure: Figure, left: float, top: float, text: str, size: float = BODY, **style: Any
) -> None:
    """Plain text placed in inches from the top left corner."""
    bold = bool(style.pop("bold", False))
    w, h = figure.get_size_inches()
    settings: dict[str, Any] = {"color": LIGHT.text, "va": "top", "ha": "left", **style}
    figure.text(
        left / w, 1 - top / h, text, fontproperties=font(size, bold=bold), parse_math=False,
        **settings,
    )  # fmt: skip


def text_in(ax: Axes, x: float, y: float, text: str, size: float = BODY, **style: Any) -> None:
    """Plain text in an axes' data coordinates, or in those of ``transform``."""
    bold = bool(style.pop("bold", False))
    settings: dict[str, Any] = {"color": LIGHT.text, "va": "center", "clip_on": False, **style}
    ax.text(x, y, text, fontproperties=font(size, bold=bold), parse_math=False, **settings)
