"""Cluster bootstrap and influence: seconds, ratio to plain refits, and the error of the fast way.

    python -m benchmarks.bootstrap [--replicates 1000]

The sample cohort, eight scores in the crude, adjusted and complete model. A plain refit is timed
in three forms: the engine with weights for each replicate (nothing rebuilt), the engine on the
resampled visits, and lme4 on them where Rscript is there. The error is measured against the
engine with weights, on the cohort and on small and boundary data made for it.
Writes benchmarks/results/bootstrap.md.
"""

from __future__ import annotations

import argparse
import datetime
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import pgsicbt
from benchmarks.engine import LME4, long_frame
from pgsicbt.models.engine.crossproducts import cross_products
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.rebuild import one_cell
from pgsicbt.models.resampling.bootstrap import cluster_bootstrap, resample
from pgsicbt.models.resampling.influence import influence
from pgsicbt.models.resampling.reweighting import person_products, reweighted
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.sample import sample_files
from pgsicbt.study import Study

HERE = Path(__file__).parent
SCORE = "PGS_EDU"
R_CODE = (
    "suppressMessages(library(lme4)); a <- commandArgs(TRUE); d <- read.csv(a[1]);"
    " cat(system.time(lmer(as.formula(a[2]), d))[['elapsed']])"
)


