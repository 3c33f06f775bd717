"""The guided reading: questions with one click, refusals by the gate, forgetting, recipes."""

from __future__ import annotations

import gc
import re

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.ingest import ReadingChoices, Upload
from tests.pages.sessions import go, started, unfold, upload, widget, with_sample, words
from tests.real_files import small_outcomes, small_scores

SCORES, PHQ = ("scores.csv", small_scores()), ("phq.csv", small_outcomes())


def data() -> AppTest:
    return go(started(), "data")


def click(app: AppTest, label: str) -> AppTest:
    widget(app, "button", label).click().run()
    assert not app.exception
    return app


def held(app: AppTest) -> list[str]:
    """Names of the files whose bytes the session still holds anywhere."""
    found = []
    for value in app.session_state._state.filtered_state.values():
        for one in (value, *getattr(value, "uploads", ())):
            if isinstance(one, Upload):
                found.append(one.name)
        if isinstance(value, (list, tuple)):
            found += [one.name for one in value if hasattr(one, "getvalue") or hasattr(one, "data")]
    return sorted(set(found))


def unplaced(name: str) -> str:
    text = small_outcomes().replace("week,", "visit,")
    for week, label in (("0", "pre"), ("2", "week 2"), ("4", "week 4"), ("8", "week 8")):
        text = text.replace(f",{week},", f",{label},")
    return text.replace(",12,", f",{name},")


def test_a_visit_without_a_week_is_asked_about_and_answered() -> None:
    app = upload(data(), SCORES, ("phq.csv", unplaced("Booster call")))
    assert "In which week" in words(app)
    assert app.error[0].value.endswith("Answer the question below, or delete these rows.")
    box = next(n for n in app.number_input if n.label == "Week of Booster call")
    box.set_value(14.0)
    click(app, "Use this week")
    assert not app.error
    assert app.session_state["open.files"].reading.choices.times == {"Booster call": 14}
    assert "In which week" not in words(app)


def test_missing_codes_are_proposed_and_taken_with_one_click() -> None:
    app = upload(data(), SCORES, ("phq.csv", small_outcomes() + "P0001,16,-9\n"))
    assert len(app.error) == 1
    click(app, "\N{MINUS SIGN}9: no answer was given")
    assert not app.error
    assert "60 people, 300 observations" in words(app)


def test_lost_zeros_are_told_and_asked_about() -> None:
    scores = small_scores().replace("P0", "0")
    header, *rows = small_outcomes().splitlines()
    outcomes = "\n".join([header, *(f"{int(row[1:5])}{row[5:]}" for row in rows)])
    app = upload(data(), ("scores.csv", scores), ("phq.csv", outcomes))
    assert not app.error
    assert "60 people, 300 observations" in words(app)
    assert "as spreadsheet programs drop them" in words(app)
    click(app, "Yes, without leading zeros")
    assert app.session_state["open.files"].reading.choices.ids == "zeros"
    assert "Are these the same people?" not in words(app)


def test_two_values_of_one_visit_are_settled_with_one_click() -> None:
    app = upload(data(), SCORES, ("phq.csv", small_outcomes() + "P0001,0,2\n"))
    assert "Which value counts?" in words(app)
    click(app, "The last")
    assert not app.error
    assert app.session_state["open.files"].reading.choices.repeats == "last"
    assert "the last is kept, as chosen" in words(app)


NAMED = (
    small_outcomes()
    .replace("person_id,", "mail,person_id,", 1)
    .replace("\nP", "\nmaria.berg@example.org,P")
)


def test_a_file_that_identifies_people_is_dropped_at_once() -> None:
    app = upload(data(), SCORES, ("phq.csv", NAMED))
    assert "e-mail" in app.error[0].value
    assert "maria.berg" not in words(app)
    assert held(app) == ["scores.csv"]
    # The answer waits until the file is loaded again, and the other file with it.
    click(app, "Leave this column out when I load it again")
    assert "will be left out" in words(app)
    app.file_uploader(key="uploader-1").set_value([("phq.csv", NAMED.encode(), "text/csv")]).run()
    assert not app.exception
    assert not app.error
    assert "60 people, 300 observations" in words(app)
    assert "mail" not in app.session_state["open.study"].persons.columns


