"""How often filled-in visits find what is not there, and how often their intervals hold the truth.

Small cohorts with two scores: one goes with change, the other does not. Visits are missed at
random here and there, and people leave treatment in one of two ways:

    seen        by the value last seen and by the score, which the mixed model allows for as it is
    auxiliary   by a covariate that is no part of the analysis, that goes with the score and with
                change

Each cohort is analysed four times: complete, before anybody missed anything; as observed, by the
mixed model; the people seen to the end only; and with visits filled in, the covariate helping.

In a third kind of cohort (``late``) people leave as in ``seen``, and the score does nothing before
the last week: a straight line would not do. Those are analysed by MMRM and by ANCOVA of the last
week.

    python -m simulations.imputation --cohorts 1000
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
import pandas as pd

from simulations.coverage import RESULTS, THREADS, wilson

PEOPLE, SETS = 200, 10
WEEKS = np.array([0.0, 2, 4, 6, 8, 10, 12])
SLOPE, AUXILIARY = -0.25, -0.5
LATE = -4.0
SPREAD, NOISE = np.array([[150, -1], [-1, 0.3]]), 6.0
ABOUT = {
    "seen": "by the value last seen and the score",
    "auxiliary": "by a covariate outside",
    "late": "by the value last seen and the score, which goes with the last week only",
}


def cohort(seed: int, leaving: str) -> tuple[Any, Any]:
    """A complete study and the same with missed visits.

    The slope of one SD of ``A`` is :data:`SLOPE` points a week in all, what goes through the
    covariate included, that of ``B`` zero. If ``leaving`` is ``late`` it is zero too, and one SD of
    ``A`` is :data:`LATE` points in the last week.
    """
    from pgsicbt.study import CovariateInfo, OutcomeInfo, ScoreInfo, Study

    rng = np.random.default_rng(seed)
    n, k = PEOPLE, len(WEEKS)
    a, b = rng.standard_normal((2, n))
    helper = 0.5 * a + np.sqrt(0.75) * rng.standard_normal(n)
    through = AUXILIARY if leaving == "auxiliary" else 0.0
    u = rng.multivariate_normal([0, 0], SPREAD, n)
    straight = 0.0 if leaving == "late" else SLOPE - 0.5 * through
    slope = -1.4 + u[:, 1] + straight * a + through * helper
    y = 45 + u[:, [0]] - a[:, None] + slope[:, None] * WEEKS + rng.normal(0, NOISE, (n, k))
    if leaving == "late":
        y[:, -1] += LATE * a
    seen = rng.random((n, k)) > 0.08
    seen[:, 0] = True
    gone = np.zeros(n, dtype=bool)
    for j in range(1, k):
        if leaving != "auxiliary":
            pull = 0.06 * (y[:, j - 1] - 45 + 1.4 * WEEKS[j - 1]) + 0.3 * a
        else:
            pull = 1.0 * helper
        gone |= rng.random(n) < 1 / (1 + np.exp(2.2 - pull))
        seen[gone, j] = False
    index = pd.Index([f"{i:04x}" for i in range(n)], name="person")
    persons = pd.DataFrame({"A": a, "B": b, "helper": helper}, index=index)

    def study(there: Any, name: str) -> Study:
        code, week = np.nonzero(there)
        visits = pd.DataFrame(
            {
                "person": pd.Categorical.from_codes(code, categories=index),
                "outcome": "harmonised",
                "time": WEEKS[week],
                "value": y[code, week],
            }
        )
        return Study(
            persons, visits, (ScoreInfo("A", "A"), ScoreInfo("B", "B")),
            (OutcomeInfo("harmonised", "score", minimum=0, maximum=100),),
            (CovariateInfo("helper", "helper", "numeric"),), (), (), name, simulated=True,
        )  # fmt: skip

    return study(np.ones((n, k), dtype=bool), "complete"), study(seen, f"{leaving} {seed}")


def _truth_of_ancova() -> float:
    """Points in the last week between people who began alike, per SD of ``A``."""
    first, last = np.array([1.0, 0.0]), np.array([1.0, WEEKS[-1]])
    tracking = first @ SPREAD @ last / (first @ SPREAD @ first + NOISE**2)
    return float(LATE - 1.0 + tracking)  # one SD of A is one point less in every week


def _analyses(leaving: str) -> dict[str, tuple[dict[str, Any], str, float]]:
    """Name: what the spec has besides, the role of the row looked at, and the truth of ``A``."""
    if leaving != "late":
        return {"": ({}, "interaction", SLOPE)}
    ancova = {"family": "ancova", "post_week": float(WEEKS[-1])}
    return {
        "MMRM, ": ({"family": "mmrm"}, "interaction", LATE),
        "ANCOVA, ": (ancova, "outcome", _truth_of_ancova()),
    }


def one_cohort(seed: int, leaving: str) -> dict[str, Any]:
    """The analyses of one cohort: estimate, SE, interval and p value of what they look at."""
    import pgsicbt
    from pgsicbt.derived import with_visits
    from pgsicbt.robustness.imputation import impute
    from pgsicbt.robustness.imputed_fit import imputed_fit

    whole, study = cohort(seed, leaving)
    plain = pgsicbt.AnalysisSpec(
        scores=("A", "B"), adjustments=("crude",), score_scale="as_given", seed=seed
    )
    end = study.visits.loc[study.visits["time"] == WEEKS[-1], "person"].astype(str)
    stayed = study.visits[study.visits["person"].astype(str).isin(set(end))]
    rows, share = [], 0.0
    for name, (more, role, true) in _analyses(leaving).items():
        spec = plain.replace(**more)
        filled = impute(study, spec, SETS, burn_in=40, thin=5)
        share = filled.share_missing
        joined = imputed_fit(filled)
        tables = {
            "complete": pgsicbt.fit(whole, spec).table,
            "observed": joined.observed.table,
            "to the end": pgsicbt.fit(with_visits(study, stayed, "to the end"), spec).table,
            "filled in": joined.table,
        }
        for way, table in tables.items():
            mine = table[table["role"] == role].set_index("score")
            for score, truth in (("A", true), ("B", 0.0)):
                r = mine.loc[score]
                rows.append(
                    {
                        "way": name + way, "score": score, "truth": truth,
                        "estimate": float(r["estimate"]), "std_error": float(r["std_error"]),
                        "low": float(r["conf_low"]), "high": float(r["conf_high"]),
                        "p": float(r["p_value"]),
                    }
                )  # fmt: skip
    return {"seed": seed, "missing": share, "rows": rows}


def summarise(cohorts: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Bias, spread and coverage by way of analysis and score."""
    frame = pd.concat([pd.DataFrame(c["rows"]) for c in cohorts], ignore_index=True)
    out = []
    for (way, score), part in frame.groupby(["way", "score"], sort=False):
        covered = ((part["low"] <= part["truth"]) & (part["truth"] <= part["high"])).sum()
        rejected = (part["p"] < 0.05).sum()
        out.append(
            {
                "way": way, "score": score, "truth": float(part["truth"].iloc[0]),
                "mean_estimate": float(part["estimate"].mean()),
                "bias_in_se": float(
                    (part["estimate"] - part["truth"]).mean() / part["std_error"].mean()
                ),
                "empirical_sd": float(part["estimate"].std()),
                "mean_se": float(part["std_error"].mean()),
                "coverage": covered / len(part), "coverage_interval": wilson(covered, len(part)),
                "rejected": rejected / len(part), "rejected_interval": wilson(rejected, len(part)),
            }
        )  # fmt: skip
    return pd.DataFrame(out)


