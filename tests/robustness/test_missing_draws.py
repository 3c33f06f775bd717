"""What is filled in: held against the R package pan, against REML, and against the truth."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pgsicbt
from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.robustness.imputation import impute
from pgsicbt.robustness.missing_visits import missed_visits
from pgsicbt.study import CovariateInfo
from tests.models.example import WEEKS
from tests.robustness.missing_example import REFERENCE, SPEC, leaving_study

PAN: dict[str, Any] = json.loads((REFERENCE / "missing.json").read_text(encoding="utf-8"))["draws"]


def test_filled_in_values_are_those_of_pan() -> None:
    study = leaving_study(seed=5, n=50)
    made = impute(study, SPEC, 500, auxiliaries=(), seed=3, thin=3)
    place = study.persons.index.get_indexer(made.sample.persons.index)
    mine = pd.DataFrame(
        {
            "id": place[made.missed.code] + 1, "week": made.missed.week,
            "mine": made.values.mean(axis=0), "mine_sd": made.values.std(axis=0),
        }
    )  # fmt: skip
    known = pd.DataFrame(PAN["cells"]).assign(mean=PAN["mean"], sd=PAN["sd"])
    both = mine.merge(known, on=["id", "week"])
    assert len(both) == len(mine) == len(known)
    off = (both["mine"] - both["mean"]) / both["sd"]
    assert np.abs(off).max() < 0.3  # two samplers of 500 and 1,000 draws
    assert abs(off.mean()) < 0.05
    # pan's prior of the covariance is not flat and draws it a tenth smaller with 50 people
    ratio = both["mine_sd"] / both["sd"]
    assert 0.95 < ratio.mean() < 1.1


def test_variances_are_drawn_around_reml() -> None:
    study = leaving_study(n=300)
    made = impute(study, SPEC, 150, auxiliaries=(), thin=4)
    fit = pgsicbt.fit(study, SPEC).fits[0]
    known = [*np.diag(fit.random_covariance), fit.residual_variance]
    mean, sd = made.trace.mean(axis=0), made.trace.std(axis=0)
    assert (np.abs(mean - known) < sd).all()
    assert (sd / mean > 0.02).all()  # drawn, not fixed


def test_what_was_missed_is_found() -> None:
    study = leaving_study(n=60)
    sample = analysis_sample(study, SPEC)
    missed = missed_visits(sample)
    assert missed.levels.tolist() == WEEKS.tolist()
    assert missed.seen.sum() + len(missed.code) == 60 * len(WEEKS)
    last = np.array([sample.time[sample.code == i].max() for i in range(60)])
    assert (missed.left == (missed.week > last[missed.code])).all()
    gone = np.maximum(missed.week - last[missed.code], 0)
    assert missed.gone.tolist() == gone.tolist()
    assert missed.leavers.tolist() == (last < 12).tolist()


def test_completed_study_has_every_visit_and_keeps_what_was_seen() -> None:
    study = leaving_study(n=60)
    made = impute(study, SPEC, 2)
    first, second = made.completed(0), made.completed(1)
    assert len(first.visits) == 60 * len(WEEKS)
    assert len({study.digest, first.digest, second.digest}) == 3
    seen = study.visits.astype({"person": str}).set_index(["person", "time"])["value"]
    now = first.visits.astype({"person": str}).set_index(["person", "time"])["value"]
    assert now.reindex(seen.index).to_numpy() == pytest.approx(seen.to_numpy())
    moved = made.completed(0, np.ones(len(made.missed.code)), "one more")
    assert moved.digest != first.digest
    assert moved.visits["value"].sum() - first.visits["value"].sum() == pytest.approx(
        len(made.missed.code)
    )


def test_the_same_seed_draws_the_same() -> None:
    study = leaving_study(n=60)
    one, two = (impute(study, SPEC, 2, seed=7).values for _ in range(2))
    assert (one == two).all()
    assert not (one == impute(study, SPEC, 2, seed=8).values).any()


@pytest.mark.parametrize("which", ["between", "after leaving"])
def test_only_some_kinds_of_missed_visits(which: Any) -> None:
    study = leaving_study(n=60)
    made = impute(study, SPEC, 2, which=which)
    everything = missed_visits(made.sample)
    assert 0 < len(made.missed.code) < len(everything.code)
    assert (made.missed.left == (which == "after leaving")).all()


def test_outliers_left_out_stay_out() -> None:
    study = leaving_study(n=120)
    spec = SPEC.replace(outliers="residual")
    made = impute(study, spec, 2)
    assert made.plain_spec.outliers == "none"
    assert len(made.sample.value) <= len(study.visits)


def test_an_outcome_on_another_scale() -> None:
    study = leaving_study(n=60)
    mood = replace(study.outcomes[0], name="mood")
    study = replace(study, outcomes=(mood,), visits=study.visits.assign(outcome="mood"))
    made = impute(study, SPEC.replace(outcome="mood:z"), 2)
    found = pgsicbt.fit(made.completed(0), made.plain_spec)
    assert found.n_observations == 60 * len(WEEKS)
    assert np.abs(made.values).max() < 10


def test_an_auxiliary_covariate_that_is_missing_for_some() -> None:
    study = leaving_study(n=120)
    persons = study.persons.assign(job=np.where(np.arange(120) % 4 == 0, None, "yes"))
    persons.loc[persons.index[:40], "job"] = "no"
    covariates = (
        *study.covariates,
        CovariateInfo("job", "job", "categorical", levels=("no", "yes")),
    )
    study = replace(study, persons=persons, covariates=covariates)
    made = impute(study, SPEC, 2)
    assert made.auxiliaries == ("sex", "diagnosis", "job")
    assert np.isfinite(made.values).all()


def test_a_score_that_is_missing_for_some_is_named() -> None:
    study = leaving_study(n=120)
    persons = study.persons.copy()
    persons.iloc[:20, persons.columns.get_loc("PGS_A")] = np.nan
    made = impute(replace(study, persons=persons), SPEC, 2)
    assert [f.code for f in made.findings] == ["score_missing"]
    assert pgsicbt.fit(made.completed(0), made.plain_spec).n_persons == 100


def test_refusals() -> None:
    study = leaving_study(n=60)
    with pytest.raises(SpecError, match="cannot be filled in"):
        impute(study, SPEC.replace(family="dropout"))
    with pytest.raises(SpecError, match="One completed data set"):
        impute(study, SPEC, 1)
    whole = impute(study, SPEC, 2).completed(0)
    with pytest.raises(FitError, match="Nobody missed"):
        impute(whole, SPEC, 2)
    rng = np.random.default_rng(1)
    any_day = study.visits.assign(time=rng.uniform(0, 200, len(study.visits)))
    with pytest.raises(FitError, match="no plan"):
        impute(replace(study, visits=any_day), SPEC, 2)


def test_progress_can_stop_it() -> None:
    class StoppedError(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        impute(leaving_study(n=60), SPEC, 2, progress=stop)
