"""Recipes and answers on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pgsicbt.cli import OK, REFUSED, USAGE, main
from pgsicbt.cli_progress import StepLine
from pgsicbt.cli_reading import UsageError, choices_of
from pgsicbt.errors import DataError
from pgsicbt.ingest import ReadingChoices
from tests.real_files import small_outcomes, small_scores


@pytest.fixture
def small(tmp_path: Path) -> list[str]:
    scores, outcomes = tmp_path / "scores_2025.csv", tmp_path / "outcomes_2025.csv"
    scores.write_text(small_scores(), encoding="utf-8")
    outcomes.write_text(small_outcomes() + "P0001,16,-9\n", encoding="utf-8")
    return [str(scores), str(outcomes)]


def test_answers_are_saved_and_serve_the_next_export(small, tmp_path, capsys) -> None:
    saved = str(tmp_path / "recipe.json")
    answers = ["--set", "phq9.missing=-9", "--set", "scores_2025.csv.PGS_MDD=ignore"]
    assert main(["check", *small, *answers, "--save-recipe", saved]) == OK
    capsys.readouterr()
    later = [str(Path(p).rename(p.replace("2025", "2026_v2"))) for p in small]
    assert main(["check", *later, "--recipe", saved, "--json"]) == OK
    report = json.loads(capsys.readouterr().out)
    assert report["scores"] == ["PGS_EDU"]
    assert (report["persons"], report["observations"]) == (60, 300)
    # The same recipe fits, and is what the Data page saves.
    out = str(tmp_path / "out")
    assert main(["fit", *later, "--recipe", saved, "--out", out, "--save-recipe", saved]) == OK
    again = ReadingChoices.load(saved)
    assert again.roles == {("scores_2026_v2.csv", "PGS_MDD"): "ignore"}


def test_a_question_is_printed_with_its_answers(small, capsys) -> None:
    Path(small[1]).write_text(small_outcomes() + "P0001,0,2\n", encoding="utf-8")
    assert main(["check", *small]) == REFUSED
    out = capsys.readouterr().out
    assert "question: " in out
    assert "Possible answers: first, last, mean" in out
    assert main(["check", *small, "--set", "repeats=last"]) == OK


def test_every_kind_of_answer() -> None:
    names = ["a.csv", "b.xlsx"]
    sets = ["ids=zeros", "repeats=mean", "relatives=0.0884", "PHQ-9.prorate=2",
            "time.Post-Rx=3", "phq9.missing=-9,999", "a.when=time:day", "b.xlsx [S 1].x.y=score",
            "name:a.csv.q=PHQ-9", "identifier:b.xlsx [S 1].note=strip", "header:b.xlsx [S 1]=4",
            "decimal:a.csv=,", "use:b.xlsx [Old]=no"]  # fmt: skip
    choices = choices_of(None, sets, names)
    assert choices.roles == {("a.csv", "when"): "time:day", ("b.xlsx [S 1]", "x.y"): "score"}
    assert choices.names == {("a.csv", "q"): "PHQ-9"}
    assert choices.identifiers == {("b.xlsx [S 1]", "note"): "strip"}
    assert (choices.ids, choices.repeats, choices.relatives) == ("zeros", "mean", 0.0884)
    assert (choices.prorate, choices.times) == ({"PHQ-9": 2}, {"Post-Rx": 3})
    assert choices.tables["b.xlsx [S 1]"].header_row == 4
    assert choices.tables["b.xlsx [Old]"].use is False
    assert choices.tables["a.csv"].decimal == ","
    assert ReadingChoices.from_json(choices.to_json()) == choices


@pytest.mark.parametrize("text", ["ids", "=1", "relatives=close", "use:a.csv=maybe", "z.csv.x=id"])
def test_a_mistaken_answer(text: str) -> None:
    with pytest.raises(UsageError):
        choices_of(None, [text], ["a.csv"])


@pytest.mark.parametrize("text", ["ids=nearly", "repeats=all", "header:a.csv=0", "a.x=genome"])
def test_an_impossible_answer(text: str) -> None:
    with pytest.raises(DataError):
        choices_of(None, [text], ["a.csv"])


def test_a_recipe_that_cannot_be_written(small, tmp_path) -> None:
    (tmp_path / "no").write_text("", encoding="utf-8")
    place = str(tmp_path / "no" / "recipe.json")
    assert main(["check", *small, "--save-recipe", place]) == REFUSED
    assert main(["check", *small, "--recipe", str(tmp_path / "none.json")]) == USAGE


def test_progress_shows_on_a_terminal_only(capsys, monkeypatch) -> None:
    line = StepLine(at_once=True)
    line("Opening a.csv", 0.1)
    line.end()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    line, patient = StepLine(at_once=True), StepLine(at_once=False)
    for one in (patient, line):
        one("Opening a.csv", 0.1)
        one("Joining", 0.8)
    line.end()
    assert capsys.readouterr().err.startswith("\rOpening a.csv (10 %)\rJoining (80 %)")
