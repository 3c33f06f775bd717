"""How often do MMRM, cLDA and GEE claim what is not there?

    python -m simulations.long_families [--cohorts 1000] [--people 300] [--processes 2]

Cohorts are those of the sample, smaller, with its informative drop-out, seen every other week, and
the score analysed is noise. Least squares given the variance moves by exactly the effect that is
added to the outcome, so the share of intervals that hold a planted effect is one minus the share of
noise that is claimed.
cLDA is also given a score that goes with severity at every week alike, and so with no change: its
one mean before treatment is then wrong. The summary is written as JSON and Markdown under
``simulations/results``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pgsicbt import AnalysisSpec, fit
from pgsicbt.derived import with_scores, with_visits
from pgsicbt.study import Study
from simulations.coverage import THREADS, wilson
from simulations.verdicts import cohort

RESULTS = Path(__file__).resolve().parent / "results"
FIRST_SEED = 70_000
WEEKS = (-2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
LEVEL = 2.0
"""Points of severity per SD of the score, for what is asked of cLDA."""
SPEC = AnalysisSpec(
    scores=("noise",), covariates=("age", "sex", "diagnosis"), adjustments=("adjusted",)
)
MODELS: dict[str, AnalysisSpec] = {
    "mixed model, intercept and slope": SPEC,
    "mixed model, intercept only": SPEC.replace(random="intercept"),
    "MMRM, unstructured": SPEC.replace(family="mmrm"),
    "MMRM, unstructured, Kenward-Roger": SPEC.replace(family="mmrm", df="kenward-roger"),
    "MMRM, unstructured, robust (CR2)": SPEC.replace(family="mmrm", errors="CR2"),
    "MMRM, AR(1)": SPEC.replace(family="mmrm", residuals="ar1"),
    "MMRM, AR(1), robust (CR2)": SPEC.replace(family="mmrm", residuals="ar1", errors="CR2"),
    "cLDA, unstructured": SPEC.replace(family="clda"),
    "GEE, exchangeable (CR2)": SPEC.replace(family="gee"),
    "GEE, independent (CR2)": SPEC.replace(family="gee", working="independence"),
    "GEE, exchangeable (CR0, normal)": SPEC.replace(family="gee", errors="CR0", df="normal"),
}
SHIFTED = {
    "cLDA, a score that goes with severity throughout": SPEC.replace(family="clda"),
}


def one_cohort(seed: int, people: int) -> dict[str, dict[str, float]]:
    """p values of severity, change and any change, by model."""
    made = cohort(seed, people)
    made = with_visits(made, made.visits[made.visits["time"].isin(WEEKS)], "every other week")
    noise = np.random.default_rng(seed).standard_normal(len(made.persons))
    study = with_scores(made, {"noise": noise}, f"noise {seed}")
    out = {name: _p_values(study, spec) for name, spec in MODELS.items()}
    at = study.persons.index.get_indexer(pd.Index(study.visits["person"].astype(str)))
    lifted = study.visits.assign(value=study.visits["value"] + LEVEL * noise[at])
    outcomes = tuple(replace(o, minimum=None, maximum=None) for o in study.outcomes)
    shifted = replace(with_visits(study, lifted, f"level {LEVEL}"), outcomes=outcomes)
    out |= {name: _p_values(shifted, spec) for name, spec in SHIFTED.items()}
    return out


def _p_values(study: Study, spec: AnalysisSpec) -> dict[str, float]:
    rows = fit(study, spec).terms("main", "interaction", "joint").set_index("role")["p_value"]
    return {role: float(rows.get(role, np.nan)) for role in ("main", "interaction", "joint")}


def summarise(cohorts: Sequence[dict[str, dict[str, float]]]) -> pd.DataFrame:
    """Share of p values below .05 by model and test, with Wilson's interval."""
    rows: list[dict[str, Any]] = []
    for name in (*MODELS, *SHIFTED):
        for role in ("main", "interaction", "joint"):
            p = np.array([c[name][role] for c in cohorts])
            p = p[np.isfinite(p)]
            if len(p):
                hits = int((p < 0.05).sum())
                low, high = wilson(hits, len(p))
                rows.append(
                    {"model": name, "test": role, "rate": hits / len(p), "low": low, "high": high}
                )
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame, about: dict[str, Any]) -> str:
    """The summary as a page of Markdown."""
    lines = [
        "# Noise that is claimed, by kind of model",
        "",
        f"{about['date']}: {about['cohorts']} cohorts of {about['people']} people, seeds from "
        f"{about['first_seed']}; {about['seconds_per_cohort']:.2f} s per cohort and core. Share of "
        "p values below .05, in brackets the 95 % interval of that many cohorts.",
        "",
        "| model | severity | change | any change (joint) |",
        "|---|---:|---:|---:|",
    ]
    by = {(r.model, r.test): r for r in table.itertuples()}
    for name in dict.fromkeys(table["model"]):
        cells = []
        for role in ("main", "interaction", "joint"):
            r = by.get((name, role))
            cells.append(
                f"{100 * r.rate:.1f} % ({100 * r.low:.1f} to {100 * r.high:.1f})" if r else ""
            )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cohorts, print and store the summary."""
    parser = argparse.ArgumentParser(prog="python -m simulations.long_families")
    parser.add_argument("--cohorts", type=int, default=1000)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--partial", type=Path, help="keep finished cohorts in this file")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the summary")
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    found: list[dict[str, dict[str, float]]] = []
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.cohorts)
    for name in THREADS:
        os.environ[name] = "1"
    if chosen.partial is not None and chosen.partial.exists():
        found = [json.loads(line) for line in chosen.partial.read_text("utf-8").splitlines()]
    seeds = seeds[len(found) :]
    with multiprocessing.get_context("spawn").Pool(chosen.processes) as pool:
        for one in pool.imap(partial(one_cohort, people=chosen.people), seeds):
            found.append(one)
            if chosen.partial is not None:
                with chosen.partial.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(one) + "\n")
            print(
                f"\r{len(found)} of {chosen.cohorts} cohorts", end="", file=sys.stderr, flush=True
            )
    print(file=sys.stderr)
    about = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "cohorts": chosen.cohorts,
        "people": chosen.people,
        "first_seed": chosen.first_seed,
        "seconds_per_cohort": (time.perf_counter() - began) * chosen.processes / chosen.cohorts,
    }
    table = summarise(found)
    text = markdown(table, about)
    chosen.out.mkdir(parents=True, exist_ok=True)
    stem = f"long-families-{about['date']}"
    (chosen.out / f"{stem}.md").write_text(text, encoding="utf-8")
    body = {"about": about, "rates": table.round(6).to_dict("records")}
    (chosen.out / f"{stem}.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
