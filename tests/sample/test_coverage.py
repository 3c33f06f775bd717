"""The coverage study's own arithmetic, and one cohort the whole way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simulations import coverage


def test_wilson_matches_known_values() -> None:
    # R: prop.test(190, 200, correct = FALSE)$conf.int
    assert coverage.wilson(190, 200) == pytest.approx((0.910417, 0.972616), abs=1e-5)


def test_terms_are_named_as_in_results() -> None:
    assert coverage.term_name("sex", "male") == "sex[T.male]"
    assert coverage.term_name("age", "") == "age"


def _cohort(seed: int, estimate: float) -> dict[str, object]:
    row = {"model": "published", "score": "PGS_INT", "truth": 0.0, "std_error": 1.0}
    rows = [
        {**row, "term": t, "estimate": estimate, "low": estimate - 2, "high": estimate + 2,
         "p": 0.5 if abs(estimate) < 2 else 0.01}
        for t in ("PGS_INT", "time:PGS_INT")
    ]  # fmt: skip
    return {"seed": seed, "rows": rows}


def test_summary_counts_covered_and_rejected() -> None:
    estimates = [0.0, 1.0, -1.0, 3.0]
    table, nulls = coverage.summarise([_cohort(i, e) for i, e in enumerate(estimates)])
    assert table["coverage"].tolist() == [0.75, 0.75]
    assert table["bias"].tolist() == pytest.approx([0.75, 0.75])
    assert table["empirical_sd"].tolist() == pytest.approx([np.std(estimates, ddof=1)] * 2)
    assert nulls["rate"].tolist() == [0.25, 0.25]
    assert nulls["terms"].tolist() == ["severity", "change"]


def test_a_small_run_writes_both_files_and_resumes(tmp_path: Path) -> None:
    partial = tmp_path / "partial.jsonl"
    arguments = ["--processes", "1", "--partial", str(partial), "--out", str(tmp_path)]
    assert coverage.main(["--cohorts", "2", *arguments]) == 0
    assert len(partial.read_text("utf-8").splitlines()) == 2
    assert coverage.main(["--cohorts", "3", *arguments]) == 0
    assert len(partial.read_text("utf-8").splitlines()) == 3
    body = json.loads(next(tmp_path.glob("coverage-*.json")).read_text("utf-8"))
    assert body["about"]["cohorts"] == 3
    assert body["about"]["failed_rows"] == 0
    effects = {(e["model"], e["term"]): e for e in body["effects"]}
    assert effects["published", "PGS_EDU"]["truth"] == -0.69
    assert effects["with_education", "time:education"]["truth"] == -0.06
    assert "| PGS_EDU | `time:PGS_EDU` |" in next(tmp_path.glob("coverage-*.md")).read_text("utf-8")
