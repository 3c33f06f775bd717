"""Correlations of the scores, and maps of ancestry components, as coloured cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.cohort import Description
from pgsicbt.cohort.components import FINEST
from pgsicbt.cohort.groups import ALL
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.figures.cohort_panels import Axis, Cells, Drawing, Panel, Panels
from pgsicbt.figures.layout import escape, shorten
from pgsicbt.study import Study
from pgsicbt.words import numbers

MOST_SCORES = 30
_MOST_WITH_TEXT = 14


def short_r(r: float) -> str:
    """A correlation without its leading zero."""
    if not np.isfinite(r):
        return ""
    text = numbers.estimate(r, 2)
    return text.replace("0.", ".", 1) if abs(r) < 1 else text


def correlations_drawing(study: Study, found: Description) -> Drawing | None:
    """Scores with scores, and scores with components beside them."""
    names = list(study.score_names[:MOST_SCORES])
    if len(names) < 2:
        return None
    labels = [study.score(n).label for n in names]
    k = len(names)
    place = {n: i for i, n in enumerate(names)}
    z = np.full((k, k), np.nan)
    pairs = found.correlations
    pairs = pairs[pairs["first"].isin(names) & pairs["second"].isin(names)].dropna(subset=["r"])
    for first, second, r in pairs[["first", "second", "r"]].to_numpy(object):
        z[place[second], place[first]] = r
    panels = [_matrix("Scores with one another", labels[1:], labels[:-1], z[1:, :-1])]
    components = [c for c in study.covariate_names("component")
                  if (found.score_components["component"] == c).any()][:10]  # fmt: skip
    if components:
        mine = found.score_components[found.score_components["score"].isin(names)]
        table = mine.pivot_table(index="score", columns="component", values="r", dropna=False)
        wide = table.reindex(index=names, columns=[*components, "all"]).to_numpy(float)
        heads = [study.covariate(c).label for c in components] + ["all"]
        panels.append(_matrix("Scores with components", labels, heads, wide))
    strongest = pairs.reindex(pairs["r"].abs().sort_values(ascending=False).index).head(3)
    said = "; ".join(
        f"{study.score(str(a)).label} with {study.score(str(b)).label} {short_r(r)}"
        for a, b, r in strongest[["first", "second", "r"]].to_numpy(object)
    )
    title = "How the scores go together"
    sheet = Panels(
        title, panels, len(panels), 1, max(26 * k, 120), lines=["Pearson correlations."],
        left=8 + round(7.0 * max(len(shorten(lb, 12)) for lb in labels)), right=14, below=26,
    )  # fmt: skip
    n = found.correlations["n"].dropna()
    least = float(n.min()) if len(n) else float(len(study.persons))
    most = float(n.max()) if len(n) else least
    span = numbers.count(most) if least == most else (
        f"{numbers.count(least)} to {numbers.count(most)}")  # fmt: skip
    note = (
        f"{span} people per correlation. Blue: higher with higher; orange: higher with lower. "
        + ("\u201call\u201d: multiple correlation with all components, corrected for their number. "
           if components else "")
        + (f"The first {k} of {len(study.scores)} scores. " if len(study.scores) > k else "")
        + ("Simulated data." if study.simulated else "")
    )  # fmt: skip
    return Drawing(sheet, f"{title}. Strongest: {said}.", note.strip())


def _matrix(title: str, rows: list[str], columns: list[str], z: NDArray[np.float64]) -> Panel:
    """A panel of correlations, the first row on top."""
    n, m = z.shape
    turned = z[::-1]
    small = max(n, m) <= _MOST_WITH_TEXT
    text = [[short_r(v) if small else "" for v in row] for row in turned]
    hover = [
        [
            f"{escape(rows[n - 1 - j])} with {escape(columns[i])}: {short_r(turned[j, i])}"
            for i in range(m)
        ]
        for j in range(n)
    ]
    cells = Cells(
        [float(i) for i in range(m + 1)], [float(j) for j in range(n + 1)],
        [[float(v) for v in row] for row in turned], (-0.6, 0.6), "diverging", text, hover,
    )  # fmt: skip
    every = max(1, -(-m // 14))
    return Panel(
        title,
        Axis(0, m, [i + 0.5 for i in range(0, m, every)],
             [_column_label(c) for c in columns[::every]]),
        Axis(0, n, [j + 0.5 for j in range(n)], [shorten(r, 12) for r in rows[::-1]]),
        cells=cells,
    )  # fmt: skip


def _column_label(text: str) -> str:
    """A name short enough to stand below a narrow column: PGS-EDU is EDU there."""
    for lead in ("PGS-", "PRS-", "PGS_", "PRS_"):
        if text.upper().startswith(lead) and len(text) > len(lead):
            return shorten(text[len(lead) :], 7)
    return shorten(text, 7)


def components_drawing(
    study: Study, found: Description, other: tuple[str, str, pd.DataFrame] | None = None
) -> Drawing | None:
    """Where people lie on two components: everybody, and each batch.

    Parameters
    ----------
    other
        Two components and their map (:func:`pgsicbt.cohort.components_by_batch`), if not the
        first two.
    """
    names: tuple[str, ...] = study.covariate_names("component")[:2]
    frame = found.components
    if other is not None:
        names, frame = other[:2], other[2]
    if frame.empty:
        return None
    x_name, y_name = (study.covariate(n).label for n in names)
    everyone = frame[frame["group"] == ALL]
    x, y = (_range(frame, *v) for v in (("x", "column", "wide"), ("y", "row", "high")))
    most = float(np.log(frame["density"].max()))
    least = float(np.log(frame["density"].min()))
    limits = (least, most if most > least else least + 1.0)
    panels = []
    several = bool((frame["group"] != ALL).any())
    for group in frame["group"].unique():
        mine = frame[frame["group"] == group]
        z = np.full((FINEST, FINEST), np.nan)
        people = np.zeros((FINEST, FINEST), dtype=int)
        boxes = []
        for row in mine.itertuples(index=False):
            i0, j0 = int(row.column), int(row.row)
            i1, j1 = i0 + int(row.wide), j0 + int(row.high)
            z[j0:j1, i0:i1] = round(float(np.log(row.density)), 2)
            people[j0:j1, i0:i1] = int(row.n)
            boxes.append((row.x_low, row.x_high, row.y_low, row.y_high, float(np.log(row.density))))
        own = found.shifts[found.shifts["group"] == group].set_index("component")
        apart, middle = "", None
        if len(own):
            shifts = [float(own["shift"].get(n, np.nan)) for n in names]
            apart = f"off by {' and '.join(numbers.estimate(v) for v in shifts)} SD"
            middle = (float(own["mean"].get(names[0], np.nan)),
                      float(own["mean"].get(names[1], np.nan)))  # fmt: skip
        title = "Everybody" if group == ALL else str(group)
        panels.append(
            Panel(
                f"{title}, n = {numbers.count(mine['n'].sum())}",
                Axis(*x), Axis(*y),
                cells=Cells(_edges(x), _edges(y), z.tolist(), limits, "sequential",
                            hover=people.tolist(), hover_ends="people in this cell", boxes=boxes),
                subtitle=apart or ("all batches" if several else ""),
                cross=middle,
            )
        )  # fmt: skip
    batch = len(panels) > 1
    title = f"Where people lie on {x_name} and {y_name}" + (", by batch" if batch else "")
    sheet = Panels(
        title, panels, min(4, len(panels)), 2, 190,
        lines=[f"Across: {x_name}, upwards: {y_name}. Stronger colour: more people; "
               "no point is a person." + (" Plus sign: mean of the batch." if several else "")],
        left=6, right=12, below=8, narrow_height=150,
    )  # fmt: skip
    said = "; ".join(f"{p.title}: {p.subtitle}" for p in panels[1:])
    note = (
        f"{numbers.count(everyone['n'].sum())} people. Every cell holds {MINIMUM_CELL} people or "
        "more; thin places have larger cells. "
        + ("Off: mean of the batch less that of everybody, in SD of everybody. " if batch else "")
        + "People beyond the edges count at the edge."
        + (" Simulated data." if study.simulated else "")
    )
    return Drawing(sheet, f"{title}. {said or 'Everybody together'}.", note)


def _range(frame: pd.DataFrame, of: str, place: str, size: str) -> tuple[float, float]:
    """The ends of a map along one component, from any of its cells."""
    cell = frame.iloc[0]
    step = (cell[f"{of}_high"] - cell[f"{of}_low"]) / cell[size]
    low = float(cell[f"{of}_low"] - cell[place] * step)
    return low, float(low + FINEST * step)


def _edges(span: tuple[float, float]) -> list[float]:
    return [float(v) for v in np.linspace(*span, FINEST + 1)]
