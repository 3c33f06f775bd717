"""Do the p values of the specification curve keep their level? Curves of scores without an effect.

    python -m simulations.spec_curve [--cohorts 1000] [--people 300] [--specs 40] [--deals 99]

Cohorts are those of the sample, smaller, with two scores that go neither with severity nor with
change. A curve is drawn for each cohort; the share of curves whose median, or whose share of
specifications with p < .05, is called farther out than that of dealt scores should be 5 %. Beside
it stand the naive readings: any specification significant, and more than half of them. The summary
is written as JSON and Markdown under ``simulations/results``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pgsicbt.robustness.curve import specification_curve
from pgsicbt.robustness.curve_summary import ALPHA
from simulations.coverage import RESULTS, wilson
from simulations.verdicts import cohort, spec

FIRST_SEED = 130_000
READINGS = {
    "p_median": "median farther out than that of dealt scores, p ≤ .05",
    "p_share": "share of p < .05 farther out than that of dealt scores, p ≤ .05",
    "half": "more than half of the specifications with p < .05",
    "any": "any specification with p < .05",
}


def one_cohort(seed: int, people: int, specs: int, deals: int) -> list[dict[str, object]]:
    """What each reading says of each score, for severity and change."""
    chosen = spec().replace(seed=seed)
    found = specification_curve(cohort(seed, people), chosen, specs=specs, permutations=deals)
    rows: list[dict[str, object]] = []
    for told in found.summary.to_dict("records"):
        t = found.table
        p = t.loc[(t["score"] == told["score"]) & (t["role"] == told["role"]), "p_value"]
        rows.append(
            {
                "seed": seed,
                "role": told["role"],
                "p_median": told["p_median"] <= ALPHA + 1e-9,
                "p_share": told["p_share"] <= ALPHA + 1e-9,
                "half": told["share_significant"] > 0.5,
                "any": bool((p < ALPHA).any()),
            }
        )
    return rows


def summarise(frame: pd.DataFrame) -> pd.DataFrame:
    """Share of curves that each reading calls an effect, with Wilson's interval."""
    out = []
    for role, part in frame.groupby("role", sort=False):
        for reading in READINGS:
            hits = int(part[reading].sum())
            low, high = wilson(hits, len(part))
            out.append({"role": role, "reading": reading, "n": len(part),
                        "rate": hits / len(part), "low": low, "high": high})  # fmt: skip
    return pd.DataFrame(out)


def markdown(table: pd.DataFrame, about: dict[str, object]) -> str:
    """The summary as a page of Markdown."""
    lines = [
        "# Specification curves of scores without an effect", "",
        f"{about['date']}: {about['cohorts']} cohorts of {about['people']} people, seeds from "
        f"{about['first_seed']}, two scores each; {about['specs']} specifications, "
        f"{about['deals']} deals; {about['seconds_per_cohort']:.2f} s a cohort. Brackets: Wilson's "
        "95 % interval from the number of curves.", "",
        "| an effect is claimed if | severity | change |", "|---|---:|---:|",
    ]  # fmt: skip
    for reading, text in READINGS.items():
        said = []
        for role in ("main", "interaction"):
            r = table[(table["role"] == role) & (table["reading"] == reading)].iloc[0]
            said.append(f"{100 * r['rate']:.1f} % ({100 * r['low']:.1f} to {100 * r['high']:.1f})")
        lines.append(f"| {text} | {said[0]} | {said[1]} |")
    return "\n".join([*lines, ""])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cohorts, print and store the summary."""
    parser = argparse.ArgumentParser(prog="python -m simulations.spec_curve")
    parser.add_argument("--cohorts", type=int, default=1000)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--specs", type=int, default=40)
    parser.add_argument("--deals", type=int, default=99)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the summary")
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    rows: list[dict[str, object]] = []
    for i in range(chosen.cohorts):
        rows += one_cohort(FIRST_SEED + i, chosen.people, chosen.specs, chosen.deals)
        print(f"\r{i + 1}", end="", file=sys.stderr, flush=True)
    about: dict[str, object] = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(), "cohorts": chosen.cohorts,
        "people": chosen.people, "specs": chosen.specs, "deals": chosen.deals,
        "first_seed": FIRST_SEED,
        "seconds_per_cohort": (time.perf_counter() - began) / chosen.cohorts,
    }  # fmt: skip
    table = summarise(pd.DataFrame(rows))
    text = markdown(table, about)
    chosen.out.mkdir(parents=True, exist_ok=True)
    stem = f"spec-curve-{about['date']}"
    (chosen.out / f"{stem}.md").write_text(text, encoding="utf-8")
    body = {"about": about, "rates": table.to_dict("records")}
    (chosen.out / f"{stem}.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
