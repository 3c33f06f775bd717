"""Do the bootstrap intervals of variance explained hold the truth as often as they say?

    python -m simulations.effect_intervals [--cohorts 200] [--people 300] [--replicates 400]

Everybody has up to nine visits in fourteen weeks, 15 % are missed. The truth of each design is the
mean of two cohorts of 40,000 people. Misses on either side of the 95 % intervals are written as
JSON and as a Markdown table under ``simulations/results``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from pgsicbt import AnalysisSpec
from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.study import CovariateInfo, OutcomeInfo, ScoreInfo, Study

RESULTS = Path(__file__).resolve().parent / "results"
FIRST_SEED = 20_000
WEEKS = np.array([-2.0, 0, 1, 2, 4, 6, 8, 10, 12])
SHARES = (
    "r2_marginal", "r2_conditional", "r2_incremental", "r2_partial", "level_variance_explained",
    "slope_variance_explained",
)  # fmt: skip
DESIGNS = {
    "no effect": (0.0, 0.0, 0),
    "level": (-1.0, 0.0, 0),
    "level and change": (-2.0, -0.2, 0),
    "level, 8 useless covariates": (-1.0, 0.0, 8),
    "level and change, 8 useless covariates": (-2.0, -0.2, 8),
}
"""Effect of +1 SD on level and on weekly change, and covariates without effect."""


def cohort(seed: int, n: int, main: float, slope: float, useless: int) -> Study:
    """A cohort in points, with level SD 12.2, slope SD 0.55 and residual SD 5."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"p{i}" for i in range(n)], name="person")
    names = [f"covariate_{k}" for k in range(useless)]
    persons = pd.DataFrame(rng.normal(size=(n, useless + 1)), index=index, columns=["x", *names])
    u = rng.multivariate_normal([0, 0], [[150, -1], [-1, 0.3]], n)
    x = persons["x"].to_numpy()[:, None]
    level, change = 50 + u[:, :1] + main * x, -1.5 + u[:, 1:] + slope * x
    y = level + change * WEEKS + rng.normal(0, 5, (n, len(WEEKS)))
    seen = rng.random(y.shape) < 0.85
    person, week = np.nonzero(seen)
    visits = pd.DataFrame(
        {
            "person": pd.Categorical.from_codes(person, categories=index),
            "outcome": "y",
            "time": WEEKS[week],
            "value": y[seen],
        }
    )
    covariates = tuple(CovariateInfo(name, name, "numeric") for name in names)
    outcomes, scores = (OutcomeInfo("y", "y"),), (ScoreInfo("x", "x"),)
    return Study(persons, visits, scores, outcomes, covariates, (), (), digest=str(seed))


def shares(study: Study, replicates: int, seed: int) -> pd.DataFrame:
    """Estimates and limits of the shares of variance in the adjusted model."""
    spec = AnalysisSpec(
        outcome="y",
        scores=("x",),
        covariates=study.covariate_names(),
        adjustments=("adjusted",),
        simplify=False,
    )
    frame = effect_sizes(study, spec, replicates=replicates, seed=seed)
    return frame.set_index("quantity").loc[list(SHARES), ["estimate", "conf_low", "conf_high"]]


def design(name: str, cohorts: int, people: int, replicates: int) -> list[dict[str, object]]:
    """Misses of every share in one design."""
    main, slope, useless = DESIGNS[name]
    large = [shares(cohort(s, 40_000, main, slope, useless), 0, 0)["estimate"] for s in (1, 2)]
    truth = sum(large) / 2
    below, above = np.zeros(len(SHARES)), np.zeros(len(SHARES))
    mean = np.zeros(len(SHARES))
    for seed in range(FIRST_SEED, FIRST_SEED + cohorts):
        found = shares(cohort(seed, people, main, slope, useless), replicates, seed)
        below += (truth < found["conf_low"]).to_numpy()
        above += (truth > found["conf_high"]).to_numpy()
        mean += found["estimate"].to_numpy() / cohorts
    return [
        {
            "design": name,
            "quantity": quantity,
            "truth": float(truth[quantity]),
            "mean_estimate": float(mean[j]),
            "truth_below": below[j] / cohorts,
            "truth_above": above[j] / cohorts,
        }
        for j, quantity in enumerate(SHARES)
    ]


def markdown(rows: list[dict[str, object]], args: argparse.Namespace) -> str:
    """The table, one row per design and share."""
    lines = [
        "# Intervals of variance explained",
        "",
        f"{args.cohorts} cohorts of {args.people} people, {args.replicates} replicates, "
        "nominal 5 %.",
        "",
        "| design | share | truth | mean estimate | truth below | truth above | missed |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for r in rows:
        low, high = float(str(r["truth_below"])), float(str(r["truth_above"]))
        lines.append(
            f"| {r['design']} | {r['quantity']} | {r['truth']:.4f} | {r['mean_estimate']:.4f} "
            f"| {100 * low:.1f} % | {100 * high:.1f} % | {100 * (low + high):.1f} % |"
        )
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohorts", type=int, default=200)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--replicates", type=int, default=400)
    args = parser.parse_args(argv)
    rows = []
    for name in DESIGNS:
        rows += design(name, args.cohorts, args.people, args.replicates)
        sys.stdout.write(f"{name}: done\n")
        sys.stdout.flush()
    RESULTS.mkdir(exist_ok=True)
    stem = RESULTS / f"effect-intervals-{dt.datetime.now(tz=dt.UTC).date()}"
    versions = {name: metadata.version(name) for name in ("numpy", "scipy", "pandas")}
    body = {"settings": vars(args), "versions": versions, "rows": rows}
    stem.with_suffix(".json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    stem.with_suffix(".md").write_text(markdown(rows, args), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
