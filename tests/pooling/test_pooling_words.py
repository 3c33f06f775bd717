"""What is said and drawn of pooled sites, and the two commands."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pgsicbt
from pgsicbt import AnalysisSpec, SpecError
from pgsicbt.cli import main
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.pooling import pooled_drawing
from pgsicbt.pooling import PooledSites, group_summaries, pool_sites, read_summary, site_summary
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.pooling import (
    left_out_sentence,
    method_note,
    pooled_answer,
    pooled_header,
    pooled_rows,
    pooled_sentence,
    site_rows,
)
from tests.models.example import example_study

SPEC = AnalysisSpec(scores=("PGS_A", "PGS_B"), adjustments=("crude",))


def _pooled(spec: AnalysisSpec, slopes: tuple[float, ...], *, modified: bool = True) -> PooledSites:
    sites = []
    for seed, slope in enumerate(slopes):
        study = example_study(seed=seed + 1, n=120, slope=slope)
        study = dataclasses.replace(study, digest=f"example {seed}")
        sites.append(site_summary(study, pgsicbt.fit(study, spec), f"site {seed + 1}"))
    return pool_sites(sites, modified=modified)


@pytest.fixture(scope="module")
def found() -> PooledSites:
    return _pooled(SPEC, (-0.5, -0.5, -0.5, -0.5))


def _change(found: PooledSites) -> pd.Series:
    table = found.table
    return table[(table["score"] == "PGS_A") & (table["about"] == "change")].iloc[0]


def test_the_answer_counts_what_survives(found: PooledSites) -> None:
    text = pooled_answer(found, "crude")
    assert "4 sites with 480 people together" in text
    assert "1 of 2 scores goes with change over 12 weeks after Holm (PGS-A)" in text
    none = _pooled(SPEC.replace(scores=("PGS_C",)), (0.0, 0.0))
    assert "none of 1 scores" in pooled_answer(none, "crude")


def test_sentences_hold_the_numbers(found: PooledSites) -> None:
    row = _change(found)
    text = pooled_sentence(found, row)
    assert f"{numbers.estimate(row['estimate'])} points" in text
    assert numbers.interval(row["predict_low"], row["predict_high"]) in text
    text = left_out_sentence(found, row)
    low = found.left_out.query("score == 'PGS_A' and about == 'change'")["estimate"].min()
    assert numbers.estimate(low) in text
    assert "site" in text


def test_tables(found: PooledSites) -> None:
    rows = pooled_rows(found, "crude")
    assert [len(r) for r in rows] == [1, 8, 8, 1, 8, 8]
    assert len(pooled_header()) == 8
    assert [r[0] for r in site_rows(found)] == [f"site {i}" for i in range(1, 5)]
    assert "Hartung and Knapp" in method_note(found)


def test_odds_are_told_as_odds() -> None:
    found = _pooled(SPEC.replace(family="dropout", post_window=0.0), (0.0, 0.0))
    row = found.table.iloc[0]
    text = pooled_sentence(found, row)
    assert f"odds ratio {numbers.estimate(np.exp(row['estimate']))}" in text
    drawing = pooled_drawing(found, "PGS_A", "crude")
    assert drawing is not None
    assert "odds ratio" in drawing.panels.panels[0].x.title


def test_the_forest_in_every_form(found: PooledSites) -> None:
    drawing = pooled_drawing(found, "PGS_A", "crude")
    assert drawing is not None
    assert len(drawing.panels.panels) == 2
    figure = CohortFigure(drawing)
    for dark in (False, True):
        assert figure.interactive(dark=dark, narrow=not dark).data
    assert svg_bytes(figure.static()) == svg_bytes(figure.static())
    assert numbers.estimate(_change(found)["estimate"]) in figure.alt
    assert pooled_drawing(found, "PGS_Z", "crude") is None


def test_groups_of_a_cohort_as_sites() -> None:
    study = example_study(n=200)
    calls: list[tuple[int, int]] = []
    sites, failed = group_summaries(
        study, SPEC.replace(covariates=("diagnosis",)), "diagnosis",
        lambda done, of: calls.append((done, of)),
    )  # fmt: skip
    assert [s.site for s in sites] == ["MDD", "panic"]
    assert not failed
    assert calls == [(1, 2), (2, 2)]
    own = pgsicbt.fit(study, SPEC.replace(subset=("diagnosis", "MDD")))
    mine = own.table[own.table["role"] == "main"]["estimate"].to_numpy(float)
    effects = sites[0].effects
    np.testing.assert_allclose(effects.loc[effects["about"] == "severity", "estimate"], mine)
    assert len(pool_sites(sites).table) == 4
    with pytest.raises(SpecError, match="no levels"):
        group_summaries(study, SPEC, "age")
    with pytest.raises(SpecError, match="one group only"):
        group_summaries(study, SPEC.replace(subset=("sex", "male")), "diagnosis")


def test_narrow_intervals_are_named() -> None:
    found = _pooled(SPEC, (-0.5, -0.5, -0.5), modified=False)
    narrow = found.table["std_error"] < found.table["common_error"]
    named = [f for f in found.findings if f.code == "narrow_interval"]
    assert bool(narrow.any()) == bool(named)
    safe = _pooled(SPEC, (-0.5, -0.5, -0.5))
    assert (safe.table["std_error"] >= safe.table["common_error"] * (1 - 1e-9)).all()
    assert not any(f.code == "narrow_interval" for f in safe.findings)


def _file(folder: Path, study: Study, name: str) -> Path:
    visits = study.outcome_visits("harmonised")
    visits = visits.assign(person=visits["person"].astype(str))
    wide = visits.pivot_table(index="person", columns="time", values="value")
    wide.columns = [f"madrs_week{w:g}" for w in wide.columns]
    persons = study.persons[["PGS_A", "PGS_B", "age"]]
    wide = (wide / 100 * 54).round().clip(0, 54).join(persons)
    wide.insert(0, "id", [f"{name}{i}" for i in range(len(wide))])
    path = folder / f"{name}.csv"
    wide[[c for c in wide.columns if "week-" not in c]].to_csv(path, index=False)
    return path


def test_from_files_to_a_pooled_forest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(SPEC.replace(outcome="MADRS-S").to_json(), encoding="utf-8")
    outs: list[str] = []
    for i in range(3):
        path = _file(tmp_path, example_study(seed=i + 1, n=80), f"s{i}")
        outs.append(str(tmp_path / "sites" / f"site{i}.json"))
        call = ["summary", str(path), "--spec", str(spec), "--site", f"Site {i}", "--out", outs[-1]]
        if i == 0:
            origins = tmp_path / "origins.csv"
            origins.write_text("score,pgs_id\nPGS_A,PGS000327\n", encoding="utf-8")
            call += ["--provenance", str(origins)]
        assert main(call) == 0, capsys.readouterr().err
    assert "no person's data" in capsys.readouterr().out
    first = read_summary(Path(outs[0]).read_bytes(), "x")
    assert first.outcome.instruments
    assert first.origins == {"PGS_A": {"pgs_id": "PGS000327"}}
    folder = tmp_path / "pooled"
    assert main(["pool", *outs, "--out", str(folder), "--estimator", "paule-mandel"]) == 0
    assert "3 sites with" in capsys.readouterr().out
    table = pd.read_csv(folder / "pooled.csv")
    assert set(table["score"]) == {"PGS_A", "PGS_B"}
    assert (folder / "figures" / "pooled-PGS_A.svg").exists()
    about = json.loads((folder / "pooled.json").read_text(encoding="utf-8"))
    assert about["sites"] == ["Site 0", "Site 1", "Site 2"]
    assert len(pd.read_csv(folder / "leave_one_out.csv")) == 12
    assert main(["pool", outs[0], outs[0], "--out", str(folder)]) == 3
    assert "same data" in capsys.readouterr().err
    assert main(["pool", outs[0], str(tmp_path / "none.json"), "--out", str(folder)]) == 2
    assert main(["pool", outs[0], str(tmp_path), "--out", str(folder)]) == 2
    assert "cannot be opened" in capsys.readouterr().err
    assert main(["pool", outs[0], str(spec), "--out", str(folder)]) == 3
    assert "spec.json is not the summary of a site" in capsys.readouterr().err
