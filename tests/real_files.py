"""Real files beside the repository, and small made-up ones of the same shapes.

``PGSICBT_REAL_FILES`` names the folder of the real ones where it is elsewhere.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
from pathlib import Path

import numpy as np
import pytest

from tests.serving import ROOT

FOLDER = Path(os.environ.get("PGSICBT_REAL_FILES") or ROOT.parent / "shared" / "data")
OUTCOMES, SCORES = FOLDER / "outcomes", FOLDER / "pgs"
FEV = OUTCOMES / "fev_data_mmrm.csv"
REFRAMED = OUTCOMES / "reframed_phq9_assessment.csv"
REFRAMED_RAW = OUTCOMES / "reframed_phq9_raw.csv"
PGSC_CALC = SCORES / "pgsc_calc_v2_ancestry_hgdp_pgs.txt.gz"
SCORING_FILE = SCORES / "WRONGKIND_pgscatalog_PGS000001.txt.gz"

needs_real_files = pytest.mark.real_files
"""For a test that reads one of them: ``tests/conftest.py`` skips it where the folder is absent."""


def on_made_up_keys(outcomes: Path, folder: Path) -> Path:
    """The real outcomes with each patient given the key of a person of the real scores.

    Nobody's outcome and score belong together: no public file has both.
    """
    with gzip.open(PGSC_CALC, "rt") as lines:
        keys = [r["IID"] for r in csv.DictReader(lines, delimiter="\t") if r["sampleset"] == "hgdp"]
    rows = list(csv.reader(io.StringIO(outcomes.read_text(encoding="utf-8"))))
    given: dict[str, str] = {}
    for row in rows[1:]:
        row[0] = given.setdefault(row[0], keys[len(given)])
    path = folder / f"keyed_{outcomes.name}"
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(rows)
    return path


def small_scores(n: int = 60, seed: int = 1, prefix: str = "P") -> str:
    """A wide score table with two scores, as CSV."""
    rng = np.random.default_rng(seed)
    lines = ["person_id,PGS_EDU,PGS_MDD,age,sex"]
    for i in range(n):
        a, b = rng.normal(size=2)
        sex = "female" if rng.random() < 0.6 else "male"
        lines.append(f"{prefix}{i:04d},{a:.4f},{b:.4f},{rng.integers(18, 75)},{sex}")
    return "\n".join(lines) + "\n"


def small_outcomes(n: int = 60, seed: int = 2, prefix: str = "P") -> str:
    """PHQ-9 in long form, five visits, as CSV."""
    rng = np.random.default_rng(seed)
    lines = ["person_id,week,phq9"]
    for i in range(n):
        level, slope = rng.normal(15, 3), rng.normal(-0.5, 0.3)
        for week in (0, 2, 4, 8, 12):
            value = int(np.clip(round(level + slope * week + rng.normal(0, 2)), 0, 27))
            lines.append(f"{prefix}{i:04d},{week},{value}")
    return "\n".join(lines) + "\n"
