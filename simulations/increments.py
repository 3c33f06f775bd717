"""Do the intervals of what a score adds hold the truth? Incremental R2, exact and resampled.

    python -m simulations.increments [--cohorts 1000] [--people 400] [--replicates 400]

Regressions over people with six covariates, of which two matter, and a score that explains nothing,
a quarter percent, one or four percent beside them. The exact interval takes the R2 without the
score as known and the columns as given; here the columns are drawn anew each time, as people are.
The cross-validated increment is held against its own mean over all cohorts. The summary is written
as JSON and Markdown under ``simulations/results``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pgsicbt.meaning import prediction
from pgsicbt.meaning.candidates import CLINICAL
from pgsicbt.meaning.folds import folds
from pgsicbt.meaning.increment import _numbers, _resampled

RESULTS = Path(__file__).resolve().parent / "results"
FIRST_SEED = 60_000
TRUTHS = (0.0, 0.0025, 0.01, 0.04)
"""Share of the variance that the score explains beside the covariates."""
KNOWN = 0.2
"""Share that the covariates explain."""


def one_cohort(seed: int, people: int, replicates: int) -> list[dict[str, float]]:
    """Intervals in one cohort for every size of effect."""
    rng = np.random.default_rng(seed)
    base = np.column_stack([np.ones(people), rng.normal(size=(people, 6))])
    score = rng.normal(size=(people, 1))
    noise = rng.normal(size=people)
    rows = []
    for truth in TRUTHS:
        y = (
            math.sqrt(KNOWN / 2) * (base[:, 1] + base[:, 2])
            + math.sqrt(truth) * score[:, 0]
            + math.sqrt(1 - KNOWN - truth) * noise
        )
        found = _numbers(y, base, score, 0.95)
        drawn = _resampled(y, base, score, replicates, seed)
        low, high = np.quantile(drawn, [0.025, 0.975])
        x = np.column_stack([base, score])
        uses = {CLINICAL: list(range(7)), "score": list(range(8))}
        fold = folds(people, 10, 3, seed)
        held = {m: np.empty(fold.shape) for m in uses}
        null = np.empty(fold.shape)
        for r in range(len(fold)):
            prediction._one_repeat(x, uses, y, fold[r], held, null, r)
        table = prediction._table(y, fold, held, null, list(uses), 0.95).set_index("model")
        added = table.loc["score", ["added_r2", "added_low", "added_high"]].to_numpy(float)
        rows.append(
            {
                "truth": truth, "estimate": found["incremental"], "low": found["conf_low"],
                "high": found["conf_high"], "boot_low": float(low), "boot_high": float(high),
                "cv": added[0], "cv_low": added[1], "cv_high": added[2],
            }
        )  # fmt: skip
    return rows


def summarise(frame: pd.DataFrame) -> pd.DataFrame:
    """Misses below and above of each interval, by true effect."""
    out = []
    for truth, part in frame.groupby("truth", sort=True):
        middle = part["cv"].mean()
        row = {"truth": float(truth), "n": len(part), "mean": float(part["estimate"].mean()),
               "cv_mean": float(middle), "above_zero": float((part["low"] > 0).mean())}  # fmt: skip
        for name, low, high, held in (
            ("exact", "low", "high", truth), ("boot", "boot_low", "boot_high", truth),
            ("cv", "cv_low", "cv_high", middle),
        ):  # fmt: skip
            row[f"{name}_coverage"] = float(((part[low] <= held) & (held <= part[high])).mean())
            row[f"{name}_width"] = float((part[high] - part[low]).mean())
        out.append(row)
    return pd.DataFrame(out)


def markdown(table: pd.DataFrame, about: dict[str, object]) -> str:
    """The summary as a page of Markdown."""
    lines = [
        "# Intervals of what a score adds",
        "",
        f"{about['date']}: {about['cohorts']} cohorts of {about['people']} people, six covariates "
        f"(two matter, {100 * KNOWN:g} % together), {about['replicates']} resamples, 10 folds "
        "repeated 3 times. Coverage of 95 % intervals of incremental R²; that of the "
        "cross-validated increment is of its mean over all cohorts.",
        "",
        "| true increment | mean estimate | exact: coverage | begins above zero | resampled: "
        "coverage | cross-validated: mean | coverage |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for r in table.to_dict("records"):
        lines.append(
            f"| {100 * r['truth']:g} % | {100 * r['mean']:.2f} % | "
            f"{100 * r['exact_coverage']:.1f} % | {100 * r['above_zero']:.1f} % | "
            f"{100 * r['boot_coverage']:.1f} % | {100 * r['cv_mean']:.2f} % | "
            f"{100 * r['cv_coverage']:.1f} % |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cohorts, print and store the summary."""
    parser = argparse.ArgumentParser(prog="python -m simulations.increments")
    parser.add_argument("--cohorts", type=int, default=1000)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--replicates", type=int, default=400)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the summary")
    chosen = parser.parse_args(arguments)
    rows: list[dict[str, float]] = []
    for done in range(chosen.cohorts):
        rows += one_cohort(FIRST_SEED + done, chosen.people, chosen.replicates)
        if (done + 1) % 50 == 0:
            print(f"\r{done + 1} of {chosen.cohorts}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    table = summarise(pd.DataFrame(rows))
    about: dict[str, object] = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(), "cohorts": chosen.cohorts,
        "people": chosen.people, "replicates": chosen.replicates, "first_seed": FIRST_SEED,
    }  # fmt: skip
    text = markdown(table, about)
    chosen.out.mkdir(parents=True, exist_ok=True)
    stem = f"increments-{about['date']}"
    (chosen.out / f"{stem}.md").write_text(text, encoding="utf-8")
    body = {"about": about, "increments": json.loads(table.round(6).to_json(orient="records"))}
    (chosen.out / f"{stem}.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