def _timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _peak() -> float:
    """Largest memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass(frozen=True)
class Case:
    """Visit-level arrays of one model."""

    design: Array
    outcome: Array
    basis: Array
    person: Array
    q: int = 2
    correlated: bool = True
    reml: bool = True


def compare(case: Case, replicates: int, seed: int) -> tuple[str, float, float]:
    """A row of the table of errors, and seconds per replicate of the fast and the plain way."""
    names = tuple(f"x{j}" for j in range(case.design.shape[1]))
    code = case.person.astype(np.intp)
    cp = cross_products(names, case.design, case.outcome, case.basis, code)
    persons = person_products(names, case.design, case.outcome, code)
    fit: LmmFit = fit_lmm(cp, q=case.q, correlated=case.correlated, reml=case.reml)
    weights = resample(np.random.default_rng(seed), cp.n_persons, replicates)
    start = time.perf_counter()
    fast = reweighted(cp, persons, fit, weights)
    middle = time.perf_counter()
    exact = reweighted(cp, persons, fit, weights, exact=True)
    end = time.perf_counter()
    se = np.nanstd(exact.estimates, axis=0, ddof=1)
    error = np.nanmax(np.abs(fast.estimates - exact.estimates) / se, axis=1)
    ratio = np.abs(np.nanstd(fast.estimates, axis=0, ddof=1) / se - 1).max()
    spread = np.maximum(exact.relative.std(axis=0), 1e-12)
    psi = (np.abs(fast.relative - exact.relative) / spread).max(axis=(1, 2))
    values = np.linalg.eigvalsh(exact.relative)
    on = np.mean(values[:, 0] < 1e-8 * values[:, -1]) if case.q > 1 else 0.0
    row = (
        f"{cp.n_persons:,} | {len(names)} | {on:.0%} | {fast.exact.mean():.0%} "
        f"| {np.quantile(error, 0.5):.0e} | {error.max():.0e} | {ratio:.0e} "
        f"| {np.quantile(psi, 0.95):.0e}"
    )
    return row, (middle - start) / replicates, (end - middle) / replicates


def made_up(
    seed: int, n: int, slope: float = 0.4, keep: float = 0.85, extra: int = 0, **options: object
) -> Case:
    """Six weekly visits, a score, ``extra`` covariates, and a variance of slopes between people."""
    rng = np.random.default_rng(seed)
    t, code = np.tile(np.arange(6.0), n), np.repeat(np.arange(n), 6)
    there = (rng.random(len(code)) < keep) | (t < 2)
    x = rng.normal(size=n)
    u = rng.multivariate_normal([0, 0], [[60, 0], [0, slope]], n)
    y = 50 + 1.5 * x[code] + u[code, 0] + (-1.5 + u[code, 1]) * t + rng.normal(0, 4, len(code))
    columns = [np.ones_like(t), t, x[code], x[code] * t]
    columns += [rng.normal(size=n)[code] for _ in range(extra)]
    basis = np.column_stack([np.ones_like(t), t, t**2])
    return Case(
        np.column_stack(columns)[there],
        y[there],
        basis[there],
        code[there],
        **options,  # type: ignore[arg-type]
    )


def small_and_boundary() -> list[str]:
    """Rows of the table of errors on made-up data."""
    rows = []
    for label, case in (
        ("20 people", made_up(1, 20)),
        ("40 people", made_up(1, 40)),
        ("40, no variance of slopes", made_up(2, 40, slope=0.0)),
        ("40, little variance of slopes", made_up(2, 40, slope=0.1)),
        ("40, the same, uncorrelated", made_up(2, 40, slope=0.1, correlated=False)),
        ("40, intercept only", made_up(2, 40, q=1)),
        ("40, three random terms", made_up(6, 40, q=3)),
        ("40, few visits, ML", made_up(5, 40, keep=0.3, reml=False)),
        ("40, few visits, ten columns", made_up(5, 40, keep=0.3, extra=6)),
        ("100 people", made_up(1, 100)),
        ("400 people", made_up(1, 400)),
        ("400, no variance of slopes", made_up(2, 400, slope=0.0)),
        ("400, few visits, ten columns", made_up(5, 400, keep=0.3, extra=6)),
        ("2,000, few visits", made_up(5, 2000, keep=0.3)),
    ):
        row, fast, plain = compare(case, 300, 3)
        rows.append(f"| {label} | {row} | {plain / fast:.0f} |")
        print(rows[-1])
    return rows


def speed(study: Study, result: Result, replicates: int) -> list[str]:
    """Seconds of the grid, by adjustment and as a whole."""
    adjustments = result.spec.adjustments
    rows = []
    for chosen in (*((a,) for a in adjustments), adjustments):
        models = tuple(f for f in result.fits if f.adjustment in chosen)
        cluster_bootstrap(study, result, replicates=20, models=models)

        def run(models: tuple[ModelFit, ...] = models) -> object:
            return cluster_bootstrap(study, result, replicates=replicates, models=models)

        took = np.median([_timed(run) for _ in range(2)])
        rows.append(
            f"| {', '.join(chosen)} | {len(models)} | {took:.1f} "
            f"| {1e3 * took / replicates / len(models):.2f} |"
        )
        print(rows[-1])
    return rows


def plain_refits(study: Study, result: Result, per_refit: float) -> list[str]:
    """One refit in the adjusted model in three plain forms, and their ratios to the fast way."""
    people, model = one_cell(study, result, SCORE, "adjusted")
    x, code = people.columns(model), people.sample.code
    y, t = people.sample.value, people.design.basis[:, :2]
    names = model.fixed.names
    case = Case(x, y, t, code)
    row, _, plain = compare(case, 200, 5)
    visits = np.split(np.argsort(code, kind="stable"), np.cumsum(np.bincount(code))[:-1])
    rng = np.random.default_rng(1)

    def anew() -> object:
        drawn = rng.integers(0, len(visits), len(visits))
        take = np.concatenate([visits[i] for i in drawn])
        who = np.repeat(np.arange(len(drawn)), [len(visits[i]) for i in drawn])
        return fit_lmm(cross_products(names, x[take], y[take], t[take], who))

    rebuilt = float(np.median([_timed(anew) for _ in range(10)]))
    rows = [
        f"| engine, weights for each replicate | {1e3 * plain:.1f} | {plain / per_refit:.0f} |",
        f"| engine, on the resampled visits | {1e3 * rebuilt:.1f} | {rebuilt / per_refit:.0f} |",
    ]
    if shutil.which("Rscript"):
        frame = long_frame(study)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "data.csv"
            frame.to_csv(path, index=False)
            call = ["Rscript", "-e", R_CODE, str(path), LME4]
            done = [
                float(subprocess.run(call, capture_output=True, text=True, check=True).stdout)
                for _ in range(3)
            ]
        lme4 = float(np.median(done))
        rows.append(f"| lme4 | {1e3 * lme4:,.0f} | {lme4 / per_refit:,.0f} |")
    else:
        rows.append("| lme4 | no Rscript | |")
    return [*rows, "", f"ROW {row}"]


def left_out(study: Study, result: Result) -> list[str]:
    """Seconds and error of leaving each person out of the adjusted model."""
    start = time.perf_counter()
    exact = influence(study, result, SCORE, "adjusted", method="engine")
    rows = [f"| engine, one by one | {time.perf_counter() - start:.1f} | | |"]
    for method in ("refit", "one-step"):
        start = time.perf_counter()
        made = influence(study, result, SCORE, "adjusted", method=method)  # type: ignore[arg-type]
        took = time.perf_counter() - start
        error = np.abs(made.change - exact.change).max()
        cooks = np.abs(made.cooks - exact.cooks).max() / exact.cooks.max()
        rows.append(f"| {method} | {took:.1f} | {error:.0e} | {cooks:.0e} |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=1000)
    args = parser.parse_args()
    study = pgsicbt.read_study(*sample_files())
    result = pgsicbt.fit(study, pgsicbt.default_spec(study))
    with one_thread():
        before = _peak()
        seconds = speed(study, result, args.replicates)
        after = _peak()
        per_refit = float(seconds[1].split("|")[4]) / 1e3
        *plain, _, cohort = plain_refits(study, result, per_refit)
        gone = left_out(study, result)
        errors = small_and_boundary()
    lines = [
        "# Bootstrap and influence",
        "",
        f"Measured {datetime.date.today()} in one run on two cores, one BLAS thread; the sample "
        f"cohort ({len(study.persons):,} people), REML, random intercept and slope. Command: "
        "`python -m benchmarks.bootstrap`.",
        "",
        f"## {args.replicates:,} replicates of the grid, with percentile and BCa intervals",
        "",
        "| models | cells | seconds | ms per refit |",
        "|---|---:|---:|---:|",
        *seconds,
        "",
        f"Largest memory of the process: {before:.0f} MB before, {after:.0f} MB after.",
        "",
        "## One refit of the adjusted model, in plain ways",
        "",
        "| | ms | times ours |",
        "|---|---:|---:|",
        *plain,
        "",
        "## Error of the fast way, against the engine with weights for each replicate",
        "",
        "Differences of coefficients in bootstrap standard errors (median over replicates of the "
        "largest of all coefficients, and the largest of all replicates), the largest relative "
        "difference of a bootstrap standard error, and the 95th percentile of the difference of "
        "Psi in its bootstrap SD. *Boundary*: replicates with a singular Psi. *One by one*: those "
        "that the engine fitted, since the expansion did not hold. 300 replicates each, 200 of "
        "the cohort.",
        "",
        "| data | people | columns | boundary | one by one | median | largest | SE | Psi "
        "| times faster |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        f"| the cohort, adjusted | {cohort.removeprefix('ROW ')} | see above |",
        *errors,
        "",
        "## Leaving each of the people out of the adjusted model",
        "",
        "| | seconds | change of a score's coefficient: largest error, in SE "
        "| Cook's distance: largest error, of the largest distance |",
        "|---|---:|---:|---:|",
        *gone,
        "",
    ]
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "bootstrap.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
