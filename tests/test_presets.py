"""Plans that are known by name, on the simulated cohort and on cohorts that lack something."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pgsicbt import Upload, read_study
from pgsicbt.errors import DataError, SpecError
from pgsicbt.presets import (
    LEAD,
    PRESETS,
    education_covariate,
    education_score,
    plan_looks,
    preset,
    run_plan,
    step_study,
)
from pgsicbt.provenance import Provenance
from pgsicbt.report.plan import plan_report
from pgsicbt.sample import sample_files
from pgsicbt.study import OutcomeInfo, ScoreInfo, Study
from pgsicbt.words import headline
from pgsicbt.words.plans import (
    PAPER_COLUMNS,
    paper_rows,
    paper_table,
    plan_words,
    published_pattern,
    step_rows,
)
from tests.models.example import example_study

SMALL = example_study(n=150)


@pytest.fixture(scope="module")
def sample() -> Study:
    return read_study(*(Upload(name, data) for name, data in sample_files()))


@pytest.fixture(scope="module")
def published(sample: Study):
    return run_plan(sample, preset(sample, "published-study"))


def test_the_correction_that_the_paper_left_out_is_told(published, sample):
    said = plan_words(published, sample).corrected
    assert "taken by itself" in said
    assert said.endswith(headline(published.lead, sample, "adjusted"))


def test_the_published_pattern_is_found_in_the_simulated_cohort(published, sample):
    answers = published_pattern(published, sample)
    assert [a.verdict for a in answers] == ["as published"] * 5
    assert plan_words(published, sample).answer.startswith("All 5 findings")
    main = published.lead.terms("main", adjustment="adjusted").set_index("score").loc["PGS_EDU"]
    assert main["estimate"] == pytest.approx(-0.69, abs=0.1)
    assert main["p_value"] < 0.05
    rows = published.lead.terms("main", "interaction", adjustment="adjusted")
    assert (rows[rows["score"] != "PGS_EDU"]["p_value"] > 0.05).all()


def test_scores_dealt_out_anew_find_nothing_of_the_paper(sample):
    rng = np.random.default_rng(5)
    persons = sample.persons.copy()
    names = list(sample.score_names)
    persons[names] = persons[names].to_numpy()[rng.permutation(len(persons))]
    dealt = dataclasses.replace(sample, persons=persons, digest="dealt out")
    plan = run_plan(dealt, preset(dealt, "published-study"))
    answers = published_pattern(plan, dealt)
    as_published = sum(a.verdict == "as published" for a in answers)
    assert plan_words(plan, dealt).answer.startswith(f"{as_published} of 5 findings")
    held = {a.question: a.verdict for a in answers}
    for question, verdict in held.items():
        absence = question.startswith(("The other scores", "Own education"))
        assert absence or verdict != "as published", question
    # That others are absent needs more than p > .05.
    few = dealt.persons.index[::12]
    small = dataclasses.replace(
        dealt, persons=dealt.persons.loc[few], digest="few",
        visits=dealt.visits[dealt.visits["person"].isin(few)],
    )  # fmt: skip
    found = published_pattern(run_plan(small, preset(small, "published-study")), small)
    others = next(a for a in found if a.question.startswith("The other scores"))
    assert others.verdict != "as published"


def test_own_education_outdoes_the_score_and_takes_of_it(published):
    own = published.results["own-education"].terms("main").iloc[0]
    left = published.results["education"].terms("main", adjustment="adjusted")
    left = left.set_index("score").loc["PGS_EDU"]
    assert own["estimate"] < -1.2
    assert abs(left["estimate"]) < 0.5


def test_outlying_visits_are_left_out_and_counted(published, sample):
    lost = published.lead.n_observations - published.results["outliers"].n_observations
    assert lost > 0
    stable = published_pattern(published, sample)[-1]
    assert stable.sentence.startswith(f"{lost} outlying visits left out")


def test_each_diagnosis_is_a_step(published, sample):
    people = [
        published.results[f"only {level}"].n_persons
        for level in sample.covariate("diagnosis").levels
    ]
    assert people == [1300, 728, 640]


def test_the_table_of_the_paper_has_every_score_for_severity_and_change(published, sample):
    header, rows = paper_table(published, sample)
    assert header == ["Score", "Crude", "Adjusted", "Adjusted, without outliers"]
    assert [r[0] for r in rows if len(r) == 1] == ["Severity at the start", "Change per week"]
    assert sum(len(r) == 4 for r in rows) == 16
    frame = paper_rows(published)
    assert tuple(frame.columns) == PAPER_COLUMNS
    assert set(frame["step"]) == set(published.results)


def test_the_report_holds_table_figures_and_every_spec(published, sample):
    html = plan_report(published, sample)
    assert html.count("<svg") == 2
    assert "Simulated data" in html
    for step in published.plan.steps:
        assert step.title.replace("'", "&#x27;") in html or step.title in html
    assert "<script" not in html


def test_the_report_says_where_the_scores_come_from(published, sample):
    assert "The files do not state where the scores come from" in plan_report(published, sample)
    stated = {"PGS_EDU": Provenance("PGS_EDU", gwas="Okbay 2022")}
    assert "<td>Okbay 2022</td>" in plan_report(published, sample, provenance=stated)


def test_a_ledger_takes_each_step_with_what_was_fitted_on_the_open_data(published, sample):
    looks = list(plan_looks(published, sample))
    steps = published.plan.steps
    titles = [f"plan, {step.title}" for step in steps]
    assert [look.title for look in looks] == [*titles, "contest with education"]
    assert {look.digest for look in looks} == {sample.digest}
    assert looks[0].models == 16
    by_key = dict(zip([step.key for step in steps], looks, strict=False))
    assert by_key[LEAD].spec == steps[0].spec
    own = by_key["own-education"]
    assert (own.spec.scores, own.models) == (("education (trend)",), 1)


def test_a_step_that_failed_is_not_entered(published, sample):
    results = {k: r for k, r in published.results.items() if k != "outliers"}
    titles = [look.title for look in plan_looks(replace(published, results=results), sample)]
    assert len([t for t in titles if t.startswith("plan, ")]) == len(published.results) - 1
    assert "plan, Without outlying visits" not in titles


def test_the_published_study_is_carried_out_whole_on_the_sample(published):
    assert not published.failed
    assert published.predicted is None and published.contest is not None


def test_a_cohort_without_education_score_or_column_still_gets_the_plan():
    plan = preset(SMALL, "published-study")
    assert not plan.lead_score
    assert any("educational attainment" in text for text in plan.left_out)
    assert any("own education" in text for text in plan.left_out)
    found = run_plan(SMALL, plan)
    assert not found.failed
    assert published_pattern(found, SMALL) == []
    assert plan_words(found, SMALL).corrected == ""
    assert "survives Holm" in plan_words(found, SMALL).answer
    assert step_rows(found, SMALL) == []


def test_a_step_that_cannot_be_fitted_is_named_and_the_rest_stands():
    # PGS_A is not known for people of one diagnosis.
    persons = SMALL.persons.copy()
    visits = SMALL.visits[SMALL.visits["person"].map(persons["diagnosis"]).astype(str) != "panic"]
    found = run_plan(replace(SMALL, visits=visits), preset(SMALL, "published-study"))
    assert list(found.failed) == ["only panic"]
    assert found.lead is not None


def test_the_2019_plan_takes_one_diagnosis_on_its_own_scale(sample):
    (step,) = preset(sample, "plan-2019").steps
    assert (step.spec.outcome, step.spec.subset) == ("MADRS-S", ("diagnosis", "MDD"))
    assert "diagnosis" not in step.spec.covariates
    found = run_plan(sample, preset(sample, "plan-2019"))
    assert found.lead is not None
    assert found.lead.n_persons == 1300


def test_remission_is_defined_by_the_registry(sample):
    plan = preset(sample, "remission")
    assert plan.step(LEAD) is not None
    assert plan.steps[0].spec.definition == "remission"
    assert "10 points or less" in plan.about


def test_without_an_instrument_there_is_nothing_to_predict():
    with pytest.raises(DataError, match="definition of remission"):
        preset(SMALL, "remission")
    with pytest.raises(SpecError, match="no plan called"):
        preset(SMALL, "other")
    assert len(PRESETS) == 3


def test_follow_ups_are_no_part_of_a_plan():
    later = SMALL.visits.groupby("person", observed=True).tail(1).assign(time=60.0)
    study = replace(
        SMALL,
        visits=pd.concat([SMALL.visits, later], ignore_index=True),
        time_labels={12.0: "post", 60.0: "1 year"},
    )
    assert preset(study, "published-study").steps[0].spec.last_week == 12.5


@pytest.mark.parametrize(
    ("name", "is_education"),
    [("PGS_EDU", True), ("EA4_score", True), ("prs_edu", True), ("years_of_education", True),
     ("PGS_MDD", False), ("HEADACHE", False), ("SCHEDULE", False)],
)  # fmt: skip
def test_the_score_of_education_is_known_by_its_name(name, is_education):
    study = replace(SMALL, scores=(ScoreInfo(name, name),))
    assert education_score(study) == (name if is_education else "")


def test_the_column_of_education_is_found_in_several_languages(sample):
    assert education_covariate(sample) == "education"
    assert education_covariate(SMALL) == ""


def test_the_study_of_a_step_has_the_exposure_among_its_scores(sample):
    step = preset(sample, "published-study").step("own-education")
    assert step is not None
    assert "education (trend)" in step_study(sample, step).score_names


def test_an_outcome_is_needed():
    with pytest.raises(DataError):
        preset(replace(SMALL, outcomes=()), "published-study")
    only = replace(SMALL, outcomes=(OutcomeInfo("harmonised", "h"),))
    with pytest.raises(DataError, match="own scale"):
        preset(only, "plan-2019")
