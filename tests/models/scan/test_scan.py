"""The scan against the grid, whatever the source, the block and the gaps."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pgsicbt import AnalysisSpec, DataError, FitError, SpecError, fit
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.scan import scan_pass, scan_run
from pgsicbt.models.scan.scan import scan
from pgsicbt.models.scan.scan_base import Bases
from pgsicbt.models.scan.scan_result import SCAN_COLUMNS, ScanResult
from pgsicbt.models.scan.score_source import ParquetScores
from pgsicbt.study import ScoreInfo, Study
from tests.models.example import example_study

SPEC = AnalysisSpec(
    covariates=("age", "sex", "diagnosis"), components=("PC1",), adjustments=("adjusted",)
)
NAMES = tuple(f"S{j}" for j in range(12))
NUMBERS = ["estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high"]


def _scores(study: Study, seed: int = 5) -> np.ndarray:
    """Twelve scores; the first two carry the planted effects of PGS_A."""
    rng = np.random.default_rng(seed)
    n = len(study.persons)
    x = rng.normal(100.0, 4.0, (n, len(NAMES)))
    x[:, 0] = study.persons["PGS_A"]
    x[:, 1] = study.persons["PGS_A"] + rng.normal(0, 1, n)
    return x


def _with_scores(study: Study, x: np.ndarray) -> Study:
    frame = pd.DataFrame(x, index=study.persons.index, columns=list(NAMES))
    return Study(
        persons=study.persons.join(frame),
        visits=study.visits,
        scores=tuple(ScoreInfo(n, n) for n in NAMES),
        outcomes=study.outcomes,
        covariates=study.covariates,
        ledger=(),
        findings=(),
        digest="example",
    )


def _compare_exact(result: ScanResult, study: Study, x: np.ndarray, spec: AnalysisSpec) -> None:
    grid = fit(_with_scores(study, x), spec.replace(scores=NAMES)).terms("main", "interaction")
    grid = grid.set_index(["score", "role"])
    exact = result.table[result.table["exact"]].set_index(["score", "role"])
    assert len(exact) == 2 * len(NAMES)
    want = grid.loc[exact.index]
    np.testing.assert_allclose(
        (exact["estimate"] - want["estimate"]) / want["std_error"], 0, atol=1e-7
    )
    np.testing.assert_allclose(exact["std_error"], want["std_error"], rtol=1e-7)
    # The last step of a fit leaves degrees of freedom where it began, so they depend a little
    # on where the fit began.
    np.testing.assert_allclose(exact["df"], want["df"], rtol=5e-4)
    np.testing.assert_allclose(exact["p_value"], want["p_value"], rtol=1e-4, atol=1e-12)
    np.testing.assert_allclose(exact["p_adjusted"], want["p_adjusted"], rtol=1e-4, atol=1e-12)
    assert exact["term"].tolist() == want["term"].tolist()
    assert exact["n_persons"].tolist() == want["n_persons"].tolist()
    assert exact["n_observations"].tolist() == want["n_observations"].tolist()


@pytest.mark.parametrize(
    "spec",
    [
        SPEC,
        SPEC.replace(adjustments=("crude",), reml=False, score_scale="as_given"),
        SPEC.replace(random="intercept", time_unit="month", df="normal"),
        SPEC.replace(adjustments=("complete",), subset=("diagnosis", "MDD"), last_week=8.0),
    ],
)
def test_exact_rows_are_the_grid_and_the_others_are_close(spec: AnalysisSpec) -> None:
    study = example_study()
    x = _scores(study)
    exact = scan(study, spec, x, names=NAMES, refit_below=1.0)
    _compare_exact(exact, study, x, spec)
    rough = scan(study, spec, x, names=NAMES, refit_below=None, refit_top=0)
    assert rough.n_exact == 0
    a, b = rough.table, exact.table
    null = ~a["score"].isin(["S0", "S1"])
    gap = ((a["estimate"] - b["estimate"]) / b["std_error"]).abs()
    ratio = (a["std_error"] / b["std_error"] - 1).abs()
    p = np.log10(a["p_value"] / b["p_value"]).abs()
    assert gap[null].max() < 0.01
    assert ratio[null].max() < 0.003
    assert p[null].max() < 0.01
    assert gap.max() < 0.1
    assert ratio.max() < 0.05
    reach = a["conf_high"] - a["estimate"]
    want = stats.t.ppf(0.975, a["df"]) * a["std_error"]
    np.testing.assert_allclose(reach, want, rtol=1e-7)
    np.testing.assert_allclose(a["p_value"], 2 * stats.t.sf(a["statistic"].abs(), a["df"]))


def test_the_approximation_is_the_model_at_the_variance_without_a_score(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scan_pass, "correction", lambda *_, **__: None)
    study = example_study(n=60)
    x = _scores(study)
    spec = SPEC.replace(adjustments=("crude",))
    result = scan(study, spec, x, names=NAMES, refit_below=None, refit_top=0)
    base = result.base
    assert base is not None
    visits = study.outcome_visits("harmonised")
    code = study.persons.index.get_indexer(visits["person"].astype(str))
    t = visits["time"].to_numpy()
    z = np.column_stack([np.ones_like(t), t])
    v = np.eye(len(t)) + (code[:, None] == code) * (z @ base.relative @ z.T)
    s = (x[:, 3] - x[:, 3].mean()) / x[:, 3].std(ddof=1)
    columns = np.column_stack([z, s[code], s[code] * t])
    w = np.linalg.solve(v, columns)
    y = visits["value"].to_numpy()
    cov = np.linalg.inv(columns.T @ w)
    b = cov @ (w.T @ y)
    r = y - columns @ b
    sigma2 = r @ np.linalg.solve(v, r) / (len(y) - 4)
    row = result.table[result.table["score"] == "S3"]
    np.testing.assert_allclose(row["estimate"], b[2:], rtol=1e-9)
    np.testing.assert_allclose(row["std_error"], np.sqrt(sigma2 * np.diag(cov)[2:]), rtol=1e-9)


@pytest.mark.parametrize(
    ("spec", "q", "correlated"),
    [
        (SPEC, 2, True),
        (SPEC.replace(reml=False), 2, True),
        (SPEC.replace(random="intercept+slope uncorrelated"), 2, False),
        (SPEC.replace(random="intercept"), 1, True),
    ],
)
def test_the_correction_moves_the_variance_to_where_the_score_puts_it(
    spec: AnalysisSpec, q: int, correlated: bool
) -> None:
    study = example_study(n=400)
    # What covariates explain of a score is approximated, so one score leans on one of them.
    x = _scores(study)[:, :4]
    x[:, 3] += 4.0 * study.persons["PC1"]
    base = Bases(study, spec, analysis_sample(study, spec)).of(None)
    assert base.weights is not None
    assert base.cp is not None
    assert base.fit is not None
    found = scan_pass.effects(base.weights, scan_pass.products(base.weights, x.T))
    for j in range(4):
        fit = fit_lmm(base.cp.with_score(x[:, j], ("a", "b")), q=q, correlated=correlated,
                      reml=spec.reml)  # fmt: skip
        moved = base.weights.moved(base.fit.relative, found.step[:, j])
        free = base.weights.correction.pairs
        all_of_it = np.array([fit.relative[e] - base.fit.relative[e] for e in free])
        left = np.array([fit.relative[e] - moved[e] for e in free])
        scale = np.array([base.fit.relative[e[0], e[0]] * base.fit.relative[e[1], e[1]]
                          for e in free]) ** 0.5  # fmt: skip
        assert np.abs(left / scale).max() < 0.1 * np.abs(all_of_it / scale).max() + 1e-4
        assert j > 1 or np.abs(all_of_it / scale).max() > 0.01


def test_scores_that_follow_a_covariate_are_corrected_as_well_as_others() -> None:
    study = example_study(n=800)
    x = np.random.default_rng(4).normal(size=(800, 10))
    x += 0.5 * study.persons["PGS_A"].to_numpy()[:, None] * np.linspace(0, 1, 10)
    x += 2.0 * study.persons["PC1"].to_numpy()[:, None]
    a = scan(study, SPEC, x, refit_below=None, refit_top=0).table
    b = scan(study, SPEC, x, refit_below=1.0).table
    assert b["statistic"].abs().max() > 3
    assert (a["statistic"] - b["statistic"]).abs().max() < 0.01


def _hardly_a_slope() -> Study:
    study = example_study(n=40, seed=7)
    visits = study.visits[study.visits["time"].isin([0.0, 1.0, 2.0])]
    return dataclasses.replace(study, visits=visits)


def test_a_fit_on_its_boundary_is_not_corrected() -> None:
    study, spec = _hardly_a_slope(), SPEC.replace(adjustments=("crude",), simplify=False)
    result = scan(study, spec, _scores(study), refit_below=None, refit_top=0)
    assert result.base is not None
    assert result.base.singular
    assert "singular" in {w.code for w in result.warnings}
    assert np.isinf(result.table["df"]).all()
    assert np.isfinite(result.table["p_value"]).all()


def test_a_random_part_that_the_data_cannot_carry_is_simplified_for_all_scores() -> None:
    study, spec = _hardly_a_slope(), SPEC.replace(adjustments=("crude",))
    x = _scores(study)
    result = scan(study, spec, x, refit_below=1.0)
    assert result.random_used == "intercept"
    assert "simplified" in {w.code for w in result.warnings}
    want = scan(study, spec.replace(random="intercept"), x, refit_below=1.0)
    pd.testing.assert_frame_equal(result.table, want.table)


def test_scores_far_from_zero_lose_no_digits() -> None:
    study = example_study()
    x = _scores(study)
    want = scan(study, SPEC, x, refit_below=None, refit_top=0).table
    for shift, scale in ((1e6, 1.0), (-3e4, 1e-3), (0.0, 1e9)):
        got = scan(study, SPEC, shift + scale * x, refit_below=None, refit_top=0).table
        np.testing.assert_allclose(got["statistic"], want["statistic"], atol=2e-4)
        np.testing.assert_allclose(got["std_error"], want["std_error"], rtol=2e-4)


def test_threshold_and_top_choose_what_is_fitted_exactly() -> None:
    study = example_study(n=800)
    x = _scores(study)
    by_p = scan(study, SPEC, x, names=NAMES, refit_below=1e-6, refit_top=0).table
    assert set(by_p.loc[by_p["exact"], "score"]) == {"S0", "S1"}
    top = scan(study, SPEC, x, names=NAMES, refit_below=None, refit_top=5)
    assert top.n_exact == 5
    assert {"S0", "S1"} <= set(top.table.loc[top.table["exact"], "score"])


@pytest.mark.parametrize("threshold", [0.3, 0.05, 0.005])
def test_no_score_that_is_below_the_threshold_when_fitted_is_left_approximate(
    threshold: float,
) -> None:
    study = example_study(n=120)
    a = study.persons["PGS_A"].to_numpy()[:, None]
    x = a * np.linspace(0, 1, 80) + np.random.default_rng(2).normal(0, 2, (120, 80))
    exact = scan(study, SPEC, x, refit_below=1.0).table
    some = scan(study, SPEC, x, refit_below=threshold, refit_top=0)
    below = exact.groupby("score")["p_value"].min() <= threshold
    fitted = some.table.groupby("score")["exact"].first()
    assert below.any()
    assert fitted[below].all()
    assert some.n_exact < 80


@pytest.mark.parametrize("block", [1, 5, 12, 1000])
def test_the_size_of_blocks_does_not_matter(block: int) -> None:
    study = example_study()
    x = _scores(study)
    x[::7, 4] = np.nan
    seen: list[tuple[int, int]] = []
    want = scan(study, SPEC, x, names=NAMES, refit_top=3).table
    got = scan(
        study,
        SPEC,
        x,
        names=NAMES,
        refit_top=3,
        block=block,
        progress=lambda done, total: seen.append((done, total)),
    ).table
    pd.testing.assert_frame_equal(got, want, rtol=1e-9)
    scans = -(-12 // block)
    assert seen[scans - 1] == (12, 12)
    assert seen[-1][0] == seen[-1][1] == 12 + int(got["exact"].sum()) // 2
    assert len(seen) == scans + -(-(seen[-1][0] - 12) // block)


def test_a_score_with_gaps_is_fitted_on_its_own_people_as_in_the_grid() -> None:
    study = example_study()
    study.persons.loc[study.persons.index[3], "age"] = np.nan
    x = _scores(study)
    x[:40, 2] = np.nan
    x[:40, 3] = np.nan
    x[10:200, 5] = np.nan
    _compare_exact(scan(study, SPEC, x, names=NAMES, refit_below=1.0), study, x, SPEC)
    rough = scan(study, SPEC, x, names=NAMES, refit_below=None, refit_top=0).table
    n = rough.set_index("score")["n_persons"]
    assert (n["S0"].iloc[0], n["S2"].iloc[0], n["S5"].iloc[0]) == (299, 260, 109)
    kept = np.ones(300, dtype=bool)
    kept[:40] = False
    part = Study(
        study.persons[kept],
        study.visits[study.visits["person"].astype(str).isin(study.persons.index[kept])],
        (),
        study.outcomes,
        study.covariates,
        (),
        (),
        "",
    )
    alone = scan(part, SPEC, x[kept], names=NAMES, refit_below=None, refit_top=0).table
    a = rough.loc[rough["score"] == "S2", NUMBERS].to_numpy()
    b = alone.loc[alone["score"] == "S2", NUMBERS].to_numpy()
    np.testing.assert_allclose(a, b, rtol=1e-6)


def test_scores_without_an_effect_to_estimate_are_named_and_the_rest_holds() -> None:
    study = example_study()
    x = _scores(study)
    want = scan(study, SPEC, x, names=NAMES).table.set_index("score")
    x[:, 2] = 7.0
    x[:, 3] = np.nan
    x[:, 4] = 3 * study.persons["age"] + 1
    x[5, 6] = np.inf
    x[3:, 7] = np.nan
    result = scan(study, SPEC, x, names=NAMES)
    got = result.table.set_index("score")
    bad = ["S2", "S3", "S4", "S6", "S7"]
    assert (got.loc[bad, "status"] == "failed").all()
    assert got.loc[bad, NUMBERS].isna().all(axis=None)
    codes = {w.column: w.code for w in result.warnings if w.column in bad}
    assert codes["S2"] == "constant_score"
    assert codes["S3"] == "nobody_left"
    assert codes["S4"] == "rank_deficient"
    assert codes["S6"] == "not_finite"
    assert codes["S7"]
    assert all(w.column in w.message for w in result.warnings if w.column in bad)
    fine = [n for n in NAMES if n not in bad]
    exact = got.loc[fine, "exact"] & want.loc[fine, "exact"]
    assert exact.any()
    pd.testing.assert_frame_equal(
        got.loc[fine, NUMBERS][exact], want.loc[fine, NUMBERS][exact], rtol=1e-9
    )


def test_one_bad_score_of_many_leaves_no_warning_of_numpy(recwarn: pytest.WarningsRecorder) -> None:
    study = example_study()
    x = _scores(study)
    x[:, 1], x[:, 2] = 0.0, np.inf
    scan(study, SPEC, x, names=NAMES)
    assert not recwarn.list


@pytest.fixture
def parquet_file(tmp_path: Path) -> tuple[Path, Study, np.ndarray]:
    study = example_study()
    x = _scores(study)
    x[4:9, 6] = np.nan
    frame = pd.DataFrame(x, columns=list(NAMES))
    frame.insert(0, "person_number", np.arange(len(frame)))
    frame["batch"] = "b"
    path = tmp_path / "scores.parquet"
    frame.to_parquet(path, index=False, row_group_size=70)
    return path, study, x


def test_parquet_is_the_matrix(parquet_file: tuple[Path, Study, np.ndarray]) -> None:
    path, study, x = parquet_file
    want = scan(study, SPEC, x, names=NAMES).table
    by_name = scan(study, SPEC, path, names=NAMES, block=5).table
    pd.testing.assert_frame_equal(by_name, want, rtol=1e-9)
    rest = scan(study, SPEC, ParquetScores(path, leave_out=("person_number",))).table
    pd.testing.assert_frame_equal(rest, want, rtol=1e-9)


def test_rows_and_index_say_whose_score_it_is() -> None:
    study = example_study()
    x = _scores(study)
    want = scan(study, SPEC, x, names=NAMES).table
    order = np.random.default_rng(1).permutation(len(x))
    where = np.empty_like(order)
    where[order] = np.arange(len(x))
    pd.testing.assert_frame_equal(
        scan(study, SPEC, x[order], names=NAMES, rows=where).table, want, rtol=1e-6
    )
    frame = pd.DataFrame(x[order], index=study.persons.index[order], columns=list(NAMES))
    pd.testing.assert_frame_equal(scan(study, SPEC, frame).table, want, rtol=1e-6)
    fewer = scan(study, SPEC, frame.iloc[:250])
    assert fewer.n_persons == 250
    assert fewer.ledger[-1].lost_persons == 50
    gone = x.copy()
    gone[order[250:]] = np.nan
    masked = scan(study, SPEC, gone, names=NAMES).table
    pd.testing.assert_frame_equal(fewer.table[NUMBERS], masked[NUMBERS], rtol=1e-6)


def test_a_result_names_its_columns_and_adjusts_over_all_scores() -> None:
    study = example_study()
    result = scan(study, SPEC.replace(multiplicity="bonferroni"), _scores(study))
    assert tuple(result.table.columns) == SCAN_COLUMNS
    assert result.table["score"].iloc[0] == "score_1"
    assert result.table["term"].iloc[1] == "time:score_1"
    np.testing.assert_allclose(
        result.table["p_adjusted"], np.minimum(result.table["p_value"] * 12, 1)
    )


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"spec": AnalysisSpec()}, SpecError, "one model per score"),
        ({"block": 0}, SpecError, "at least one score"),
        ({"names": ("a",)}, DataError, "1 names for 12"),
        ({"names": ("a",) * 12}, DataError, "Two scores are called a"),
        ({"scores": np.zeros((4, 2)), "names": None}, DataError, "4 rows for 300 people"),
        ({"scores": np.zeros((300, 0)), "names": None}, DataError, "no score to scan"),
        ({"scores": np.zeros(300), "names": None}, DataError, "must be a matrix"),
        ({"scores": np.zeros((300, 2)), "names": None}, FitError, "is the same for everyone"),
        ({"rows": np.full(300, -1)}, DataError, "Nobody analysed"),
        ({"rows": np.full(300, 300)}, DataError, "do not fit"),
        ({"spec": SPEC.replace(first_week=12.0)}, FitError, "too few visits"),
        ({"spec": SPEC.replace(time_coding="categorical")}, SpecError, "straight line"),
        ({"spec": SPEC.replace(errors="CR2")}, SpecError, "errors from the model only"),
        ({"spec": SPEC.replace(bootstrap=100)}, SpecError, "errors from the model only"),
    ],
)
def test_what_cannot_be_scanned_is_refused(change, error, words) -> None:
    study = example_study()
    asked = {"spec": SPEC, "scores": _scores(study), "names": NAMES} | change
    spec, scores = asked.pop("spec"), asked.pop("scores")
    with pytest.raises(error, match=words):
        scan(study, spec, scores, **asked)


@pytest.mark.parametrize(
    ("names", "words"), [(("batch",), "batch is not numeric"), (("S99",), "S99 is not there")]
)
def test_columns_of_a_file_that_are_no_scores_are_named(
    parquet_file: tuple[Path, Study, np.ndarray], names, words
) -> None:
    path, study, _ = parquet_file
    with pytest.raises(DataError, match=words):
        scan(study, SPEC, path, names=names)
    with pytest.raises(DataError, match=words.split()[0]):
        scan(study, SPEC, pd.read_parquet(path), names=names)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"scores\.parquet cannot be read") as caught:
        scan(example_study(), SPEC, path)
    assert str(tmp_path) not in str(caught.value)


def test_a_score_whose_model_did_not_converge_is_in_no_family(monkeypatch) -> None:
    study = example_study(n=80)
    spec = AnalysisSpec(adjustments=("crude",), multiplicity="bonferroni")
    scores = study.persons[["PGS_A", "PGS_B", "PGS_C"]]
    whole = scan(study, spec, scores, refit_below=1.0).table.set_index(["score", "role"])
    assert (whole["status"] == "ok").all()

    def stuck(cp, **how):
        made = fit_lmm(cp, **how)
        b = made.fixed.estimates[made.fixed.names.index("the score")]
        mine = bool(np.isclose(b, whole["estimate"]["PGS_B", "main"]))
        return dataclasses.replace(made, converged=not mine)

    monkeypatch.setattr(scan_run, "fit_lmm", stuck)
    table = scan(study, spec, scores, refit_below=1.0).table.set_index(["score", "role"])
    assert table["status"]["PGS_B", "main"] == "failed"
    assert np.isnan(table["p_adjusted"]["PGS_B", "main"])
    p = table["p_value"]["PGS_A", "main"]
    assert table["p_adjusted"]["PGS_A", "main"] == pytest.approx(min(2 * p, 1))
