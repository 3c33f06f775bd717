"""How long a curve of 500 specifications of eight scores takes on the simulated cohort.

    python -m benchmarks.spec_curve [--specifications 500] [--permutations 100]

With and without the reference by shuffled scores, beside one fit of the grid of eight scores in one
model on the same machine in the same run, since seconds alone say nothing. Written to
``benchmarks/results/spec_curve.md``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

from pgsicbt import Upload, default_spec, fit, read_study
from pgsicbt.robustness.curve import specification_curve
from pgsicbt.sample import sample_files

RESULTS = Path(__file__).resolve().parent / "results"


def seconds(run: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


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
    (RESULTS / "spec_curve.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
