"""``python -m pgsicbt describe``: what it writes, and what it never writes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from pgsicbt.cli import main
from pgsicbt.disclosure import MINIMUM_CELL
from tests.real_files import small_outcomes, small_scores
from tests.serving import ROOT

FILES = [
    str(ROOT / "sample_data" / n) for n in ("scores.csv", "outcomes_long.csv", "covariates.csv")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("described")
    assert main(["describe", *FILES, "--out", str(out), "--smd"]) == 0
    return out


def test_tables_figures_and_a_page_are_written(folder: Path) -> None:
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert {"table1.csv", "characteristics.csv", "presence.csv", "cohort.html"} <= names
    assert {"figures/scores.svg", "figures/courses.svg", "figures/components.svg"} <= names
    table = pd.read_csv(folder / "table1.csv", dtype=str, keep_default_na=False)
    assert list(table)[1:] == [
        "MDD, n = 1,300", "Panic disorder, n = 728", "Social anxiety disorder, n = 640",
        "All, n = 2,668", "SMD",
    ]  # fmt: skip
    page = (folder / "cohort.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 6
    assert "2,668 people: MDD (1,300)" in page
    assert "Simulated data" in page
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)="(?!#)""", page)


def test_nobody_and_no_small_count_is_in_any_file(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            assert not re.search(r"SIM\d{3}", path.read_text(encoding="utf-8"))
    for path in folder.glob("*.csv"):
        frame = pd.read_csv(path)
        for column in {"n", "people", "missing", "count", "seen", "remaining", "pairs"} & set(
            frame
        ):
            shown = frame[column].dropna()
            assert ((shown == 0) | (shown >= MINIMUM_CELL)).all(), (path.name, column)


def _small(folder: Path) -> list[str]:
    files = {"scores.csv": small_scores(), "phq.csv": small_outcomes()}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [str(folder / name) for name in files]


def test_groups_can_be_chosen_and_mistakes_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, out = _small(tmp_path), tmp_path / "out"
    assert main(["describe", *files, "--out", str(out), "--by", "none", "--median"]) == 0
    table = pd.read_csv(out / "table1.csv", dtype=str)
    assert len(list(table)) == 2
    assert list(table)[1].startswith("All, n = ")
    assert "people" in capsys.readouterr().out
    assert main(["describe", *files, "--out", str(out), "--by", "clinic"]) == 3
    assert "no covariate called 'clinic'" in capsys.readouterr().err
    assert main(["describe", *files, "--out", files[0]]) == 3
    assert "cannot be written" in capsys.readouterr().err
