"""Is the grid calibrated? Type I error, coverage and family-wise error over simulated cohorts.

    python -m simulations.calibration [--cohorts 1000] [--people 2668] [--partial FILE]

Cohorts have the truth of the sample cohort (``pgsicbt.sample``): unequal visits, drop-out that
depends on the last score, whole-number totals with floors, serial correlation, relatives. The
adjusted model of the published study is fitted to nine scores, once with a random slope and once
without, and six scores without an effect make the family whose corrections are held against 5 %:
Holm, Bonferroni, effective number of tests, and max-T by 199 shuffles. The summary is written as
JSON and Markdown under ``simulations/results``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pgsicbt.models import fit
from pgsicbt.models.permutation.shuffled import max_t, nothing
from pgsicbt.sample import truth
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import ScoreInfo
from simulations.coverage import wilson
from simulations.verdicts import cohort

RESULTS = Path(__file__).resolve().parent / "results"
FIRST_SEED = 90_000
SHUFFLES = 199
NULL = ("PGS_INT", "PGS_ASD", "PGS_BD", "PGS_SCZ", "PGS_CROSS", "PGS_HEIGHT")
SCORES = ("PGS_EDU", "PGS_ADHD", "PGS_MDD", *NULL)
RANDOM = ("intercept+slope", "intercept")
CORRECTIONS = ("none", "holm", "bonferroni", "li_ji", "galwey", "max_t")


def planted() -> dict[tuple[str, str], float]:
    """Truth of each score in the adjusted model, by score and role."""
    found = {}
    for effect in truth(0, 0)["planted"]:
        if effect["model"] == "published" and effect["variable"] == effect["score"]:
            found[(effect["score"], "main")] = float(effect["main"])
            found[(effect["score"], "interaction")] = float(effect["weekly"])
    return found


def spec(random: str) -> AnalysisSpec:
    """The adjusted model of the published study, for all nine scores."""
    return AnalysisSpec(
        scores=SCORES, covariates=("age", "sex", "diagnosis", "batch"),
        components=tuple(f"PC{j}" for j in range(1, 6)), adjustments=("adjusted",),
        random=random, simplify=False,
    )  # type: ignore[arg-type]  # fmt: skip


def one_cohort(seed: int, people: int) -> dict[str, Any]:
    """Estimates with intervals of both random parts, and the family's smallest p by correction."""
    study = cohort(seed, people)
    study = replace(study, scores=tuple(ScoreInfo(s, s) for s in SCORES))
    rows: list[list[object]] = []
    family: list[list[object]] = []
    for random in RANDOM:
        chosen = spec(random)
        result = fit(study, chosen)
        for row in result.terms("main", "interaction").to_dict("records"):
            rows.append([random, row["score"], row["role"], row["estimate"], row["std_error"],
                         row["conf_low"], row["conf_high"], row["p_value"]])  # fmt: skip
        alone = fit(study, chosen.replace(scores=NULL)).terms("main", "interaction")
        shuffled = max_t(nothing(study, chosen.replace(scores=NULL), "adjusted"), SHUFFLES, seed)
        for j, role in enumerate(("main", "interaction")):
            mine = alone[alone["role"] == role]
            least = {c: float(mine[f"p_{c}"].min()) for c in CORRECTIONS[1:-1]}
            least["none"] = float(mine["p_value"].min())
            least["max_t"] = float(np.nanmin(shuffled[:, j]))
            family.append([random, role, *(least[c] for c in CORRECTIONS)])
    return {"seed": seed, "people": people, "rows": rows, "family": family}


