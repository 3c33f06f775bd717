"""Does the program recover what was planted? Coverage over many simulated cohorts.

    python -m simulations.coverage [--cohorts 200] [--processes 2] [--first-week 0] [--partial FILE]

Each cohort goes the whole way: it is simulated, written as files in memory, read like any other
upload, and fitted with the analysis that docs/sample_cohort.md names. Every estimate is held
against ``truth.json``. The summary is written as JSON and as a Markdown table under
``simulations/results``. With ``--partial`` finished cohorts are kept in a file of JSON lines, so
that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

RESULTS = Path(__file__).resolve().parent / "results"
FIRST_SEED = 10_000
COVARIATES = ("age", "sex", "diagnosis", "batch")
COMPONENTS = ("PC1", "PC2", "PC3", "PC4", "PC5")
EXTENDED = (*COVARIATES, "education", "medication")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def term_name(variable: str, level: str) -> str:
    """The name of a planted effect in a result: ``age``, ``sex[T.male]``."""
    return f"{variable}[T.{level}]" if level else variable


def one_cohort(seed: int, first_week: float | None = None) -> dict[str, Any]:
    """Simulate, write, read and fit one cohort; estimates beside the truth, one per effect."""
    from pgsicbt.ingest import Upload, read_study
    from pgsicbt.models import fit
    from pgsicbt.sample import cohort_files, simulate
    from pgsicbt.sample.files import SAMPLE_FILES
    from pgsicbt.spec import AnalysisSpec

    files = cohort_files(simulate(seed))
    study = read_study(*(Upload(name, files[name]) for name in SAMPLE_FILES))
    planted = json.loads(files["truth.json"])["planted"]
    spec = AnalysisSpec(
        scores=tuple(study.score_names),
        covariates=COVARIATES,
        components=COMPONENTS,
        adjustments=("adjusted",),
        first_week=first_week,
    )
    extended = spec.replace(covariates=EXTENDED)
    results = {"published": fit(study, spec), "with_education": fit(study, extended)}
    rows: list[dict[str, Any]] = []
    for model, result in results.items():
        table = result.table.set_index(["score", "term"])
        for effect in (e for e in planted if e["model"] == model):
            if effect["variable"] == "education" and effect["score"] != "PGS_EDU":
                continue
            base = term_name(effect["variable"], effect["level"])
            for term, value in ((base, effect["main"]), (f"time:{base}", effect["weekly"])):
                found = table.loc[(effect["score"] or "PGS_EDU", term)]
                rows.append(
                    {
                        "model": model,
                        "score": effect["score"],
                        "term": term,
                        "truth": value,
                        "estimate": float(found["estimate"]),
                        "std_error": float(found["std_error"]),
                        "low": float(found["conf_low"]),
                        "high": float(found["conf_high"]),
                        "p": float(found["p_value"]),
                    }
                )
    first = results["published"]
    return {
        "seed": seed,
        "persons": first.n_persons,
        "observations": first.n_observations,
        "failed": int(sum((r.table["status"] != "ok").sum() for r in results.values())),
        "rows": rows,
    }


def wilson(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's 95 % interval of a proportion."""
    share = hits / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return float(centre - half), float(centre + half)


