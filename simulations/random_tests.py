"""Is the test of a random term as large as it says? Size at 5 % where the term is absent.

    python -m simulations.random_tests [--replicates 5000] [--processes 2] [--people 150]

Everybody has up to six weekly visits, one in ten is missed. Each replicate draws outcomes with
the smaller random part being true, fits both by REML and takes p from the mixture of chi-squared
distributions that ``MixedModel.random_tests`` uses, beside the p of a plain chi-squared with as
many degrees of freedom as the parts differ in parameters. The summary is written as JSON and as
a Markdown table under ``simulations/results``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import chi2

from simulations.coverage import RESULTS, THREADS, wilson

FIRST_SEED = 40_000
LEVEL = 0.05
# What is tested: SD of intercept, slope and second term in truth; the fitted part (number of
# terms, correlated) and the row of its tests that is looked at.
CASES: dict[str, tuple[tuple[float, float, float], int, bool, int]] = {
    "intercept against none": ((0.0, 0.0, 0.0), 1, True, 0),
    "slope and its correlation": ((7.0, 0.0, 0.0), 2, True, 0),
    "slope, uncorrelated": ((7.0, 0.0, 0.0), 2, False, 0),
    "correlation alone": ((7.0, 1.0, 0.0), 2, True, 1),
    "second time term and its correlations": ((7.0, 1.0, 0.0), 3, True, 0),
}


def one_replicate(seed: int, people: int) -> dict[str, tuple[float, float, float]]:
    """Statistic, p of the mixture and p of the plain chi-squared, of every case."""
    from pgsicbt.models.engine.crossproducts import cross_products
    from pgsicbt.models.engine.lmm import fit_lmm
    from pgsicbt.models.engine.random_tests import random_tests

    rng = np.random.default_rng(seed)
    person, week = (a.ravel() for a in np.mgrid[:people, :6])
    kept = (rng.random(len(week)) < 0.9) | (week < 1)
    person, week = person[kept], week[kept].astype(float)
    x = rng.normal(size=people)[person]
    design = np.column_stack([np.ones(len(week)), week, x, week * x])
    basis = np.column_stack([np.ones(len(week)), week, week**2])
    unit, noise = rng.normal(size=(people, 3)), rng.normal(size=len(week))
    found = {}
    for name, (sd, q, correlated, row) in CASES.items():
        y = 50.0 - 1.5 * week + ((unit * sd)[person] * basis).sum(axis=1) + 4.0 * noise
        cp = cross_products(("1", "t", "x", "tx"), design, y, basis, person)
        fit = fit_lmm(cp, q=q, correlated=correlated)
        test = random_tests(cp, fit)[row]
        parameters = {1: 1, 2: 2 if correlated else 1, 3: 3}[q] if row == 0 else 1
        found[name] = (test.statistic, test.p_value, float(chi2.sf(test.statistic, parameters)))
    return found


def summarise(replicates: Sequence[dict[str, tuple[float, float, float]]]) -> list[dict[str, Any]]:
    """How often each test was significant at 5 %, and how often its statistic was zero."""
    rows = []
    for name in CASES:
        values = np.array([r[name] for r in replicates])
        hits = int((values[:, 1] < LEVEL).sum())
        low, high = wilson(hits, len(values))
        rows.append(
            {
                "test": name,
                "size": hits / len(values),
                "low": low,
                "high": high,
                "size_of_plain": float((values[:, 2] < LEVEL).mean()),
                "zero": float((values[:, 0] < 1e-6).mean()),
            }
        )
    return rows


def markdown(rows: Sequence[dict[str, Any]], about: dict[str, Any]) -> str:
    """The summary as a page of Markdown."""
    lines = [
        "# Size of the tests of random terms",
        "",
        f"{about['date']}: {about['replicates']:,} replicates, seeds {about['first_seed']} to "
        f"{about['last_seed']}, {about['people']} people with up to six visits, REML. The tested "
        "term is absent in truth; a right test at 5 % rejects in 5 % (Wilson's 95 % interval).",
        "",
        "| what is tested | rejected by the mixture | by plain chi-squared | statistic zero |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| {r['test']} | {100 * r['size']:.2f} % ({100 * r['low']:.2f} to {100 * r['high']:.2f}) "
        f"| {100 * r['size_of_plain']:.2f} % | {100 * r['zero']:.1f} % |"
        for r in rows
    ]
    lines += [
        "",
        "The mixtures are those of large samples; for far fewer people run this with `--people`.",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the replicates, print and store the summary."""
    parser = argparse.ArgumentParser(prog="python -m simulations.random_tests")
    parser.add_argument("--replicates", type=int, default=5000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--people", type=int, default=150)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the summary")
    chosen = parser.parse_args(arguments)
    if chosen.replicates < 2 or chosen.processes < 1 or chosen.people < 10:
        parser.error("at least two replicates, one process and ten people are needed")
    for name in THREADS:
        os.environ[name] = "1"
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.replicates)
    began = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(chosen.processes) as pool:
        found = pool.map(partial(one_replicate, people=chosen.people), seeds, chunksize=20)
    about = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "replicates": chosen.replicates,
        "first_seed": seeds[0],
        "last_seed": seeds[-1],
        "people": chosen.people,
        "seconds": round(time.perf_counter() - began, 1),
        "versions": {
            "python": platform.python_version(),
            **{p: metadata.version(p) for p in ("numpy", "scipy")},
        },
    }
    rows = summarise(found)
    text = markdown(rows, about)
    chosen.out.mkdir(parents=True, exist_ok=True)
    stem = f"random-tests-{about['date']}"
    (chosen.out / f"{stem}.md").write_text(text, encoding="utf-8")
    body = json.dumps({"about": about, "tests": rows}, indent=1) + "\n"
    (chosen.out / f"{stem}.json").write_text(body, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
