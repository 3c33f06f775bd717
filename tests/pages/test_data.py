"""The Data page: what is corrected there, and files that it cannot use."""

from __future__ import annotations

import gzip
import json

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.ingest import ReadingChoices
from tests.pages.sessions import edit, go, started, submit, upload, widget, with_sample, words
from tests.real_files import small_outcomes, small_scores


@pytest.fixture
def own() -> AppTest:
    """A session with two small tables open, on Data."""
    files = ("scores.csv", small_scores()), ("phq.csv", small_outcomes())
    app = upload(go(started(), "data"), *files)
    assert not app.error
    return app


@pytest.fixture
def sample() -> AppTest:
    return go(with_sample(), "data")


def _columns(app: AppTest, holding: str) -> tuple[object, int]:
    """The table of a file's columns that has this column, and the row it is in."""
    for table in app.dataframe:
        names = list(table.value.get("Column", []))
        if holding in names:
            return table, names.index(holding)
    raise AssertionError(f"no table lists {holding}")


def test_a_role_is_corrected_in_the_table_of_columns(own: AppTest) -> None:
    table, row = _columns(own, "PGS_MDD")
    edit(own, table, row, **{"Taken for": "ignore"})
    assert not own.error
    assert own.session_state["open.study"].score_names == ("PGS_EDU",)
    assert "60 people, 300 observations, 1 score." in words(own)
    # And back again: the correction is itself corrected.
    table, row = _columns(own, "PGS_MDD")
    edit(own, table, row, **{"Taken for": "score"})
    assert own.session_state["open.study"].score_names == ("PGS_EDU", "PGS_MDD")
    table, row = _columns(own, "age")
    edit(own, table, row, **{"Taken for": "score"})
    assert own.session_state["open.study"].score_names == ("PGS_EDU", "PGS_MDD", "age")
    assert widget(go(own, "associations"), "multiselect", "Scores").value[-1] == "age"


def test_a_wrong_correction_is_refused_and_what_was_open_stays(own: AppTest) -> None:
    before = own.session_state["open.study"].digest
    table, row = _columns(own, "sex")
    edit(own, table, row, **{"Taken for": "score"})
    assert "scores.csv" in own.error[0].value
    assert "sex" in own.error[0].value
    assert "female" not in own.error[0].value
    assert own.session_state["open.study"].digest == before
    assert not go(own, "associations").error
    go(own, "data")
    widget(own, "button", "Set the refused files aside").click().run()
    assert not own.error
    assert own.session_state["open.study"].digest == before


def test_a_recipe_goes_round(own: AppTest) -> None:
    table, row = _columns(own, "PGS_EDU")
    edit(own, table, row, **{"Taken for": "ignore"})
    choices: ReadingChoices = own.session_state["open.files"].reading.choices
    assert choices.roles == {("scores.csv", "PGS_EDU"): "ignore"}
    saved = choices.to_json()
    assert "P0" not in saved
    # The next export of the same shape: other people, the same corrections.
    files = ("scores.csv", small_scores(seed=5)), ("phq.csv", small_outcomes(seed=6))
    other = upload(go(started(), "data"), *files)
    assert other.session_state["open.study"].score_names == ("PGS_EDU", "PGS_MDD")
    recipe = [("recipe.json", saved.encode(), "application/json")]
    other.file_uploader(key="recipe").set_value(recipe).run()
    assert not other.exception
    assert other.session_state["open.study"].score_names == ("PGS_MDD",)
    assert other.session_state["open.files"].reading.choices == choices


@pytest.mark.parametrize("text", ["{", "[]", '{"scores": ["PGS_EDU"]}', '{"roles": {"a": 1}}', ""])
def test_what_is_no_recipe_is_refused_and_changes_nothing(own: AppTest, text: str) -> None:
    before = own.session_state["open.study"].digest
    file = [("recipe.json", text.encode(), "application/json")]
    own.file_uploader(key="recipe").set_value(file).run()
    assert not own.exception
    assert len(own.error) == 1
    assert "recipe" in own.error[0].value
    assert own.session_state["open.study"].digest == before
    own.run()
    assert own.session_state["open.study"].digest == before


