"""The marks of the interactive forest plot and what they say under the pointer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pgsicbt.figures.forest_data import SYMBOLS, ForestText, numbers_text, offsets
from pgsicbt.figures.layout import Sheet, escape
from pgsicbt.figures.palette import Theme
from pgsicbt.result import Result
from pgsicbt.words import numbers
from pgsicbt.words.method import CORRECTIONS


def add_marks(
    figure: Sheet,
    panel: pd.DataFrame,
    role: str,
    text: ForestText,
    hover: Hover,
    colours: Theme,
    suffix: str,
    centre: float = 0.0,
    spread: float = 0.24,
) -> None:
    """One trace per model: filled where significant after correction, hollow otherwise."""
    at = offsets(text.models, centre, spread)
    for model in text.models:
        rows = panel[(panel["model"] == model) & np.isfinite(panel["estimate"])]
        colour = colours.models[model]
        lead = model == text.lead
        figure.add(
            "scatter",
            x=rows["estimate"].tolist(),
            y=(rows["row"] + at[model]).tolist(),
            mode="markers",
            xaxis=f"x{suffix}",
            yaxis=f"y{suffix}",
            name=model,
            legendgroup=model,
            showlegend=False,
            marker={
                "symbol": SYMBOLS[model],
                "size": 11 if lead else 9,
                "opacity": 1,
                "color": [colour if s else colours.background for s in rows["significant"]],
                "line": {"color": colour, "width": 2},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (rows["conf_high"] - rows["estimate"]).tolist(),
                "arrayminus": (rows["estimate"] - rows["conf_low"]).tolist(),
                "color": colour,
                "thickness": 2 if lead else 1.3,
                "width": 0,
            },
            customdata=[[s, model, role] for s in rows["score"]],
            hovertext=[hover.text(row) for _, row in rows.iterrows()],
            hoverinfo="text",
            # Clicking selects a score; it must not fade the others.
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )


@dataclass(frozen=True)
class Hover:
    """Aggregate numbers of one mark, for the pointer."""

    result: Result
    words: ForestText

    def text(self, row: pd.Series) -> str:
        spec = self.result.spec
        first, second = numbers_text(row, self.words.digits[row["role"]], self.words.ratio)
        p = f"p {_signed(row['p_value'])}"
        if spec.multiplicity != "none":
            p += f", {_signed(row['p_adjusted'])} after {CORRECTIONS[spec.multiplicity].words}"
        lines = [
            f"<b>{escape(self.words.labels[row['score']])}</b>, {row['model']} model",
            f"{first} ({second}) {escape(self.words.amounts[row['role']])}",
            p,
            f"{numbers.count(row['n_persons'])} people",
        ]
        if row["status"] == "singular":
            lines.append("\u2020 singular fit")
        return "<br>".join(lines)


def _signed(p: float) -> str:
    text = numbers.p_value(p)
    return escape(text) if text[0] in "<>" else f"= {text}"
