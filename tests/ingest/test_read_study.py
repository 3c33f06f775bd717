"""Whole cohorts in every shape come out as the same study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgsicbt.errors import DataError
from pgsicbt.ingest import ReadingChoices, Upload, read_study
from pgsicbt.study import HARMONISED
from tests.ingest import builders
from tests.ingest.builders import content, csv, text

N = 24


@pytest.fixture(scope="module")
def reference():
    return read_study(
        csv(builders.scores(), "scores.csv"),
        csv(builders.long(), "long.csv"),
        csv(builders.covariates(), "cov.csv"),
    )


def same(study, reference) -> None:
    for ours, theirs in zip(content(study), content(reference), strict=True):
        pd.testing.assert_frame_equal(ours[theirs.columns], theirs)


def test_the_parts_of_a_study(reference):
    assert reference.score_names == ("PGS_EDU", "PGS_MDD")
    assert set(reference.outcome_names) == {"MADRS-S", "PDSS-SR", "LSAS-SR", HARMONISED}
    assert reference.covariate_names("component") == ("PC1", "PC2")
    assert reference.covariate_names("stratum") == ("diagnosis",)
    assert reference.covariate_names("batch") == ("batch",)
    assert reference.covariate_names("covariate") == ("age", "sex", "education")
    assert reference.covariate("sex").levels == ("female", "male")
    assert reference.covariate("batch").kind == "categorical"
    assert reference.covariate("education").kind == "numeric"
    assert reference.time_labels == {
        -2: "screening", 0: "pre", 1: "week 1", 2: "week 2", 12: "post",
    }  # fmt: skip
    assert reference.time_unit == "week"
    assert not reference.simulated
    assert len(reference.persons) == N
    assert reference.visits["person"].cat.categories.equals(reference.persons.index)
    info = reference.score("PGS_EDU")
    assert info.mean == pytest.approx(builders.scores()["PGS_EDU"].mean())
    assert info.sd == pytest.approx(builders.scores()["PGS_EDU"].std())


def test_harmonised_is_percent_of_maximum(reference):
    rows = builders.long()
    maximum = rows["instrument"].map({"MADRS-S": 54, "PDSS-SR": 28, "LSAS-SR": 144})
    expected = np.sort(100 * rows["total"] / maximum)
    found = np.sort(reference.outcome_visits(HARMONISED)["value"])
    np.testing.assert_allclose(found, expected)
    assert reference.outcome(HARMONISED).maximum == 100


@pytest.mark.parametrize("sep", ["_", ".", " ", "-"])
def test_wide_outcomes_give_the_same_study(reference, sep):
    study = read_study(
        csv(builders.scores(), "s"),
        csv(builders.wide(sep=sep), "w"),
        csv(builders.covariates(), "c"),
    )
    same(study, reference)


@pytest.mark.parametrize("shape", ["long", "wide"])
def test_one_table_holding_everything(reference, shape):
    outcomes = builders.long() if shape == "long" else builders.wide()
    table = outcomes.merge(builders.scores()).merge(builders.covariates())
    same(read_study(csv(table, "all.csv")), reference)


@given(
    seed=st.integers(0, 2**32 - 1),
    sep=st.sampled_from([",", ";", "\t", "|"]),
    comma=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_order_of_rows_columns_and_files_does_not_matter(reference, seed, sep, comma):
    rng = np.random.default_rng(seed)
    files = []
    for name in ("scores", "long", "covariates"):
        frame = getattr(builders, name)()
        frame = frame.sample(frac=1, random_state=rng)
        rest = rng.permutation(frame.columns[1:])
        frame = frame[[frame.columns[0], *rest]]
        decimal = "," if comma and sep != "," else "."
        files.append(csv(frame, f"{name}.csv", sep=sep, decimal=decimal))
    rng.shuffle(files)
    same(read_study(*files), reference)


def test_identifiers_are_replaced_and_new_each_time(reference):
    again = read_study(
        csv(builders.scores(), "scores.csv"),
        csv(builders.long(), "long.csv"),
        csv(builders.covariates(), "cov.csv"),
    )
    assert again.digest == reference.digest
    assert not set(again.persons.index) & set(reference.persons.index)
    assert not any("K0" in key for key in again.persons.index)


def test_digest_follows_bytes_order_and_choices(reference):
    files = [csv(builders.scores(), "scores.csv"), csv(builders.long(), "long.csv")]
    plain = read_study(*files).digest
    assert read_study(*reversed(files)).digest != plain
    choices = ReadingChoices(times={"post": 10})
    assert read_study(*files, recipe=choices).digest != plain


def test_times_of_visits_can_be_corrected():
    long = builders.long().drop(columns="week")
    files = csv(builders.scores(), "s"), csv(long, "l")
    assert read_study(*files).visits["time"].max() == 12
    study = read_study(*files, recipe=ReadingChoices(times={"POST": 10, "screening": -4}))
    assert sorted(study.visits["time"].unique()) == [-4, 0, 1, 2, 10]
    with_weeks = csv(builders.scores(), "s"), csv(builders.long(), "l")
    study = read_study(*with_weeks, recipe=ReadingChoices(times={"post": 10}))
    assert study.visits["time"].max() == 10
    study = read_study(
        csv(builders.scores(), "s"),
        csv(builders.wide(), "w"),
        recipe=ReadingChoices(times={"post": 10}),
    )
    assert study.visits["time"].max() == 10


@pytest.mark.parametrize(("column", "weeks"), [("day", 1 / 7), ("month", 365.25 / 84)])
def test_units_of_time(column, weeks):
    long = builders.long().drop(columns="visit").rename(columns={"week": column})
    study = read_study(csv(builders.scores(), "s"), csv(long, "l"))
    assert study.time_unit == column
    assert study.visits["time"].max() == pytest.approx(12 * weeks, abs=1e-6)
    recipe = ReadingChoices(roles={("l", column): "time"})
    assert (
        read_study(csv(builders.scores(), "s"), csv(long, "l"), recipe=recipe).time_unit == "week"
    )


def test_names_among_weeks():
    table = text(
        "l", "id,week,phq9", *(f"a{i},{w},{i}" for i in range(5) for w in ("pre", 1, 2, "post"))
    )
    study = read_study(table)
    assert sorted(study.visits["time"].unique()) == [0, 1, 2, 12]
    assert not [f for f in study.findings if f.code == "visit_numbers"]


def test_numbered_visits_are_weeks_with_a_warning():
    rows = [f"a{i},{v},{i + v}" for i in range(5) for v in range(3)]
    study = read_study(text("l", "id,visit,phq9", *rows))
    assert [f.code for f in study.findings if f.severity == "warning"] == ["visit_numbers"]


def test_names_fill_gaps_in_weeks():
    long = builders.long()
    long["week"] = long["week"].astype("Int64").mask(long["visit"] == "screening")
    study = read_study(csv(builders.scores(), "s"), csv(long, "l"))
    assert study.visits["time"].min() == -2


def test_names_that_models_use_are_kept_apart():
    cov = builders.covariates().rename(columns={"age": "time"})
    study = read_study(csv(builders.long(), "l"), csv(cov, "c"))
    assert "time" not in study.covariate_names()
    assert any(f.code == "name_taken" for f in study.findings)
    long = builders.long().rename(columns={"total": "value"})
    long.loc[long["instrument"] == "PDSS-SR", "instrument"] = "harmonised"
    study = read_study(csv(long, "l"))
    assert study.outcome(HARMONISED).n_observations == 40


def test_events_of_redcap():
    rows = [f"{i},{e}_arm_1,{i}" for i in range(1, 9) for e in ("baseline", "week_4", "post")]
    study = read_study(text("l", "record_id,redcap_event_name,phq9_total", *rows))
    assert sorted(study.visits["time"].unique()) == [0, 4, 12]
    assert study.outcome("phq9").instrument == "PHQ-9"


def test_roles_can_be_corrected():
    files = csv(builders.scores(), "s"), csv(builders.long(), "l"), csv(builders.covariates(), "c")
    recipe = ReadingChoices(
        roles={("c", "education"): "stratum", ("c", "age"): "ignore", ("s", "PC2"): "score"}
    )
    study = read_study(*files, recipe=recipe)
    assert study.covariate("education").role == "stratum"
    assert study.covariate("education").kind == "categorical"
    assert "age" not in study.covariate_names()
    assert study.score_names == ("PGS_EDU", "PGS_MDD", "PC2")


def test_missing_codes_are_declared():
    long = builders.long()
    long.loc[[3, 7], "total"] = -9
    files = csv(builders.scores(), "s.csv"), csv(long, "l.csv")
    with pytest.raises(DataError) as caught:
        read_study(*files)
    assert caught.value.code == "out_of_range"
    assert caught.value.column == "total"
    assert "\N{MINUS SIGN}9 stands for a missing answer" in caught.value.hint
    recipe = ReadingChoices(missing={"total": (-9,)})
    study = read_study(*files, recipe=recipe)
    step = next(s for s in study.ledger if s.file == "l.csv")
    assert step.lost_observations == 2
    assert step.observations == len(long) - 2


def test_the_ledger_says_who_was_lost():
    scores, long, cov = builders.scores(), builders.long(), builders.covariates()
    scores = scores[scores["person_id"] > "K0004"]
    long = long[long["person_id"] < "K0021"]
    cov = cov[cov["person_id"] != "K0010"]
    study = read_study(csv(scores, "s"), csv(long, "l"), csv(cov, "c"))
    steps = {s.step: s for s in study.ledger}
    assert steps["read s"].persons == 20
    assert steps["all files joined"].persons == 24
    assert steps["people with an outcome"].persons == 20
    assert steps["people with an outcome"].lost_persons == 4
    both = steps["people with an outcome and a score"]
    assert (both.persons, both.lost_persons, both.observations) == (16, 4, 80)
    assert both.lost_observations == 20
    assert steps["ready to analyse"].persons == 16
    assert steps["ready to analyse"].reason.startswith("1 person lacks")
    assert len(study.persons) == 16


def test_scores_are_optional_and_partly_missing_scores_stay():
    assert read_study(csv(builders.long(), "l")).scores == ()
    scores = builders.scores()
    scores.loc[0, "PGS_EDU"] = np.nan
    scores.loc[1, ["PGS_EDU", "PGS_MDD"]] = np.nan
    study = read_study(csv(scores, "s"), csv(builders.long(), "l"))
    assert len(study.persons) == N - 1
    assert study.score("PGS_EDU").n_persons == N - 2


def test_the_same_twice_counts_once():
    long, wide = csv(builders.long(), "l"), csv(builders.wide(), "w")
    scores, more = csv(builders.scores(), "s"), csv(builders.scores(), "s2")
    study = read_study(scores, long, wide, more)
    assert len(study.visits) == 2 * len(builders.long())
    codes = {f.code: f.severity for f in study.findings}
    assert codes["same_observations"] == "info"
    assert codes["same_score"] == "warning"
    double = pd.concat([builders.long(), builders.long().head(3)])
    study = read_study(scores, csv(double, "l"))
    assert "lines 122, 123 and 124" in study.findings[0].message


def test_conflicting_files_are_named_by_line():
    wide = builders.wide()
    column = wide.columns[1]
    row = int(np.flatnonzero(wide[column].notna())[0])
    wide.loc[row, column] = (wide.loc[row, column] + 1) % 28
    with pytest.raises(DataError, match=r"line \d+ of l and line \d+ of w") as caught:
        read_study(csv(builders.long(), "l"), csv(wide, "w"))
    assert caught.value.code == "two_values"


def test_several_instruments_use_the_one_with_most_observations():
    rows = [f"a{i},{w},PHQ-9,{i + w}" for i in range(4) for w in range(4)]
    rows += [f"a{i},{w},GAD-7,{i}" for i in range(2) for w in range(2)]
    study = read_study(text("l", "id,week,instrument,total", *rows))
    assert study.outcome(HARMONISED).n_observations == 16
    finding = next(f for f in study.findings if f.code == "several_instruments")
    assert finding.message.startswith("2 people")


def test_constant_scores_and_covariates_are_left_out():
    scores = builders.scores().assign(PGS_SCZ=np.tile([0.5, 0.5], N // 2))
    scores.loc[N - 1, "PGS_SCZ"] = 0.7
    long = builders.long()
    long = long[long["person_id"] != f"K{N:04d}"]
    study = read_study(csv(scores, "s"), csv(long, "l"))
    assert "PGS_SCZ" not in study.score_names
    assert any(f.code == "constant_score" and f.severity == "warning" for f in study.findings)


def test_covariates_of_two_files_fill_each_other():
    cov = builders.covariates()
    first, second = cov.copy(), cov[["person_id", "age"]].copy()
    first["age"] = first["age"].astype("Int64")
    first.loc[0, "age"] = pd.NA
    files = csv(builders.scores(), "s"), csv(builders.long(), "l"), csv(first, "c")
    study = read_study(*files, csv(second, "d"))
    assert study.persons["age"].notna().all()
    second["age"] += 1
    study = read_study(*files, csv(second, "d"))
    assert any(f.code == "same_covariate" for f in study.findings)


def test_simulated_people_are_recognised():
    def renamed(frame: pd.DataFrame, name: str) -> Upload:
        return csv(frame.assign(person_id="SIM" + frame["person_id"].str[1:]), name)

    study = read_study(renamed(builders.scores(), "s"), renamed(builders.long(), "l"))
    assert study.simulated
    assert any(f.code == "simulated" for f in study.findings)


def test_a_dictionary_is_set_aside(reference):
    note = text("d.csv", "file,column,meaning,type", "a,b,c,d")
    study = read_study(
        csv(builders.scores(), "scores.csv"), csv(builders.long(), "long.csv"),
        csv(builders.covariates(), "cov.csv"), note,
    )  # fmt: skip
    same(study, reference)
    assert any(f.code == "dictionary" for f in study.findings)


def test_fractions_are_kept_with_a_warning():
    long = builders.long()
    long["total"] = long["total"].astype(float)
    long.loc[0, "total"] = 10.5
    long.loc[1, "total"] = -0.4
    study = read_study(csv(builders.scores(), "s"), csv(long, "l"))
    finding = next(f for f in study.findings if f.code == "fractions")
    assert finding.message.startswith("2 totals in column 'total' of l")


def test_recipe_for_an_absent_file_is_mentioned():
    recipe = ReadingChoices(roles={("gone.csv", "x"): "id"})
    study = read_study(csv(builders.long(), "l"), recipe=recipe)
    assert any(f.code == "recipe_file" for f in study.findings)


def test_paths_and_saved_recipes(tmp_path):
    (tmp_path / "l.csv").write_bytes(csv(builders.long(), "l").data)
    (tmp_path / "r.json").write_text(ReadingChoices(times={"post": 11}).to_json())
    study = read_study(tmp_path / "l.csv", recipe=tmp_path / "r.json")
    assert study.files == ("l.csv",)
    assert study.visits["time"].max() == 11
