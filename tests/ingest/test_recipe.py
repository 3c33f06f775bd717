"""A recipe goes from one export to the next, whatever the files are called then."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from pgsicbt.errors import DataError
from pgsicbt.ingest import Reading, ReadingChoices, TableChoice, Upload, check, read_files
from pgsicbt.ingest.recipe import by_columns, by_file_name, plain_name, with_shapes
from tests.ingest import builders
from tests.ingest.builders import csv, text

OUTCOMES = csv(builders.long(), "outcomes_2025-11-01.csv")
SCORES = csv(builders.scores(), "scores v1.csv")
CHOICES = ReadingChoices(
    roles={("scores v1.csv", "PGS_MDD"): "ignore"}, times={"post": 10}, ids="exact"
)


def again(*names: str, first: Reading | None = None) -> Reading:
    """The next export, other people under other names, by the recipe of the first."""
    saved = (first or read_files([OUTCOMES, SCORES], CHOICES)).recipe.to_json()
    long, scores = builders.long(seed=8), builders.scores(seed=9)
    return read_files([csv(long, names[0]), csv(scores, names[1])], ReadingChoices.from_json(saved))


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("outcomes_2025-11-01.csv", "outcomes_2026-03-15.csv", True),
        ("Export PHQ v2.csv", "export_phq_v13.csv", True),
        ("scores (2).csv", "scores.csv", True),
        ("utfall_nov.csv", "utfall_mars.csv", True),
        ("outcomes.csv", "scores.csv", False),
        ("cohort.xlsx [Scores]", "cohort.xlsx [Outcomes]", False),
        ("margot.csv", "got.csv", False),
    ],
)
def test_dates_and_versions_in_names_do_not_matter(left: str, right: str, same: bool) -> None:
    assert (plain_name(left) == plain_name(right)) == same


@pytest.mark.parametrize(
    "names",
    [
        ("outcomes_2025-11-01.csv", "scores v1.csv"),
        ("outcomes_2026-02-01.csv", "scores v2.csv"),
        ("Uttag-februari.csv", "genetik.txt"),
    ],
)
def test_the_next_export_is_read_in_one_step(names: tuple[str, str]) -> None:
    reading = again(*names)
    study = reading.study
    assert study is not None
    assert study.score_names == ("PGS_EDU",)
    assert max(study.time_labels) == 10
    assert reading.choices.roles == {(names[1], "PGS_MDD"): "ignore"}
    notes = [f.file for f in study.findings if f.code == "recipe_matched"]
    assert set(notes) == (set() if names[1] == "scores v1.csv" else set(names))
    # And what is saved then serves the export after it.
    assert again(*names, first=reading).study is not None


def test_a_recipe_of_an_earlier_version_is_known_by_its_roles() -> None:
    old = '{"roles": {"old.csv": {"PGS_MDD": "ignore"}}, "missing": {}, "times": {}}'
    reading = read_files([OUTCOMES, SCORES], ReadingChoices.from_json(old))
    assert reading.study is not None
    assert reading.study.score_names == ("PGS_EDU",)
    assert ReadingChoices.from_json(old).ids == "auto"


def test_other_files_are_left_alone_and_the_rest_of_the_recipe_is_named() -> None:
    recipe = ReadingChoices(roles={("else.csv", "income"): "covariate"})
    reading = read_files([OUTCOMES, SCORES], recipe)
    assert reading.study is not None
    assert [f.file for f in reading.findings if f.code == "recipe_file"] == ["else.csv"]


def test_two_files_that_could_be_meant_are_told_apart_by_columns_only() -> None:
    recipe = with_shapes(
        ReadingChoices(roles={("s_1.csv", "a"): "score", ("s_2.csv", "b"): "score"}),
        {"s_1.csv": ("id", "a", "c"), "s_2.csv": ("id", "b", "c")},
    )
    unmoved, renamed = by_file_name(recipe, ["s_3.csv", "s_4.csv"])
    assert (unmoved, renamed) == (recipe, {})
    moved, found = by_columns(recipe, {"s_3.csv": ("ID", "B", "c"), "s_4.csv": ("id", "a", "c")})
    assert found == {"s_3.csv": "s_2.csv", "s_4.csv": "s_1.csv"}
    assert moved.roles == {("s_3.csv", "B"): "score", ("s_4.csv", "a"): "score"}


def test_a_programs_shape_does_not_carry_a_scores_name_to_another() -> None:
    saved = with_shapes(
        ReadingChoices(names={("mdd.best", "PRS"): "MDD", ("adhd.best", "PRS"): "ADHD"}),
        {"mdd.best": ("FID", "IID", "PRS"), "adhd.best": ("FID", "IID", "PRS")},
    )
    moved, found = by_columns(saved, {"new.best": ("FID", "IID", "PRS")})
    assert found
    assert not [name for (table, _), name in moved.names.items() if table == "new.best"]


def test_a_header_row_goes_with_the_table() -> None:
    lines = csv(builders.long(), "x").data.decode().splitlines()
    above = ["a,b,c,d,e", "1,2,3,4,5", "6,7,8,9,10"]
    first = text("uttag_1.csv", *above, *lines)
    assert read_files([first]).study is None
    reading = read_files([first], ReadingChoices(tables={"uttag_1.csv": TableChoice(header_row=4)}))
    assert reading.study is not None
    saved = ReadingChoices.from_json(reading.recipe.to_json())
    for name in ("uttag_2.csv", "ganz anders.csv"):
        second = read_files([text(name, *above, *lines)], saved)
        assert second.study is not None, name
        assert second.choices.tables[name].header_row == 4


def test_nothing_of_a_person_is_in_a_recipe() -> None:
    text = read_files([OUTCOMES, SCORES], CHOICES).recipe.to_json()
    assert "K0001" not in text
    assert json.loads(text)["tables"]["scores v1.csv"]["columns"][0] == "person_id"


def test_what_is_wrong_is_returned_and_holds_on_to_nothing() -> None:
    reading = read_files([text("bad.csv", "id"), OUTCOMES])
    assert reading.study is None
    assert isinstance(reading.error, DataError)
    assert [file.error is None for file in reading.files] == [False, True]
    # A traceback would keep the tables in memory after they were to be forgotten.
    assert reading.error.__traceback__ is None
    assert read_files([]).error is not None
    assert read_files(["/nowhere/x.csv"]).error is not None


def test_questions_are_findings_of_check() -> None:
    visit, value = OUTCOMES.data.splitlines()[1].rsplit(b",", 1)
    other = (int(value) + 1) % 28
    twice = Upload("o.csv", OUTCOMES.data + visit + f",{other}\n".encode())
    reading = read_files([twice])
    assert [(q.kind, q.options) for q in reading.questions] == [
        ("repeats", ("first", "last", "mean"))
    ]
    report = check([twice])
    assert report["status"] == "refused"
    codes = {f["code"]: f["severity"] for f in report["findings"]}
    assert codes["question:repeats"] == "warning"
    assert codes["two_values"] == "error"
    answered = check([twice], ReadingChoices(repeats="last"))
    assert answered["status"] == "warning"
    assert "question:repeats" not in {f["code"] for f in answered["findings"]}


def test_progress_goes_forward_to_the_end() -> None:
    told: list[tuple[str, float]] = []
    read_files([OUTCOMES, SCORES], progress=lambda what, share: told.append((what, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert any("outcomes_2025-11-01.csv" in what for what, _ in told)


def test_a_summary_beside_the_data_is_set_aside_and_told() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("outcomes.csv", OUTCOMES.data)
        archive.writestr("summary.csv", "measure,n,mean\nPHQ,24,11.5\nGAD,24,9.1\nISI,20,12\n")
    reading = read_files([Upload("export.zip", packed.getvalue()), SCORES])
    assert reading.study is not None, reading.error
    assert [file.aside for file in reading.files] == [False, True, False]
    notes = [f.message for f in reading.study.findings if f.code == "set_aside"]
    assert len(notes) == 1
    assert "export.zip [summary.csv]" in notes[0]
