"""The forest of a result on paper, with the band of effects too small to matter."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.forest import forest_alt, forest_note, forest_rows, forest_static
from pgsicbt.meaning.interest import Interest, forest_band, interest
from pgsicbt.meaning.verdicts import verdicts
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words.meaning import band_note


@dataclass(frozen=True)
class PaperForest:
    """A forest plot ready for a file: SVG, alternative text, note, and the rows that are drawn."""

    rows: pd.DataFrame
    svg: bytes
    alt: str
    note: str


def judged(study: Study, result: Result) -> tuple[Interest, pd.DataFrame] | None:
    """The smallest effect of interest and the verdicts against it; None where there are none."""
    try:
        against = interest(study, result)
        return against, verdicts(study, result, against)
    except PgsIcbtError:
        return None


def paper_forest(result: Result, study: Study) -> PaperForest:
    """The forest as the page draws it, in the same bytes."""
    rows = forest_rows(result)
    found = judged(study, result)
    band = {} if found is None else forest_band(result, found[0])
    said = "" if found is None else band_note(study, result, band)
    return PaperForest(
        rows,
        svg_bytes(forest_static(rows, result, study, interest=band)),
        forest_alt(rows, result, study),
        f"{forest_note(rows, result, study)} {said}".strip(),
    )
