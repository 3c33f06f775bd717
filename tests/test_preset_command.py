"""``python -m pgsicbt fit --preset``."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from pgsicbt.cli import main
from pgsicbt.sample import sample_files


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("sample")
    for name, data in sample_files():
        (folder / name).write_bytes(data)
    return [str(folder / name) for name, _ in sample_files()]


def test_a_plan_writes_table_findings_forest_trajectories_and_ledger(files, tmp_path, capsys):
    origins = tmp_path / "origins.csv"
    origins.write_text("score,gwas\nPGS_EDU,Okbay 2022\n", encoding="utf-8")
    call = ["fit", *files, "--preset", "published-study", "--provenance", str(origins)]
    assert main([*call, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "All 5 findings of the paper" in said
    table = pd.read_csv(tmp_path / "results.csv")
    row = table.query("score == 'PGS_EDU' and model == 'adjusted' and role == 'main'").iloc[0]
    assert -0.8 < row["estimate"] < -0.55
    assert len(pd.read_csv(tmp_path / "findings.csv")) == 5
    assert (tmp_path / "figures" / "forest.svg").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "figures" / "trajectories.svg").exists()
    report = (tmp_path / "report.html").read_text()
    assert "<script" not in report
    assert "Okbay 2022" in report
    ledger = json.loads((tmp_path / "ledger.json").read_text())
    plan = json.loads((tmp_path / "plan.json").read_text())
    entered = [entry["what"] for entry in ledger["entries"]]
    assert len([what for what in entered if what.startswith("plan, ")]) == len(plan) == 7
    assert entered[-1].startswith("contest with ")
    # One cohort: an analysis of it is counted among those seen of the same data.
    assert len({entry["digest"] for entry in ledger["entries"]}) == 1


def test_remission_writes_what_scores_add_in_new_people(files, tmp_path, capsys):
    assert main(["fit", *files, "--preset", "remission", "--out", str(tmp_path)]) == 0
    assert "AUC" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "prediction.csv")
    ledger = json.loads((tmp_path / "ledger.json").read_text())
    entry = ledger["entries"][-1]
    assert entry["what"] == "cross-validated prediction of remission"
    assert (entry["models"], entry["purpose"]) == (len(table), "exploratory")
    assert table["model"].iloc[0] == "clinical"
    assert table["auc"].between(0.5, 1).all()
    assert pd.read_csv(tmp_path / "results.csv")["role"].eq("outcome").any()
    assert (tmp_path / "figures" / "prediction.svg").exists()
    assert "times as high" not in (tmp_path / "results.csv").read_text()


def test_a_plan_and_a_specification_exclude_each_other(files, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["fit", *files, "--preset", "plan-2019", "--spec", "x", "--out", str(tmp_path)])
    assert stopped.value.code == 2
    with pytest.raises(SystemExit):
        main(["fit", *files, "--preset", "no-such-plan", "--out", str(tmp_path)])
    assert "published-study" in capsys.readouterr().err
