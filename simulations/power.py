"""Is the power that one cohort promises kept by others? Many simulated cohorts.

    python -m simulations.power [--cohorts 1000] [--people 600] [--processes 1] [--partial FILE]

The shipped cohort is the pilot: its fitted precision promises a power for a study of ``--people``.
Then that many cohorts of that size are simulated from other seeds, each goes the whole way (files,
reading, fit), and the share of them in which an effect is significant is held against the promise:
for the planted effect of PGS-EDU as it is, and for effects that the pilot says are found with 50,
80 and 90 % power, added to the estimates of scores without an effect.
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
from collections.abc import Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from simulations.coverage import COMPONENTS, COVARIATES, RESULTS, THREADS, wilson

FIRST_SEED = 70_000
NULL_SCORES = ("PGS_INT", "PGS_ASD", "PGS_BD", "PGS_SCZ", "PGS_CROSS")
LEAD = "PGS_EDU"
POWERS = (0.5, 0.8, 0.9)
WEEKS = 12.0
FAMILY = 8


def _spec() -> Any:
    from pgsicbt.spec import AnalysisSpec

    return AnalysisSpec(
        scores=(LEAD, *NULL_SCORES), covariates=COVARIATES, components=COMPONENTS,
        adjustments=("adjusted",), first_week=0.0, last_week=WEEKS,
    )  # fmt: skip


def _study(files: dict[str, bytes]) -> Any:
    from pgsicbt.ingest import Upload, read_study
    from pgsicbt.sample.files import SAMPLE_FILES

    return read_study(*(Upload(name, files[name]) for name in SAMPLE_FILES))


def one_cohort(seed: int, people: int) -> dict[str, Any]:
    """Simulate, write, read and fit one cohort; estimates per +1 SD of every score."""
    import pgsicbt
    from pgsicbt.power import detectable
    from pgsicbt.sample import cohort_files, simulate

    study = _study(cohort_files(simulate(seed, people)))
    result = pgsicbt.fit(study, _spec())
    table = detectable(study, result)
    columns = ["score", "about", "estimate", "std_error", "df", "smallest_80"]
    return {
        "seed": seed,
        "persons": result.n_persons,
        "observations": result.n_observations,
        "rows": table[columns].to_dict("records"),
    }


def promises(people: float) -> pd.DataFrame:
    """What the shipped cohort promises for studies of ``people``."""
    import pgsicbt
    from pgsicbt.power import precision
    from pgsicbt.sample import cohort_files, simulate

    files = cohort_files(simulate())
    study = _study(files)
    result = pgsicbt.fit(study, _spec())
    planted = {
        e["score"]: e for e in json.loads(files["truth.json"])["planted"]
        if e["model"] == "published" and e["score"]
    }  # fmt: skip
    rows: list[dict[str, Any]] = []
    for about in ("severity", "change"):
        lead = precision(study, result, LEAD, "adjusted", about)
        true = planted[LEAD]["main"] if about == "severity" else planted[LEAD]["weekly"] * WEEKS
        for alpha in (0.05, 0.05 / FAMILY):
            power = float(lead.power(true, people=people, alpha=alpha))
            rows.append({"score": LEAD, "about": about, "alpha": alpha, "effect": abs(true),
                         "promised": power, "planted": True})  # fmt: skip
            for score in NULL_SCORES:
                known = precision(study, result, score, "adjusted", about)
                for wanted in POWERS:
                    effect = known.smallest(wanted, people=people, alpha=alpha)
                    rows.append({"score": score, "about": about, "alpha": alpha, "effect": effect,
                                 "promised": wanted, "planted": False})  # fmt: skip
                rows.append({"score": score, "about": about, "alpha": alpha, "effect": 0.0,
                             "promised": alpha, "planted": False})  # fmt: skip
    return pd.DataFrame(rows)


def kept(cohorts: Sequence[dict[str, Any]], promised: pd.DataFrame) -> pd.DataFrame:
    """The share of cohorts that found each effect, beside the promise."""
    frame = pd.concat([pd.DataFrame(c["rows"]).assign(seed=c["seed"]) for c in cohorts])
    own = dict(iter(frame.groupby(["score", "about"])))
    shares = []
    for row in promised.to_dict("records"):
        part = own[row["score"], row["about"]]
        bound = stats.t.isf(row["alpha"] / 2, part["df"])
        added = (0.0,) if row["planted"] else (row["effect"], -row["effect"])
        found = [np.abs(part["estimate"] + e) / part["std_error"] > bound for e in added]
        shares.append(np.mean(found, axis=0))
    rows = []
    keys = ["planted", "about", "alpha", "promised"]
    for key, places in promised.groupby(keys, sort=False).indices.items():
        by_cohort = np.mean([shares[i] for i in places], axis=0)
        share, n = float(by_cohort.mean()), len(by_cohort)
        if bool(key[0]):
            low, high = wilson(round(share * n), n)
        else:  # scores of one cohort are correlated: the interval is over cohorts
            half = 1.96 * float(by_cohort.std(ddof=1)) / np.sqrt(n)
            low, high = max(share - half, 0.0), min(share + half, 1.0)
        effect = float(promised["effect"].to_numpy()[places].mean())
        rows.append(
            dict(zip(keys, key, strict=True)) | {"effect": effect, "kept": share, "low": low,
                                                 "high": high}
        )  # fmt: skip
    return pd.DataFrame(rows)


def smallest_of_each(cohorts: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """How much the smallest detectable effect differs from cohort to cohort (80 %, level .05)."""
    frame = pd.concat([pd.DataFrame(c["rows"]) for c in cohorts])
    rows = [
        {"about": about} | {q: float(part.quantile(q)) for q in (0.05, 0.5, 0.95)}
        for about, part in frame.groupby("about", sort=False)["smallest_80"]
    ]
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame, spread: pd.DataFrame, about: dict[str, Any]) -> str:
    """The summary as a page of Markdown."""
    lines = [
        "# Promised and realised power over simulated cohorts",
        "",
        f"{about['date']}: {about['cohorts']:,} cohorts, seeds {about['first_seed']} to "
        f"{about['last_seed']}, on average {about['observations']:,.0f} observations of "
        f"{about['persons']:,.0f} people, weeks 0 to 12, adjusted model; "
        f"{about['seconds_per_cohort']:.2f} s per cohort and core. The promise is that of the "
        "shipped cohort for a study of that size. Brackets: 95 % interval from the number of "
        "cohorts.",
        "",
        "| effect | about | level | points per SD | promised | realised |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for row in table.itertuples():
        what = "planted, PGS-EDU" if row.planted else "added to null scores"
        lines.append(
            f"| {'none, null scores' if row.effect == 0 else what} | {row.about} | "
            f"{row.alpha:.5g} | {row.effect:.2f} | {100 * row.promised:.1f} % | "
            f"{100 * row.kept:.1f} % ({100 * row.low:.1f} to {100 * row.high:.1f}) |"
        )
    lines += ["", "Smallest effect that each cohort itself calls detectable (80 %, level 0.05), "
              "5th, 50th and 95th percentile over cohorts:", ""]  # fmt: skip
    for row in spread.to_dict("records"):
        lines.append(f"- {row['about']}: {row[0.05]:.2f}, {row[0.5]:.2f}, {row[0.95]:.2f} points.")
    return "\n".join(lines) + "\n"


def _finished(file: Path | None, key: str) -> dict[int, dict[str, Any]]:
    if file is None or not file.exists():
        return {}
    lines = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    return {line["seed"]: line for line in lines if line.get("key") == key}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cohorts, print and store the summary."""
    parser = argparse.ArgumentParser(prog="python -m simulations.power")
    parser.add_argument("--cohorts", type=int, default=1000)
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--partial", type=Path, help="keep finished cohorts in this file")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the summary")
    chosen = parser.parse_args(arguments)
    if chosen.cohorts < 2 or chosen.processes < 1:
        parser.error("at least two cohorts and one process are needed")
    from pgsicbt.sample import truth

    facts = json.dumps([truth(0, 0), _spec().canonical(), chosen.people], sort_keys=True)
    key = hashlib.sha256(facts.encode()).hexdigest()[:16]
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.cohorts)
    done = {s: c for s, c in _finished(chosen.partial, key).items() if s in seeds}
    todo = [s for s in seeds if s not in done]
    for name in THREADS:
        os.environ[name] = "1"
    began = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(chosen.processes) as pool:
        for cohort in pool.imap_unordered(partial(one_cohort, people=chosen.people), todo):
            done[cohort["seed"]] = cohort
            if chosen.partial is not None:
                with chosen.partial.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({**cohort, "key": key}) + "\n")
            print(f"\r{len(done)} of {chosen.cohorts} cohorts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    seconds = (time.perf_counter() - began) * chosen.processes / max(1, len(todo))
    cohorts = [done[s] for s in seeds]
    persons = float(np.mean([c["persons"] for c in cohorts]))
    table, spread = kept(cohorts, promises(persons)), smallest_of_each(cohorts)
    about = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "cohorts": len(cohorts),
        "first_seed": seeds[0],
        "last_seed": seeds[-1],
        "persons": persons,
        "observations": float(np.mean([c["observations"] for c in cohorts])),
        "seconds_per_cohort": seconds,
        "versions": {
            "python": platform.python_version(),
            **{p: metadata.version(p) for p in ("numpy", "scipy", "pandas")},
        },
        "key": key,
    }
    text = markdown(table, spread, about)
    chosen.out.mkdir(parents=True, exist_ok=True)
    stem = f"power-{about['date']}"
    (chosen.out / f"{stem}.md").write_text(text, encoding="utf-8")
    body = {"about": about, "power": table.round(6).to_dict("records"),
            "smallest_80": spread.round(6).rename(columns=str).to_dict("records")}  # fmt: skip
    (chosen.out / f"{stem}.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