def _percent(share: float, span: Sequence[float]) -> str:
    return f"{100 * share:.1f} % ({100 * span[0]:.1f} to {100 * span[1]:.1f})"


def markdown(tables: dict[str, pd.DataFrame], about: dict[str, Any]) -> str:
    """The summary as a page of Markdown."""
    lines = [
        "# Missed visits filled in: type I error and coverage",
        "",
        f"{about['date']}: {about['cohorts']} cohorts of {PEOPLE} people and {len(WEEKS)} planned "
        f"visits for each way of leaving, {SETS} completed data sets each, "
        f"{about['seconds_per_cohort']:.2f} s per cohort and core.",
        "",
        "Score x time, per week and SD; in the last kind of cohort points to the last week. "
        "Nominal: 95 % coverage, 5 % false positives. Brackets: 95 % interval from the number of "
        "cohorts (Wilson).",
    ]
    for leaving, table in tables.items():
        lines += [
            "",
            f"## People leave {ABOUT[leaving]} ({100 * about['missing'][leaving]:.0f} % of visits "
            "missed)",
            "",
            "| analysed | score | truth | mean estimate | bias / SE | SD of estimates | mean SE "
            "| coverage | p < .05 |",
            "|---|---|---:|---:|---:|---:|---:|---:|---:|",
        ]
        lines += [
            f"| {r.way} | {r.score} | {r.truth:.2f} | {r.mean_estimate:.3f} | {r.bias_in_se:+.2f} "
            f"| {r.empirical_sd:.3f} | {r.mean_se:.3f} "
            f"| {_percent(r.coverage, r.coverage_interval)} "
            f"| {_percent(r.rejected, r.rejected_interval)} |"
            for r in table.itertuples()
        ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cohorts, print and store the summary."""
    parser = argparse.ArgumentParser(prog="python -m simulations.imputation")
    parser.add_argument("--cohorts", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=70_000)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the summary")
    chosen = parser.parse_args(arguments)
    if chosen.cohorts < 2 or chosen.processes < 1:
        parser.error("at least two cohorts and one process are needed")
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.cohorts)
    for name in THREADS:
        os.environ[name] = "1"
    began = time.perf_counter()
    tables: dict[str, pd.DataFrame] = {}
    missing: dict[str, float] = {}
    with multiprocessing.get_context("spawn").Pool(chosen.processes) as pool:
        for leaving in ABOUT:
            found = []
            for made in pool.imap_unordered(partial(one_cohort, leaving=leaving), seeds, 4):
                found.append(made)
                print(f"\r{leaving}: {len(found)}", end="", file=sys.stderr, flush=True)
            print(file=sys.stderr)
            tables[leaving] = summarise(sorted(found, key=lambda c: int(c["seed"])))
            missing[leaving] = float(np.mean([c["missing"] for c in found]))
    seconds = (time.perf_counter() - began) * chosen.processes / (len(ABOUT) * chosen.cohorts)
    about = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "cohorts": chosen.cohorts, "first_seed": chosen.first_seed, "missing": missing,
        "people": PEOPLE, "sets": SETS, "seconds_per_cohort": seconds,
        "versions": {
            "python": platform.python_version(),
            **{p: metadata.version(p) for p in ("numpy", "scipy", "pandas")},
        },
    }  # fmt: skip
    text = markdown(tables, about)
    chosen.out.mkdir(parents=True, exist_ok=True)
    stem = f"imputation-{about['date']}"
    (chosen.out / f"{stem}.md").write_text(text, encoding="utf-8")
    body = {"about": about, **{k: t.to_dict("records") for k, t in tables.items()}}
    (chosen.out / f"{stem}.json").write_text(
        json.dumps(body, indent=1, default=float) + "\n", encoding="utf-8"
    )
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
