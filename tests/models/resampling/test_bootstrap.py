"""The cluster bootstrap against plain refits of resampled data, and its intervals."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pgsicbt import AnalysisSpec, DataError, SpecError, fit, mixed_model
from pgsicbt.models.resampling import bootstrap
from pgsicbt.models.resampling.bootstrap import COLUMNS, bca, cluster_bootstrap, resample
from pgsicbt.models.resampling.reweighter import Reweighter
from pgsicbt.models.resampling.together import empirical_influence, together
from tests.models.example import example_study, flat

SPEC = AnalysisSpec(
    scores=("PGS_A", "PGS_B"),
    covariates=("age", "sex"),
    components=("PC1",),
    adjustments=("crude", "adjusted"),
)


@pytest.fixture(scope="module")
def study():
    return example_study(n=120)


@pytest.fixture(scope="module")
def result(study):
    return fit(study, SPEC)


@pytest.fixture(scope="module")
def made(study, result):
    return cluster_bootstrap(study, result, replicates=200, seed=5)


def test_every_score_term_has_a_row(result, made) -> None:
    assert list(made.table.columns) == list(COLUMNS)
    want = result.terms("main", "interaction")
    assert list(made.table["term"]) == list(want["term"])
    assert list(made.table["model"]) == list(want["model"])
    np.testing.assert_allclose(made.table["estimate"], want["estimate"], rtol=1e-10)
    np.testing.assert_allclose(made.table["std_error"], want["std_error"], rtol=1e-10)
    assert (made.table["replicates"] == 200).all()
    assert {k: v.shape for k, v in made.draws.items()} == {
        (s, a): (200, 2) for s in SPEC.scores for a in SPEC.adjustments
    }


def test_replicates_equal_plain_refits_of_resampled_data(study, result, made) -> None:
    """The slow bootstrap: the people drawn, each copy under a name of its own, fitted anew."""
    weights = resample(np.random.default_rng(5), 120, 200)
    frame = flat(study)
    frame["z"] = (frame["PGS_A"] - study.persons["PGS_A"].mean()) / study.persons["PGS_A"].std()
    visits = dict(tuple(frame.groupby("person")))
    for b in (0, 7, 199):
        parts = [
            visits[who].assign(person=f"{who} {copy}")
            for who, times in zip(study.persons.index, weights[b], strict=True)
            for copy in range(int(times))
        ]
        model = mixed_model(
            "value ~ time * (z + age + sex) + PC1",
            pd.concat(parts),
            groups="person",
            random="1 + time",
        )
        want = model.coefficients[["z", "time:z"]].to_numpy()
        se = made.table.query("score == 'PGS_A' and model == 'adjusted'")["bootstrap_se"]
        error = (made.draws["PGS_A", "adjusted"][b] - want) / se.to_numpy()
        assert np.abs(error).max() < 0.01


def test_the_same_seed_gives_the_same_numbers_in_any_chunks(
    study, result, made, monkeypatch
) -> None:
    plain = Reweighter.__init__

    def in_small_chunks(self, *args, **options) -> None:
        plain(self, *args, **options)
        self.chunk = 17

    monkeypatch.setattr(Reweighter, "__init__", in_small_chunks)
    again = cluster_bootstrap(study, result, replicates=200, seed=5)
    np.testing.assert_allclose(
        again.draws["PGS_B", "crude"], made.draws["PGS_B", "crude"], rtol=1e-9
    )
    other = cluster_bootstrap(study, result, replicates=20, seed=6)
    assert not np.allclose(other.draws["PGS_B", "crude"], made.draws["PGS_B", "crude"][:20])
    fewer = cluster_bootstrap(
        study, result, replicates=20, seed=5, models=(result.fit_of("PGS_B", "crude"),)
    )
    assert list(fewer.draws) == [("PGS_B", "crude")]
    np.testing.assert_allclose(
        fewer.draws["PGS_B", "crude"], made.draws["PGS_B", "crude"][:20], rtol=1e-9
    )


def test_the_standard_error_is_that_of_the_model_where_the_model_holds(study, result) -> None:
    many = cluster_bootstrap(study, result, replicates=1000)
    ratio = many.table["bootstrap_se"] / many.table["std_error"]
    assert ratio.between(0.8, 1.25).all()
    assert (many.table["percentile_low"] < many.table["estimate"]).all()
    assert (many.table["bca_high"] > many.table["estimate"]).all()
    width = (many.table["percentile_high"] - many.table["percentile_low"]) / 3.92
    np.testing.assert_allclose(width, many.table["bootstrap_se"], rtol=0.1)


def test_intervals_equal_those_of_scipy_on_the_same_replicates() -> None:
    rng = np.random.default_rng(4)
    data = rng.lognormal(size=60)
    want = stats.bootstrap(
        (data,), np.mean, n_resamples=999, confidence_level=0.9, method="BCa",
        rng=np.random.default_rng(1),
    )  # fmt: skip
    jackknife = (data.sum() - data) / (len(data) - 1)
    got = bca(want.bootstrap_distribution, data.mean(), jackknife, 0.9)
    np.testing.assert_allclose(got, want.confidence_interval, rtol=1e-10)


def test_no_interval_where_all_replicates_lie_on_one_side() -> None:
    assert np.isnan(bca(np.arange(1.0, 50.0), 0.0, np.arange(9.0), 0.95)).all()


def test_change_in_another_coding_is_bootstrapped_as_a_difference(study) -> None:
    result = fit(study, SPEC.replace(time_coding="spline", adjustments=("crude",)))
    made = cluster_bootstrap(study, result, replicates=60)
    rows = made.table.query("score == 'PGS_A'").set_index("term")
    want = result.table.set_index("term").loc["change:PGS_A"]
    assert rows.loc["change:PGS_A", "estimate"] == pytest.approx(want["estimate"], rel=1e-9)
    assert rows.loc["change:PGS_A", "bootstrap_se"] == pytest.approx(want["std_error"], rel=0.4)
    assert (rows["role"] == "interaction_part").sum() == 3


def test_scores_known_for_other_people_share_the_resamples(study) -> None:
    persons = study.persons.copy()
    persons.loc[persons.index[::6], "PGS_B"] = np.nan
    some = dataclasses.replace(study, persons=persons)
    result = fit(some, SPEC)
    made = cluster_bootstrap(some, result, replicates=40, seed=5)
    whole = cluster_bootstrap(study, fit(study, SPEC), replicates=40, seed=5)
    np.testing.assert_allclose(made.draws["PGS_A", "crude"], whole.draws["PGS_A", "crude"])
    assert not np.allclose(made.draws["PGS_B", "crude"], whole.draws["PGS_B", "crude"])
    assert list(made.table["score"]) == [f.score for f in result.fits for _ in range(2)]


def test_a_model_without_a_score_has_all_its_coefficients(study) -> None:
    result = fit(study, SPEC.replace(scores=()))
    made = cluster_bootstrap(study, result, replicates=30)
    names = result.fits[1].fixed.names
    assert tuple(made.table.query("model == 'adjusted'")["term"]) == names


def test_progress_ends_at_the_end_and_may_stop_the_work(study, result) -> None:
    seen: list[tuple[int, int]] = []
    cluster_bootstrap(study, result, replicates=30, progress=lambda *at: seen.append(at))
    assert seen[-1] == (120, 120)
    assert all(a < b for (a, _), (b, _) in pairwise(seen))

    class StoppedError(Exception):
        pass

    def stop(done: int, of: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        cluster_bootstrap(study, result, replicates=30, progress=stop)
    again = cluster_bootstrap(study, result, replicates=30, seed=5)
    assert np.isfinite(again.table["bca_low"]).all()


@pytest.mark.parametrize("bad", [{"replicates": 1}, {"seed": -1}, {"confidence": 1.5}])
def test_what_makes_no_sense_is_refused(study, result, bad) -> None:
    with pytest.raises(SpecError):
        cluster_bootstrap(study, result, **bad)


def test_another_study_is_refused(result) -> None:
    other = dataclasses.replace(example_study(n=120), digest="other")
    with pytest.raises(DataError, match="not made from this study"):
        cluster_bootstrap(other, result, replicates=5)


def test_few_replicates_give_a_standard_error_and_no_interval(study, result) -> None:
    made = cluster_bootstrap(study, result, replicates=bootstrap.LEAST - 1)
    assert np.isfinite(made.table["bootstrap_se"]).all()
    assert made.table["bca_low"].isna().all()


@pytest.mark.parametrize("score", ["PGS_A", ""])
def test_empirical_influence_is_leaving_out_to_first_order(study, score) -> None:
    scores = (score,) if score else ()
    result = fit(study, SPEC.replace(scores=scores, adjustments=("adjusted",)))
    (group,) = together(study, result)
    (without,) = group.way.jackknife()
    away = result.fits[0].fixed.estimates - without
    quick = empirical_influence(group, result.fits[0])
    assert np.abs(quick.sum(axis=0)).max() < 1e-8 * np.abs(quick).sum()
    for k in range(quick.shape[1]):
        assert np.corrcoef(quick[:, k], away[:, k])[0, 1] > 0.999
    np.testing.assert_allclose(away.std(axis=0), quick.std(axis=0), rtol=0.1)