@pytest.mark.parametrize(
    ("cells", "offered"),
    [(["Anna", "Erik", "Karin", "Lars", "Malin", "Johan"], True), (["19121212-1212"], False)],
)
def test_a_column_can_be_kept_only_where_the_gate_is_unsure(
    cells: list[str], offered: bool
) -> None:
    lines = small_scores().splitlines()
    added = [cells[i % len(cells)] for i in range(len(lines) - 1)]
    text = "\n".join(f"{a},{b}" for a, b in zip(lines, ["code", *added], strict=True))
    app = upload(data(), ("scores.csv", text), PHQ)
    assert len(app.error) == 1
    labels = [button.label for button in app.button]
    assert ("It identifies nobody: keep it" in labels) == offered
    assert "Leave this column out when I load it again" in labels


OPENS = ("more.csv", "person_id,smoker\n" + "".join(
    f"P{i:04d},{'yes' if i % 2 else 'no'}\n" for i in range(60)))  # fmt: skip
BROKEN = ("phq2.csv", small_outcomes().replace("P0003,4,", "P0003,4,Zebra"))


@pytest.mark.parametrize("bad", [BROKEN, ("phq.csv.gz", b"\x1f\x8b nothing"), ("named.csv", NAMED)])
def test_only_the_refused_file_is_set_aside(bad: tuple[str, str | bytes]) -> None:
    app = upload(data(), SCORES, PHQ, bad)
    assert len(app.error) == 1
    click(app, "Set the refused files aside")
    assert not app.error
    assert "Your files are open: 60 people, 300 observations, 2 scores" in words(app)
    assert held(app) == ["phq.csv", "scores.csv"]
    # They wait for what is loaded next.
    name, text = OPENS
    app.file_uploader(key="uploader-1" if bad[0] != "named.csv" else "uploader-2").set_value(
        [(name, text.encode(), "text/csv")]
    ).run()
    assert not app.exception
    assert not app.error
    assert "smoker" in app.session_state["open.study"].persons.columns


def test_what_reads_well_and_is_no_study_says_so_and_can_be_set_aside_too() -> None:
    app = go(with_sample(), "data")
    before = app.session_state["open.study"]
    upload(app, SCORES, BROKEN)
    click(app, "Set the refused files aside")
    assert "Zebra" not in app.error[0].value
    assert "outcome" in app.error[0].value
    assert app.session_state["open.study"] is before
    click(app, "Set the refused files aside")
    assert not app.error
    assert held(app) == sorted(u.name for u in app.session_state["open.files"].uploads)


def test_files_that_wait_are_not_joined_with_other_data_opened_since() -> None:
    app = upload(data(), SCORES, PHQ, BROKEN)
    click(app, "Set the refused files aside")
    go(app, "start").button[0].click().run()
    other = small_outcomes().replace("P0", "Q0"), small_scores().replace("P0", "Q0")
    go(app, "data").file_uploader(key="uploader-1").set_value(
        [("o.csv", other[0].encode(), "text/csv"), ("s.csv", other[1].encode(), "text/csv")]
    ).run()
    assert not app.exception
    assert not app.error
    assert len(app.session_state["open.study"].persons) == 60


def test_a_name_of_a_file_that_identifies_somebody_is_not_shown() -> None:
    app = upload(data(), ("19121212-1212 phq.csv", small_outcomes()))
    assert len(app.error) == 1
    assert "19121212" not in words(app) + app.error[0].value
    assert held(app) == []


