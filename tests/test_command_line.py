"""``check`` and ``fit``: what they write, what they print, how they refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from pgsicbt import AnalysisSpec
from pgsicbt.cli import OK, REFUSED, USAGE, main
from tests.real_files import (
    PGSC_CALC,
    REFRAMED,
    REFRAMED_RAW,
    SCORING_FILE,
    needs_real_files,
    on_made_up_keys,
    small_outcomes,
    small_scores,
)
from tests.serving import ROOT

SAMPLE = [
    str(ROOT / "sample_data" / n) for n in ("scores.csv", "outcomes_long.csv", "covariates.csv")
]


@pytest.fixture
def small(tmp_path: Path) -> list[str]:
    """A score table and an outcome table of sixty made-up people."""
    scores, outcomes = tmp_path / "scores.csv", tmp_path / "outcomes.csv"
    scores.write_text(small_scores(), encoding="utf-8")
    outcomes.write_text(small_outcomes(), encoding="utf-8")
    return [str(scores), str(outcomes)]


def test_the_sample_is_fitted_and_everything_is_written(tmp_path, capsys) -> None:
    assert main(["fit", *SAMPLE, "--out", str(tmp_path / "a")]) == OK
    table = pd.read_csv(tmp_path / "a" / "results.csv")
    edu = table.query("model == 'adjusted' and score == 'PGS_EDU'").set_index("role")
    assert edu.loc["main", "conf_low"] < -0.69 < edu.loc["main", "conf_high"]
    assert edu.loc["interaction", "conf_low"] < -0.03 < edu.loc["interaction", "conf_high"]
    body = json.loads((tmp_path / "a" / "result.json").read_text(encoding="utf-8"))
    assert body["n_persons"] == 2668
    assert body["simulated"] is True
    spec = (tmp_path / "a" / "spec.json").read_text(encoding="utf-8")
    assert AnalysisSpec.from_json(spec).scores[0] == "PGS_EDU"
    report = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert "Simulated data" in report
    assert "SIM0" not in report
    assert (tmp_path / "a" / "figures" / "forest.svg").read_text().startswith("<?xml")
    assert "1 of 8 (PGS-EDU)" in capsys.readouterr().out

    # The spec that was written gives the same results again, byte for byte.
    again = ["--spec", str(tmp_path / "a" / "spec.json"), "--out", str(tmp_path / "b")]
    assert main(["fit", *SAMPLE, *again]) == OK
    for name in ("results.csv", "figures/forest.svg", "report.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_check_prints_what_the_files_hold_as_json(small, capsys) -> None:
    assert main(["check", *small, "--json"]) == OK
    report = json.loads(capsys.readouterr().out)
    assert set(report) >= {"status", "persons", "observations", "scores", "outcomes", "covariates",
                           "time_points", "findings", "ledger"}  # fmt: skip
    assert report["status"] in {"ok", "warning"}
    assert report["persons"] == 60
    assert report["observations"] == 300
    assert report["scores"] == ["PGS_EDU", "PGS_MDD"]
    assert "PHQ-9" in report["outcomes"]
    assert report["time_points"] == [0, 2, 4, 8, 12]


def test_check_speaks_to_people(small, capsys) -> None:
    assert main(["check", *small]) == OK
    out = capsys.readouterr().out
    assert "60 people" in out
    assert "PGS_EDU" in out


def test_a_role_is_corrected_and_a_recipe_is_read(small, tmp_path, capsys) -> None:
    assert main(["check", *small, "--json", "--set", "scores.csv.PGS_MDD=ignore"]) == OK
    assert json.loads(capsys.readouterr().out)["scores"] == ["PGS_EDU"]
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps({"roles": {"scores.csv": {"PGS_EDU": "ignore"}}}))
    assert main(["check", *small, "--json", "--recipe", str(recipe)]) == OK
    assert json.loads(capsys.readouterr().out)["scores"] == ["PGS_MDD"]


def test_missing_codes_are_declared(small, capsys) -> None:
    path = Path(small[1])
    path.write_text(path.read_text().replace("P0003,4,", "P0003,4,999,").replace(",999,", ",999\n#")
                    .replace("#", "P9999,0,"), encoding="utf-8")  # fmt: skip
    assert main(["check", *small, "--json"]) == REFUSED
    assert "999" in capsys.readouterr().out
    assert main(["check", *small, "--json", "--set", "PHQ-9.missing=-9,999"]) == OK


@needs_real_files
def test_the_reframed_trial_gives_its_published_fit(tmp_path) -> None:
    spec = AnalysisSpec(
        outcome="PHQ-9", covariates=("grp",), adjustments=("adjusted",), random="intercept",
        time_unit="month",
    )  # fmt: skip
    (tmp_path / "spec.json").write_text(spec.to_json())
    call = ["fit", str(REFRAMED), "--spec", str(tmp_path / "spec.json"), "--out", str(tmp_path)]
    assert main(call) == OK
    body = json.loads((tmp_path / "result.json").read_text())
    assert f"{body['models'][0]['log_likelihood']:.1f}" == "-7108.5"
    row = pd.read_csv(tmp_path / "results.csv").set_index("term").loc["time:grp[T.TAU]"]
    assert f"{row['statistic'] ** 2:.4f}" == "5.9612"
    assert f"{row['df']:.1f}" == "2240.6"
    assert f"{row['p_value']:.4f}" == "0.0147"
    assert (body["n_persons"], body["n_observations"]) == (246, 2433)


@needs_real_files
@pytest.mark.parametrize(
    ("outcomes", "more"), [(REFRAMED, []), (REFRAMED_RAW, ["--set", "time.Post-Rx=30.4"])]
)
def test_real_outcomes_and_real_scores_on_made_up_keys(outcomes, more, tmp_path) -> None:
    keyed = on_made_up_keys(outcomes, tmp_path)
    assert main(["fit", str(keyed), str(PGSC_CALC), *more, "--out", str(tmp_path / "out")]) == OK
    body = json.loads((tmp_path / "out" / "result.json").read_text())
    assert (body["n_persons"], body["n_observations"]) == (246, 2433)
    assert (tmp_path / "out" / "report.html").exists()


def _says(capsys, *words: str) -> str:
    """Everything printed, which must hold the words and neither a traceback nor a person."""
    captured = capsys.readouterr()
    text = captured.out + captured.err
    assert "Traceback" not in text
    assert "P0003" not in text
    for word in words:
        assert word in text
    return text


@needs_real_files
def test_a_scoring_file_is_refused(small, tmp_path, capsys) -> None:
    assert main(["fit", str(SCORING_FILE), small[1], "--out", str(tmp_path)]) == REFUSED
    _says(capsys, SCORING_FILE.name, "variants and weights")


def test_ids_that_do_not_match_are_refused(small, tmp_path, capsys) -> None:
    Path(small[0]).write_text(small_scores(prefix="Q"), encoding="utf-8")
    assert main(["fit", *small, "--out", str(tmp_path)]) == REFUSED
    _says(capsys, "scores.csv", "outcomes.csv", "person_id")


def test_text_where_numbers_are_due_is_refused(small, tmp_path, capsys) -> None:
    path = Path(small[1])
    path.write_text(path.read_text().replace("P0003,4,", "P0003,4,severe"), encoding="utf-8")
    assert main(["fit", *small, "--out", str(tmp_path)]) == REFUSED
    assert "severe" not in _says(capsys, "outcomes.csv", "phq9")


def test_one_visit_per_person_is_refused(small, tmp_path, capsys) -> None:
    path = Path(small[1])
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *lines[1::5]]), encoding="utf-8")
    assert main(["fit", *small, "--out", str(tmp_path)]) == REFUSED
    _says(capsys, "outcomes.csv", "one visit")


def test_a_spec_with_an_unknown_field_or_score_is_refused(small, tmp_path, capsys) -> None:
    spec = tmp_path / "mine.json"
    for text, word in (('{"scors": []}', "scors"), ('{"scores": ["PGS_X"]}', "PGS_X")):
        spec.write_text(text)
        assert main(["fit", *small, "--spec", str(spec), "--out", str(tmp_path)]) == REFUSED
        _says(capsys, word)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--set", "nothing"], "NAME=VALUE"),
        (["--set", "other.csv.age=ignore"], "none of the files"),
        (["--set", "PHQ-9.missing=low"], "needs numbers"),
        (["no_such_file.csv"], "There is no file no_such_file.csv"),
    ],
)
def test_a_wrong_call_is_a_usage_error(small, more, word, capsys) -> None:
    assert main(["check", *small, *more]) == USAGE
    _says(capsys, word)


def test_it_runs_as_a_module_and_its_errors_go_to_standard_error(small, tmp_path) -> None:
    call = [sys.executable, "-m", "pgsicbt", "fit", small[0], "--out", str(tmp_path / "out")]
    done = subprocess.run(call, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == REFUSED
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
    wrong = subprocess.run(call[:3], capture_output=True, text=True, cwd=ROOT, check=False)
    assert wrong.returncode == USAGE
