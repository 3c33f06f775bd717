"""The ladder of random parts: when it is gone down, how far, and what is said."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt import AnalysisSpec, fit
from pgsicbt.models.grid.ladder import Step, next_rung, rung
from tests.models.example import example_study, flat

SPEC = AnalysisSpec(
    scores=("PGS_A", "PGS_B"), covariates=("age",), adjustments=("crude", "adjusted")
)
INSIDE, EDGE, FLAT = Step("a", False, False), Step("b", True, False), Step("c", True, True)


@pytest.mark.parametrize(
    ("part", "cells", "following"),
    [
        ("intercept+slope+second", [INSIDE, INSIDE], None),
        ("intercept+slope+second", [INSIDE, EDGE], "intercept+slope"),
        ("intercept+slope", [INSIDE, INSIDE], None),
        ("intercept+slope", [INSIDE, FLAT], "intercept+slope uncorrelated"),
        ("intercept+slope uncorrelated", [INSIDE, FLAT], None),
        ("intercept+slope uncorrelated", [EDGE, FLAT], None),
        ("intercept+slope uncorrelated", [FLAT, FLAT], "intercept"),
        ("intercept", [EDGE, EDGE], None),
        ("intercept+slope", [], None),
    ],
)
def test_the_rule(part, cells, following) -> None:
    assert next_rung(part, cells) == following


def test_the_random_parts_get_simpler() -> None:
    sizes = [(rung(p).q, rung(p).correlated) for p in (
        "intercept+slope+second", "intercept+slope", "intercept+slope uncorrelated", "intercept"
    )]  # fmt: skip
    assert sizes == [(3, True), (2, True), (2, False), (1, True)]


def _study(slope_sd: float, correlation: float, seed: int = 6):
    """People who differ in level (SD 12) and slope, in a few weeks with much noise."""
    study = example_study(n=150, seed=seed)
    rng = np.random.default_rng(seed)
    n = len(study.persons)
    z = rng.normal(size=(n, 2))
    level = 12 * z[:, 0]
    slope = slope_sd * (correlation * z[:, 0] + np.sqrt(1 - correlation**2) * z[:, 1])
    code = study.persons.index.get_indexer(study.visits["person"].astype(str))
    time = study.visits["time"].to_numpy()
    noise = rng.normal(0, 6, len(time))
    study.visits["value"] = 50 + level[code] + (slope[code] - 1) * time + noise
    return study


def test_a_grid_that_is_well_is_left_alone() -> None:
    result = fit(_study(0.8, 0.0), SPEC)
    assert result.random_used == "intercept+slope"
    assert not result.warnings
    assert {f.random_used for f in result.fits} == {"intercept+slope"}


def test_a_correlation_of_one_is_given_up_and_the_slope_kept() -> None:
    study = _study(0.25, 1.0)
    asis = fit(study, SPEC.replace(simplify=False))
    assert all(f.singular for f in asis.fits)
    assert {w.code for w in asis.warnings} == {"singular"}
    assert asis.random_used == "intercept+slope"
    result = fit(study, SPEC)
    assert result.random_used == "intercept+slope uncorrelated"
    assert {f.random_used for f in result.fits} == {"intercept+slope uncorrelated"}
    assert not any(f.singular for f in result.fits)
    assert all(f.random_covariance[0, 1] == 0 for f in result.fits)
    assert all("|| person)" in f.formula for f in result.fits)
    (warning,) = result.warnings
    assert warning.code == "simplified"
    assert "without correlation" in warning.message
    assert "any model" in warning.message
    assert result.spec.random == "intercept+slope"
    direct = fit(study, SPEC.replace(random="intercept+slope uncorrelated", simplify=False))
    np.testing.assert_allclose(
        result.table["estimate"].to_numpy(float), direct.table["estimate"].to_numpy(float)
    )


def test_without_any_slope_the_intercept_is_left_and_no_estimate_changes() -> None:
    study = _flat_study()
    result = fit(study, SPEC)
    assert result.random_used == "intercept"
    assert [w.code for w in result.warnings] == ["simplified"]
    assert "no estimate" in result.warnings[0].message
    kept = fit(study, SPEC.replace(random="intercept+slope uncorrelated", simplify=False))
    assert all(f.singular for f in kept.fits)
    a, b = result.table, kept.table
    np.testing.assert_allclose(
        a["estimate"].to_numpy(float), b["estimate"].to_numpy(float), rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(
        a["std_error"].to_numpy(float), b["std_error"].to_numpy(float), rtol=1e-5
    )
    for one, other in zip(result.fits, kept.fits, strict=True):
        assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-5)


def _flat_study():
    """Residuals that alternate in sign leave less than no variance for the slope."""
    study = _study(0.0, 0.0)
    frame = flat(study).sort_values(["person", "time"])
    own = frame.groupby("person")["time"].transform(lambda t: t - t.mean())
    by = (own * frame["value"]).groupby(frame["person"]).transform("sum")
    by /= (own**2).groupby(frame["person"]).transform("sum")
    # Every person's own slope becomes the same number: no variance, not even by chance.
    value = frame["value"] - (by + 1.0) * own
    study.visits["value"] = value.sort_index().to_numpy()
    return study


def test_where_some_cells_have_slopes_the_slope_stays_and_the_others_are_named() -> None:
    study = _flat_study()
    # The slope goes with PGS_A alone: a variance for the model of PGS_B, none for that of PGS_A.
    code = study.persons.index.get_indexer(study.visits["person"].astype(str))
    x = study.persons["PGS_A"].to_numpy()
    study.visits["value"] += 0.5 * (x - x.mean())[code] * study.visits["time"]
    result = fit(study, SPEC.replace(covariates=()))
    assert result.random_used == "intercept+slope uncorrelated"
    codes = [w.code for w in result.warnings]
    assert codes.count("simplified") == 1
    named = [w.message for w in result.warnings if w.code == "singular"]
    assert len(named) == 1 and named[0].startswith("PGS_A (crude)")
    assert "do not differ in their slopes" in named[0]
    assert "PGS_A (crude)" in result.warnings[codes.index("simplified")].message
    status = result.terms("interaction").set_index("score")["status"]
    assert status["PGS_A"] == "singular" and status["PGS_B"] == "ok"


def test_the_second_time_term_goes_first() -> None:
    spec = SPEC.replace(time_coding="piecewise", knot=5, random="intercept+slope+second")
    result = fit(_study(0.8, 0.0), spec)
    assert result.random_used == "intercept+slope"
    (warning,) = result.warnings
    assert "a second time term" in warning.message
    assert all(f.random_covariance.shape == (2, 2) for f in result.fits)


def test_progress_counts_every_cell_and_the_cells_fitted_anew() -> None:
    seen: list[tuple[int, int]] = []
    fit(_study(0.8, 0.0), SPEC, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(i, 4) for i in range(1, 5)]
    seen.clear()
    fit(_study(0.25, 1.0), SPEC, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(i, 4) for i in range(1, 5)] + [(i, 8) for i in range(5, 9)]


def test_what_was_used_is_in_the_json() -> None:
    text = fit(_study(0.25, 1.0), SPEC).to_json()
    assert '"random_used": "intercept+slope uncorrelated"' in text