def test_the_refusal_leaves_an_open_study_alone() -> None:
    app = upload(data(), SCORES, PHQ)
    before = app.session_state["open.study"]
    upload(app, SCORES, ("phq.csv", NAMED))
    assert app.session_state["open.study"] is before
    click(app, "Set the refused files aside")
    assert not app.error
    assert "Your files are open: 60 people" in words(app)


def test_the_originals_are_forgotten_and_the_study_stays() -> None:
    phq = ("phq.csv", small_outcomes(seed=77))
    app = upload(data(), SCORES, phq)
    assert held(app) == ["phq.csv", "scores.csv"]
    study = app.session_state["open.study"]
    click(app, "Forget the originals")
    assert held(app) == []
    app.run()  # AppTest holds on to the state of one run
    gc.collect()
    alive = [one for one in gc.get_objects() if isinstance(one, Upload)]
    assert not [one for one in alive if one.data == phq[1].encode()]
    assert app.session_state["open.study"] is study
    assert "can be corrected any more" in words(app)
    assert "Your files are open: 60 people" in words(app)
    assert all(box.disabled for box in app.selectbox)
    assert not go(app, "associations").error


def test_the_next_export_is_read_by_a_recipe_given_first() -> None:
    app = upload(data(), SCORES, ("phq_2025.csv", unplaced("Booster call")))
    next(n for n in app.number_input if n.label == "Week of Booster call").set_value(14.0)
    click(app, "Use this week")
    saved = app.session_state["open.files"].reading.recipe.to_json()
    other = data()
    other.file_uploader(key="recipe").set_value([("r.json", saved.encode(), "text/json")]).run()
    assert "used for the files that you load now" in words(other)
    upload(other, SCORES, ("phq_2026.csv", unplaced("Booster call")))
    assert not other.error
    assert "Your files are open: 60 people" in words(other)
    assert ReadingChoices.from_json(saved).times == {"Booster call": 14}


def test_corrections_stay_when_a_file_is_added() -> None:
    app = upload(data(), SCORES, ("phq.csv", small_outcomes() + "P0001,0,2\n"))
    click(app, "The first")
    more = "person_id,smoker\n" + "".join(
        f"P{i:04d},{'yes' if i % 2 else 'no'}\n" for i in range(60)
    )
    upload(app, SCORES, ("phq.csv", small_outcomes() + "P0001,0,2\n"), ("more.csv", more))
    assert not app.error
    assert "smoker" in app.session_state["open.study"].persons.columns


def test_small_scores_and_odd_weeks_keep_the_digits_that_tell_them_apart() -> None:
    header, *lines = small_scores().splitlines()
    small = [header]
    for line in lines:
        cells = line.split(",")
        small.append(",".join([cells[0], str(float(cells[1]) * 4.5e-4), *cells[2:]]))
    outcomes = small_outcomes().replace(",4,", ",4.34821,")
    app = upload(data(), ("scores.csv", "\n".join(small)), ("phq.csv", outcomes))
    assert not app.error
    unfold(unfold(app, "preview"), "preview-rows")
    text = words(app)
    assert "4.3" in text
    assert "4.34821" not in text
    assert re.search(r"0\.000\d{3}<", text)
    unfold(go(app, "associations"), "provenance-card")
    assert re.search(r"0\.000\d{3}, 0\.000\d{3}", words(app))


@pytest.mark.parametrize("open_it", [True, False])
def test_the_preview_shows_aggregates_and_made_up_numbers(open_it: bool) -> None:
    app = go(with_sample(), "data")
    if open_it:
        unfold(app, "preview")
        assert "Observations by outcome and week" in words(app)
        assert "made up for this table" not in words(app)
        assert any("only for who may see individual data" in e.label for e in app.expander)
        unfold(app, "preview-rows")
        assert "made up for this table" in words(app)
        index = app.session_state["open.study"].persons.index
        assert not any(person in words(app) for person in index[:50])
    else:
        assert "Observations by outcome and week" not in words(app)