def summarise(cohorts: Sequence[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Coverage per planted effect, and how often truly null scores were called significant."""
    frame = pd.concat(
        [pd.DataFrame(c["rows"]).assign(seed=c["seed"]) for c in cohorts], ignore_index=True
    )
    frame["covered"] = (frame["low"] <= frame["truth"]) & (frame["truth"] <= frame["high"])
    frame["rejected"] = frame["p"] < 0.05
    rows = []
    for (model, score, term), part in frame.groupby(["model", "score", "term"], sort=False):
        low, high = wilson(int(part["covered"].sum()), len(part))
        bias = float((part["estimate"] - part["truth"]).mean())
        rows.append(
            {
                "model": model,
                "score": score,
                "term": term,
                "truth": float(part["truth"].mean()),
                "mean_estimate": float(part["estimate"].mean()),
                "bias": bias,
                "bias_in_se": bias / float(part["std_error"].mean()),
                "empirical_sd": float(part["estimate"].std()),
                "mean_se": float(part["std_error"].mean()),
                "coverage": float(part["covered"].mean()),
                "coverage_low": low,
                "coverage_high": high,
                "rejected": float(part["rejected"].mean()),
            }
        )
    own = frame[(frame["model"] == "published") & (frame["score"] != "") & (frame["truth"] == 0)]
    nulls = []
    for label, change in (("severity", False), ("change", True)):
        part = own[own["term"].str.startswith("time:") == change]
        # Scores of one cohort are correlated: the interval is over cohorts.
        per_cohort = part.groupby("seed")["rejected"].mean()
        half = 1.96 * float(per_cohort.std()) / np.sqrt(len(per_cohort))
        rate = float(per_cohort.mean())
        nulls.append(
            {
                "terms": label,
                "scores": int(part["score"].nunique()),
                "rate": rate,
                "low": rate - half,
                "high": rate + half,
            }
        )
    return pd.DataFrame(rows), pd.DataFrame(nulls)


def markdown(table: pd.DataFrame, nulls: pd.DataFrame, about: dict[str, Any]) -> str:
    """The summary as a page of Markdown."""
    first = about["first_week"]
    window = ", all visits" if first is None else f", visits from week {first:g}"
    lines = [
        "# Coverage over simulated cohorts",
        "",
        f"{about['date']}: {about['cohorts']} cohorts, seeds {about['first_seed']} to "
        f"{about['last_seed']}, on average {about['observations']:,.0f} observations of "
        f"{about['persons']:,.0f} people{window}; "
        f"{about['seconds_per_cohort']:.2f} s per cohort and core.",
        "",
        "Nominal coverage is 95 %. Brackets: 95 % interval from the number of cohorts (Wilson). "
        "Bias is in units of the mean standard error.",
        "",
    ]
    titles = {
        "published": "Adjusted as published: age, sex, diagnosis, batch, PC1-PC5",
        "with_education": "With education and medication added",
    }
    head = (
        "| score in the model | term | truth | mean estimate | bias / SE | coverage |",
        "|---|---|---:|---:|---:|---:|",
    )
    for model, title in titles.items():
        lines += [f"## {title}", "", *head]
        for row in table[table["model"] == model].itertuples():
            digits = 4 if row.term.startswith("time:") else 2
            lines.append(
                f"| {row.score or 'PGS_EDU'} | `{row.term}` | {row.truth:.{digits}f} | "
                f"{row.mean_estimate:.{digits}f} | {row.bias_in_se:+.2f} | "
                f"{100 * row.coverage:.1f} % ({100 * row.coverage_low:.1f} to "
                f"{100 * row.coverage_high:.1f}) |"
            )
        lines.append("")
    lines += ["## False positives among scores without an effect", ""]
    lines += ["| terms | scores | p < .05 |", "|---|---:|---:|"]
    lines += [
        f"| {r.terms} | {r.scores} | {100 * r.rate:.1f} % ({100 * r.low:.1f} to "
        f"{100 * r.high:.1f}) |"
        for r in nulls.itertuples()
    ]
    return "\n".join(lines) + "\n"


def _key(first_week: float | None) -> str:
    """Changes when what is planted or analysed changes, so that partial results do not mix."""
    from pgsicbt.sample import truth

    planned = [truth(0, 0), COVARIATES, COMPONENTS, EXTENDED, first_week]
    facts = json.dumps(planned, sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def _finished(file: Path | None, key: str) -> dict[int, dict[str, Any]]:
    if file is None or not file.exists():
        return {}
    lines = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    return {line["seed"]: line for line in lines if line.get("key") == key}


def _run(
    seeds: Iterable[int], processes: int, first_week: float | None
) -> Iterator[dict[str, Any]]:
    for name in THREADS:
        os.environ[name] = "1"
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(partial(one_cohort, first_week=first_week), seeds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cohorts, print and store the summary; 1 if a fit failed."""
    parser = argparse.ArgumentParser(prog="python -m simulations.coverage")
    parser.add_argument("--cohorts", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--first-week", type=float, help="leave out earlier visits")
    parser.add_argument("--partial", type=Path, help="keep finished cohorts in this file")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the summary")
    chosen = parser.parse_args(arguments)
    if chosen.cohorts < 2 or chosen.processes < 1:
        parser.error("at least two cohorts and one process are needed")

    key = _key(chosen.first_week)
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.cohorts)
    done = {s: c for s, c in _finished(chosen.partial, key).items() if s in seeds}
    todo = [s for s in seeds if s not in done]
    began = time.perf_counter()
    for cohort in _run(todo, chosen.processes, chosen.first_week) if todo else ():
        done[cohort["seed"]] = cohort
        if chosen.partial is not None:
            with chosen.partial.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**cohort, "key": key}) + "\n")
        print(f"\r{len(done)} of {chosen.cohorts} cohorts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    seconds = (time.perf_counter() - began) * chosen.processes / max(1, len(todo))

    cohorts = [done[s] for s in seeds]
    table, nulls = summarise(cohorts)
    failed = sum(c["failed"] for c in cohorts)
    about = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "cohorts": len(cohorts),
        "first_seed": seeds[0],
        "last_seed": seeds[-1],
        "first_week": chosen.first_week,
        "persons": float(np.mean([c["persons"] for c in cohorts])),
        "observations": float(np.mean([c["observations"] for c in cohorts])),
        "failed_rows": failed,
        "seconds_per_cohort": seconds,
        "versions": {
            "python": platform.python_version(),
            **{p: metadata.version(p) for p in ("numpy", "scipy", "pandas")},
        },
        "key": key,
    }
    text = markdown(table, nulls, about)
    chosen.out.mkdir(parents=True, exist_ok=True)
    window = "" if chosen.first_week is None else f"-from-week-{chosen.first_week:g}"
    stem = f"coverage{window}-{about['date']}"
    (chosen.out / f"{stem}.md").write_text(text, encoding="utf-8")
    body = {
        "about": about,
        "effects": table.round(6).to_dict("records"),
        "null_scores": nulls.round(6).to_dict("records"),
    }
    (chosen.out / f"{stem}.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    print(text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