def summarise(cohorts: Sequence[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Coverage and type I error by term, and the share of families with any false claim."""
    true = planted()
    names = ["random", "score", "role", "estimate", "std_error", "low", "high", "p"]
    frame = pd.DataFrame([r for c in cohorts for r in c["rows"]], columns=names)
    cells = []
    for (random, role, score), part in frame.groupby(["random", "role", "score"], sort=False):
        value = true.get((str(score), str(role)), 0.0)
        cover = (part["low"] <= value) & (value <= part["high"])
        cells.append(
            {"random": random, "role": role, "score": score, "truth": value, "n": len(part),
             "bias_in_se": float(((part["estimate"] - value) / part["std_error"]).mean()),
             "coverage": float(cover.mean()), "rejected": float((part["p"] < 0.05).mean())}
        )  # fmt: skip
    columns = ["random", "role", *CORRECTIONS]
    least = pd.DataFrame([r for c in cohorts for r in c["family"]], columns=columns)
    families = []
    for (random, role), part in least.groupby(["random", "role"], sort=False):
        for c in CORRECTIONS:
            hits = int((part[c] < 0.05 + (1e-9 if c == "max_t" else 0)).sum())
            low, high = wilson(hits, len(part))
            families.append({"random": random, "role": role, "correction": c, "n": len(part),
                             "rate": hits / len(part), "low": low, "high": high})  # fmt: skip
    return pd.DataFrame(cells), pd.DataFrame(families)


def markdown(cells: pd.DataFrame, families: pd.DataFrame, about: dict[str, Any]) -> str:
    """The summary as a page of Markdown."""
    lines = [
        "# Calibration of the grid", "",
        f"{about['date']}: {about['cohorts']} cohorts of {about['people']} people, seeds from "
        f"{about['first_seed']}; adjusted model, Satterthwaite, {SHUFFLES} shuffles; "
        f"{about['seconds']:.2f} s per cohort.", "",
        "Nominal: coverage 95 %, rejected 5 % where the truth is zero. Brackets: Wilson's 95 % "
        "interval from the number of cohorts.", "",
    ]  # fmt: skip
    titles = {"intercept+slope": "With a random slope", "intercept": "Without a random slope"}
    for random, title in titles.items():
        lines += [f"## {title}", "",
                  "| score | term | truth | bias / SE | coverage | p < .05 |",
                  "|---|---|---:|---:|---:|---:|"]  # fmt: skip
        for row in cells[cells["random"] == random].itertuples():
            shares = []
            for share in (row.coverage, row.rejected):
                low, high = wilson(round(share * row.n), int(row.n))
                shares.append(f"{100 * share:.1f} % ({100 * low:.1f} to {100 * high:.1f})")
            lines.append(f"| {row.score} | {row.role} | {row.truth:.3f} | {row.bias_in_se:+.2f} | "
                         f"{shares[0]} | {shares[1]} |")  # fmt: skip
        lines += ["", f"### {title}: any false claim among six scores without an effect", "",
                  "| correction | severity | change |", "|---|---:|---:|"]  # fmt: skip
        mine = families[families["random"] == random]
        for c in CORRECTIONS:
            said = []
            for role in ("main", "interaction"):
                r = mine[(mine["role"] == role) & (mine["correction"] == c)].iloc[0]
                said.append(
                    f"{100 * r['rate']:.1f} % ({100 * r['low']:.1f} to {100 * r['high']:.1f})"
                )
            lines.append(f"| {c.replace('_', '-')} | {said[0]} | {said[1]} |")
        lines.append("")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cohorts and store the summary."""
    parser = argparse.ArgumentParser(prog="python -m simulations.calibration")
    parser.add_argument("--cohorts", type=int, default=1000)
    parser.add_argument("--people", type=int, default=2668)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--partial", type=Path, help="keep finished cohorts in this file")
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args(arguments)
    done: dict[int, dict[str, Any]] = {}
    if chosen.partial is not None and chosen.partial.exists():
        kept = (json.loads(x) for x in chosen.partial.read_text(encoding="utf-8").splitlines())
        done = {c["seed"]: c for c in kept if c["people"] == chosen.people}
    began, fresh = time.perf_counter(), 0
    for seed in range(chosen.first_seed, chosen.first_seed + chosen.cohorts):
        if seed in done:
            continue
        done[seed] = one_cohort(seed, chosen.people)
        fresh += 1
        if chosen.partial is not None:
            with chosen.partial.open("a", encoding="utf-8") as file:
                file.write(json.dumps(done[seed]) + "\n")
        print(f"\r{len(done)} cohorts", end="", file=sys.stderr, flush=True)
    seconds = (time.perf_counter() - began) / max(fresh, 1)
    cohorts = [done[s] for s in sorted(done)][: chosen.cohorts]
    cells, families = summarise(cohorts)
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    about = {"date": today, "cohorts": len(cohorts), "people": chosen.people,
             "first_seed": chosen.first_seed, "seconds": seconds}  # fmt: skip
    chosen.out.mkdir(parents=True, exist_ok=True)
    stem = chosen.out / f"calibration-{today}"
    body = {**about, "cells": cells.to_dict("records"), "families": families.to_dict("records")}
    stem.with_suffix(".json").write_text(json.dumps(body, indent=1), encoding="utf-8")
    stem.with_suffix(".md").write_text(markdown(cells, families, about), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
