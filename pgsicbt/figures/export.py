"""Figures and frames as files: the same bytes for the same content."""

from __future__ import annotations

import io
import threading
from typing import Any, cast

import matplotlib as mpl
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from pgsicbt.figures.paper import FONT_FAMILY

_SETTINGS = {"svg.fonttype": "none", "svg.hashsalt": "pgsicbt"}
_FAMILIES = f"'Source Sans 3', 'Source Sans', '{FONT_FAMILY}', sans-serif"
_lock = threading.Lock()


def svg_bytes(figure: Figure) -> bytes:
    """A static figure as SVG: text stays text, ids and bytes do not change between runs.

    The SVG writer reads two of its settings from rcParams only. They are set for the time of
    writing, one figure at a time, and put back; nothing else of rcParams is touched.
    """
    out = io.StringIO()
    with _lock:
        settings = cast("dict[str, Any]", mpl.rcParams)
        before = {name: settings[name] for name in _SETTINGS}
        settings.update(_SETTINGS)
        try:
            metadata = {"Date": None, "Creator": "pgsicbt"}
            canvas: Any = FigureCanvasSVG(figure)
            canvas.print_svg(out, metadata=metadata)
        finally:
            settings.update(before)
    text = out.getvalue().replace(f"'{FONT_FAMILY}'", _FAMILIES)
    return text.encode("utf-8")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as CSV in UTF-8: full precision, empty cells for missing numbers, no index."""
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
