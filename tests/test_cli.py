"""The command line at its edges: what it promises programs, and how it refuses.

``test_command_line.py`` follows the main job from files to results.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pgsicbt import AnalysisSpec
from pgsicbt.cli import OK, REFUSED, USAGE, main
from pgsicbt.ledger import declaration_text
from pgsicbt.result import TABLE_COLUMNS
from tests.real_files import small_outcomes, small_scores
from tests.serving import ROOT

SAMPLE = [
    str(ROOT / "sample_data" / n) for n in ("scores.csv", "outcomes_long.csv", "covariates.csv")
]
REPORT_KEYS = {
    "status", "persons", "observations", "scores", "outcomes", "covariates", "time_points",
    "findings", "ledger",
}  # fmt: skip
FINDING_KEYS = {"code", "severity", "file", "column", "message"}


@pytest.fixture
def small(tmp_path: Path) -> list[str]:
    """A score table and an outcome table of sixty made-up people."""
    scores, outcomes = tmp_path / "scores.csv", tmp_path / "outcomes.csv"
    scores.write_text(small_scores(), encoding="utf-8")
    outcomes.write_text(small_outcomes(), encoding="utf-8")
    return [str(scores), str(outcomes)]


def _report(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    captured = capsys.readouterr()
    assert captured.err == ""
    report = json.loads(captured.out)
    assert set(report) == REPORT_KEYS
    assert all(set(finding) == FINDING_KEYS for finding in report["findings"])
    return report


def test_check_promises_programs_exactly_these_keys(capsys) -> None:
    assert main(["check", *SAMPLE, "--json"]) == OK
    report = _report(capsys)
    assert report["status"] == "ok"
    assert (report["persons"], report["observations"]) == (2668, 24845)
    assert len(report["scores"]) == 9
    assert report["outcomes"] == ["LSAS-SR", "MADRS-S", "PDSS-SR", "harmonised"]
    assert report["time_points"] == [-2, *range(13)]
    assert {"age", "sex", "diagnosis", "batch", "PC1"} <= set(report["covariates"])
    assert report["ledger"][-1]["persons"] == 2668


def test_check_warns_of_what_may_be_meant_otherwise(small, capsys) -> None:
    assert main(["check", small[0], "--json"]) == OK
    report = _report(capsys)
    assert report["status"] == "warning"
    assert report["findings"][-1]["code"] == "no_outcome"


def test_check_refuses_with_a_finding_for_programs_and_a_sentence_for_people(small, capsys) -> None:
    Path(small[0]).write_text(small_scores(prefix="Q"), encoding="utf-8")
    assert main(["check", *small, "--json"]) == REFUSED
    report = _report(capsys)
    assert report["status"] == "refused"
    errors = [f for f in report["findings"] if f["severity"] == "error"]
    assert [f["file"] for f in errors] == ["scores.csv"]
    assert main(["check", *small]) == REFUSED
    said = capsys.readouterr()
    assert said.out.startswith("refused: ")
    assert said.err == f"error: {errors[0]['message']}\n"


def test_fit_writes_every_promised_file_and_column(small, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    assert main(["fit", *small, "--out", str(out)]) == OK
    written = {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()}
    said = capsys.readouterr().out.strip().splitlines()[-1]
    assert set(said.removeprefix("written: ").split(", ")) == written
    assert written >= {"results.csv", "effect_sizes.csv", "result.json", "spec.json", "report.html",
                       "figures/forest.svg", "figures/trajectories-PGS_MDD.svg"}  # fmt: skip
    assert all((out / name).stat().st_size > 0 for name in written)
    table = pd.read_csv(out / "results.csv")
    assert tuple(table.columns) == TABLE_COLUMNS
    # Without components the complete model would be the adjusted one.
    assert set(table["model"]) == {"crude", "adjusted"}
    assert set(table["score"]) == {"PGS_EDU", "PGS_MDD"}
    body = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert len(body["table"]) == len(table)
    saved = AnalysisSpec.from_json((out / "spec.json").read_text(encoding="utf-8"))
    assert json.loads(saved.to_json()) == body["spec"]


def test_a_spec_with_resamples_gives_intervals_to_shares_and_says_how_far_it_is(
    small, tmp_path, capsys
) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text('{"scores": ["PGS_EDU"], "adjustments": ["crude"], "bootstrap": 40}')
    for name in ("a", "b"):
        assert main(["fit", *small, "--spec", str(spec), "--out", str(tmp_path / name)]) == OK
        assert "fits of resampled people: 80 of 80" in capsys.readouterr().err
    effects = pd.read_csv(tmp_path / "a" / "effect_sizes.csv").set_index("quantity")
    added = effects.loc["r2_incremental"]
    assert added["conf_low"] <= added["conf_high"]
    assert added["interval"] == "percentile"
    same = (tmp_path / "b" / "effect_sizes.csv").read_bytes()
    assert (tmp_path / "a" / "effect_sizes.csv").read_bytes() == same


def test_a_spec_with_only_the_complete_model_still_gets_its_trajectories(tmp_path) -> None:
    spec, out = tmp_path / "spec.json", tmp_path / "out"
    wanted = AnalysisSpec(
        outcome="MADRS-S", scores=("PGS_EDU",), covariates=("age", "sex"), components=("PC1",),
        adjustments=("complete",),
    )  # fmt: skip
    spec.write_text(wanted.to_json(), encoding="utf-8")
    assert main(["fit", *SAMPLE, "--spec", str(spec), "--out", str(out)]) == OK
    written = {p.name for p in (out / "figures").iterdir()}
    assert {"trajectories-PGS_EDU.svg", "trajectories-PGS_EDU.csv"} <= written


def test_nobody_is_named_in_what_fit_writes_and_prints(tmp_path, capsys) -> None:
    assert main(["fit", *SAMPLE, "--out", str(tmp_path / "out")]) == OK
    said = capsys.readouterr()
    texts = [said.out, said.err]
    texts += [p.read_text(encoding="utf-8") for p in (tmp_path / "out").rglob("*") if p.is_file()]
    assert len(texts) > 20
    assert not [text[:40] for text in texts if "SIM0" in text or "SIM1" in text or "SIM2" in text]


def test_fit_takes_specification_recipe_and_corrections_together(small, tmp_path) -> None:
    text = Path(small[1]).read_text(encoding="utf-8").replace("P0007,4,", "P0007,4,-9\n#", 1)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    Path(small[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")
    recipe, spec = tmp_path / "recipe.json", tmp_path / "spec.json"
    roles = {"scores.csv": {"PGS_EDU": "ignore", "sex": "ignore"}}
    recipe.write_text(json.dumps({"roles": roles}), encoding="utf-8")
    wanted = AnalysisSpec(
        outcome="PHQ-9", scores=("PGS_MDD",), covariates=("age",), adjustments=("adjusted",),
        multiplicity="bh", last_week=8,
    )  # fmt: skip
    spec.write_text(wanted.to_json(), encoding="utf-8")
    call = ["fit", *small, "--recipe", str(recipe), "--spec", str(spec)]
    call += ["--set", "phq9.missing=-9", "--set", "scores.csv.sex=covariate"]
    assert main([*call, "--out", str(tmp_path / "out")]) == OK
    body = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    # Four visits up to week 8, one of them with the code for a missing answer.
    assert (body["n_persons"], body["n_observations"]) == (60, 4 * 60 - 1)
    assert body["spec"]["multiplicity"] == "bh"
    terms = {row["term"] for row in body["table"]}
    assert terms == {"(Intercept)", "time", "age", "time:age", "PGS_MDD", "time:PGS_MDD"}


def _write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


# What is added to a sound call, the exit status, and words that the sentence must hold.
MISTAKES: dict[str, tuple[Callable[[Path], list[str]], int, tuple[str, ...]]] = {
    "a column that is not there": (
        lambda _: ["--set", "scores.csv.PGS_ADHD=score"], REFUSED, ("scores.csv", "PGS_ADHD")
    ),
    "a role that does not exist": (
        lambda _: ["--set", "scores.csv.age=genome"], REFUSED, ("age", "genome")
    ),
    "a broken recipe": (
        lambda d: ["--recipe", _write(d, "r.json", "{")], REFUSED, ("recipe", "JSON")
    ),
    "a recipe that is something else": (
        lambda d: ["--recipe", _write(d, "r.json", '{"outcome": "PHQ-9"}')], REFUSED, ("recipe",)
    ),
    "a broken specification": (
        lambda d: ["--spec", _write(d, "s.json", "scores: [PGS_EDU]")], REFUSED, ("s.json", "JSON")
    ),
    "an unknown field": (
        lambda d: ["--spec", _write(d, "s.json", '{"covariate": ["age"]}')],
        REFUSED, ("s.json", "covariate"),
    ),
    "an outcome that is not there": (
        lambda d: ["--spec", _write(d, "s.json", '{"outcome": "GAD-7"}')],
        REFUSED, ("GAD-7", "PHQ-9"),
    ),
    "a covariate that is not there": (
        lambda d: ["--spec", _write(d, "s.json", '{"outcome": "PHQ-9", "covariates": ["iq"]}')],
        REFUSED, ("iq",),
    ),
    "no specification": (
        lambda d: ["--spec", str(d / "none.json")], USAGE, ("There is no file", "none.json")
    ),
    "a folder in place of a specification": (
        lambda d: ["--spec", str(d)], USAGE, ("cannot be opened",)
    ),
    "a folder in place of a file": (lambda d: [str(d)], USAGE, ("cannot be opened",)),
    "a file in place of the folder": (
        lambda d: ["--out", _write(d, "taken", "")], REFUSED, ("taken", "folder")
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_gets_one_sentence_and_leaves_nothing_behind(
    kind: str, small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more, status, words = MISTAKES[kind]
    out = tmp_path / "out"
    added = more(tmp_path)
    before, after = ([], added) if added[0].startswith("--") else (added, [])
    assert main(["fit", *before, *small, "--out", str(out), *after]) == status
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("pgsicbt: ")
    assert len(said.err.strip().splitlines()) == 1
    assert said.err.strip().endswith(".")
    assert all(word in said.err for word in words)
    assert not out.exists()


BAD_CELLS = {
    "text among the scores": ("scores.csv", "P0003,", "P0003,Zebra#"),
    "text among the totals": ("outcomes.csv", "P0003,4,", "P0003,4,Zebra#"),
    "a total out of range": ("outcomes.csv", "P0003,4,", "P0003,4,5417#"),
    "a week that is none": ("outcomes.csv", "P0003,4,", "P0003,Zebra,"),
}


@pytest.mark.parametrize("command", ["check", "fit"])
@pytest.mark.parametrize("kind", BAD_CELLS)
def test_a_bad_cell_is_placed_but_never_repeated(
    kind: str, command: str, small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, old, new = BAD_CELLS[kind]
    path = tmp_path / name
    lines = path.read_text(encoding="utf-8").splitlines()
    (at,) = [i for i, line in enumerate(lines) if line.startswith(old)]
    lines[at] = lines[at].replace(old, new)
    if "#" in lines[at]:
        head, tail = lines[at].split("#")
        lines[at] = head + tail[tail.find(",") :] if "," in tail else head
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    more = ["--out", str(tmp_path / "out")] if command == "fit" else []
    assert main([command, *small, *more]) == REFUSED
    said = capsys.readouterr()
    text = said.out + said.err
    assert name in said.err
    assert f"line {at + 1}" in said.err
    assert "Traceback" not in text
    assert not [word for word in ("Zebra", "5417", "P0003") if word in text]


def test_what_was_declared_is_carried_out_and_marked(small, tmp_path, capsys) -> None:
    declared = AnalysisSpec(scores=("PGS_EDU",), adjustments=("crude",), outcome="PHQ-9")
    saved = tmp_path / "declaration.json"
    saved.write_text(declaration_text(declared, "2026-01-02T03:04:05+00:00"), encoding="utf-8")
    origins = tmp_path / "origins.csv"
    origins.write_text("score,pgs_id,gwas\nPGS_EDU,PGS002012,Okbay 2022\n", encoding="utf-8")
    out = tmp_path / "out"
    asked = ["--declaration", str(saved), "--provenance", str(origins)]
    assert main(["fit", *small, "--out", str(out), *asked]) == OK
    (entry,) = json.loads((out / "ledger.json").read_text(encoding="utf-8"))["entries"]
    assert entry["declared_at"] == "2026-01-02T03:04:05+00:00"
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "Confirmatory: declared 2026-01-02" in report
    assert "Okbay 2022" in report
    changed = saved.read_text(encoding="utf-8").replace('"crude"', '"adjusted"')
    saved.write_text(changed, encoding="utf-8")
    capsys.readouterr()
    assert main(["fit", *small, "--out", str(tmp_path / "no"), *asked]) == REFUSED
    assert "declaration.json" in capsys.readouterr().err