def test_missing_codes_are_declared_where_they_are_needed() -> None:
    outcomes = small_outcomes() + "P0001,16,-9\n"
    app = upload(go(started(), "data"), ("scores.csv", small_scores()), ("phq.csv", outcomes))
    assert len(app.error) == 1
    box = next(t for t in app.text_input if t.label == "Missing-value codes of PHQ-9")
    box.set_value("minus nine").run()
    assert any("numbers" in e.value for e in app.error)
    box = next(t for t in app.text_input if t.label == "Missing-value codes of PHQ-9")
    box.set_value("-9, 999").run()
    assert not app.exception
    assert not app.error
    assert "60 people, 300 observations" in words(app)


def test_a_visit_gets_its_week_in_the_table_of_visits() -> None:
    outcomes = small_outcomes().replace("week,", "visit,")
    for week, name in (("0", "pre"), ("2", "week 2"), ("4", "week 4"), ("8", "week 8")):
        outcomes = outcomes.replace(f",{week},", f",{name},")
    outcomes = outcomes.replace(",12,", ",Booster call,")
    app = upload(go(started(), "data"), ("scores.csv", small_scores()), ("phq.csv", outcomes))
    assert len(app.error) == 1
    assert "open.study" not in app.session_state
    table = next(t for t in app.dataframe if "Visit" in t.value)
    at = list(table.value["Visit"]).index("Booster call")
    edit(app, table, at, Week=14.0)
    assert not app.error
    visits = app.session_state["open.study"].visits
    assert sorted(visits["time"].unique()) == [0, 2, 4, 8, 14]


WEIGHTS = "rsID\tchr_name\teffect_allele\teffect_weight\nrs1\t1\tA\t0.1\nrs2\t2\tC\t0.2\n"
BAD: dict[str, tuple[str | bytes, str]] = {
    "a scoring file": (WEIGHTS, "variants and weights"),
    "one visit per person": (
        "person_id,week,phq9\n" + "".join(f"P{i:04d},0,{9 + i % 9}\n" for i in range(60)),
        "one visit",
    ),
    "an empty file": ("", "bad.csv"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "bad.csv"),
    "a workbook": (b"PK\x03\x04" + bytes(200), "bad.csv"),
    "a broken archive": (gzip.compress(small_outcomes().encode())[:90], "bad.csv"),
    "a page of prose": ("Dear colleague,\n\nplease find the scores attached.\n", "bad.csv"),
    "numbers without people": ("week,phq9\n0,3\n1,4\n2,5\n", "bad.csv"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_of_no_use_gets_one_sentence_and_the_cohort_stays_open(
    sample: AppTest, kind: str
) -> None:
    data, expected = BAD[kind]
    before = sample.session_state["open.study"]
    upload(sample, ("scores.csv", small_scores()), ("bad.csv", data))
    assert len(sample.error) == 1
    assert expected in sample.error[0].value
    assert sample.error[0].value.endswith(".")
    assert sample.session_state["open.study"] is before
    assert "The simulated cohort is open" in words(sample)
    go(sample, "associations")
    assert not sample.error
    assert "1 of 8 (PGS-EDU)" in words(sample)


def test_after_a_bad_upload_a_good_one_opens(sample: AppTest) -> None:
    upload(sample, ("scores.csv", small_scores()), ("bad.csv", WEIGHTS))
    assert len(sample.error) == 1
    upload(sample, ("scores.csv", small_scores()), ("phq.csv", small_outcomes()))
    assert not sample.error
    assert "Your files are open: 60 people" in words(sample)


def test_opening_the_cohort_after_an_upload_replaces_it(own: AppTest) -> None:
    go(own, "start")
    assert "60 people" in words(own)
    widget(own, "button", "Open the simulated cohort").click().run()
    assert not own.exception
    assert own.session_state["open.study"].simulated
    go(own, "data")
    assert "The simulated cohort is open: 2,668 people" in words(own)


def test_the_ledger_follows_the_analysis(sample: AppTest) -> None:
    assert "2,726" in words(sample)
    assert "41 left out" in words(sample)
    go(sample, "associations")
    widget(sample, "selectbox", "Outcome").set_value("PDSS-SR")
    submit(sample)
    people = sample.session_state["open.study"].outcome("PDSS-SR").n_persons
    assert people < 2668
    assert f"{people:,}" in words(go(sample, "data"))


def test_a_recipe_for_files_that_are_not_there_is_harmless(own: AppTest) -> None:
    recipe = json.dumps({"roles": {"another.csv": {"age": "ignore"}}}).encode()
    own.file_uploader(key="recipe").set_value([("r.json", recipe, "application/json")]).run()
    assert not own.exception
    assert own.session_state["open.study"].score_names == ("PGS_EDU", "PGS_MDD")
