"""How long a curve of 500 specifications of eight scores takes on the simulated cohort.

    python -m benchmarks.spec_curve [--specifications 500] [--permutations 100]

With and without the reference by shuffled scores, beside one fit of the grid of eight scores in one
model on the same machine in the same run, since seconds alone say nothing. Then every specification
is fitted exactly, score by score, and held against its point of the curve. Written to
``benchmarks/results/spec_curve.md``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pgsicbt import AnalysisSpec, Upload, default_spec, fit, read_study
from pgsicbt.robustness.curve import Curve, complete_people, specification_curve
from pgsicbt.robustness.variants import effects
from pgsicbt.sample import sample_files
from pgsicbt.study import Study

RESULTS = Path(__file__).resolve().parent / "results"


def seconds(run: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def away(study: Study, spec: AnalysisSpec, found: Curve) -> pd.DataFrame:
    """Distance of each effect of a curve from its exact fit, in standard errors."""
    study, _ = complete_people(study, found.choices.people, spec.scores)
    frames = []
    for number, one in enumerate(found.choices.specs):
        exact = effects(fit(study, one.replace(scores=spec.scores)), found.span, "")
        mine = found.table[found.table["spec"] == number]
        both = exact.merge(mine, on=["score", "role"], suffixes=("", "_curve"))
        gap = (both["estimate"] - both["estimate_curve"]).abs() / both["std_error"]
        ratio = (both["std_error_curve"] / both["std_error"] - 1).abs()
        frames.append(
            pd.DataFrame(
                {"rule": one.outliers, "gap": gap, "ratio": ratio,
                 "people": (both["n_persons"] - both["n_persons_curve"]).abs(),
                 "told": (both["p_value"] < 0.05) != (both["p_value_curve"] < 0.05)}
            )
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spec_curve")
    parser.add_argument("--specifications", type=int, default=500)
    parser.add_argument("--permutations", type=int, default=100)
    chosen = parser.parse_args()
    study = read_study(*(Upload(name, data) for name, data in sample_files()))
    spec = default_spec(study).replace(adjustments=("adjusted",))
    fit(study, spec)
    one = min(seconds(lambda: fit(study, spec)) for _ in range(5))
    told: list[tuple[int, int]] = []
    rows = []
    for shuffles in (0, chosen.permutations):
        took = seconds(
            lambda n=shuffles: specification_curve(
                study, spec, specs=chosen.specifications, permutations=n,
                progress=lambda done, of: told.append((done, of)),
            )
        )  # fmt: skip
        rows.append((shuffles, told[-1][1], took, took / one))
    lines = [
        "# Specification curve", "",
        f"{dt.datetime.now(tz=dt.UTC).date().isoformat()}: simulated cohort, {len(spec.scores)} "
        f"scores, {len(study.persons):,} people; one grid of the same scores takes {one:.3f} s in "
        "this run.", "",
        "| shuffles of the scores | specifications | seconds | times one grid |",
        "|---:|---:|---:|---:|",
        *(f"| {s} | {n} | {t:.1f} | {r:.0f} |" for s, n, t, r in rows), "",
    ]  # fmt: skip
    curve = specification_curve(study, spec, specs=chosen.specifications, permutations=0)
    gaps = away(study, spec, curve)
    lines += [
        "Distance from the exact fit of the same specification to the same people, over all "
        "specifications, scores, severity and change:", "",
        "| outliers | effects | largest distance, SE | 95th percentile | largest error of the SE "
        "| people more or fewer, at most | p on the other side of .05 |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(f"| {rule} | {len(g):,} | {g['gap'].max():.3f} | {g['gap'].quantile(0.95):.3f} | "
          f"{100 * g['ratio'].max():.1f} % | {int(g['people'].max())} | {int(g['told'].sum())} |"
          for rule, g in gaps.groupby("rule")), "",
    ]  # fmt: skip
    (RESULTS / "spec_curve.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
