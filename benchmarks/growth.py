"""How time and memory grow with people, visits, covariates and scores.

    python -m benchmarks.growth [--largest 500000]

Every size is fitted in a process of its own, which builds a simulated cohort (seeded), fits the
grid of ``pgsicbt.fit`` - adjusted model, random intercept and slope, REML, Satterthwaite - and
says how much processor time the fit took and how much memory the process ever held, its data
included. Where it is installed, the fastest peer fits one score of the same data. ``python -m
benchmarks.engine`` runs this as well. Writes benchmarks/results/growth.md.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from importlib import util
from pathlib import Path

import numpy as np
import pandas as pd

import pgsicbt
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import CovariateInfo, OutcomeInfo, ScoreInfo, Study

HERE = Path(__file__).parent
PEER = "mixedlm"


@dataclass(frozen=True)
class Size:
    """How large a cohort is, and how many scores are fitted."""

    people: int
    visits: int = 5
    covariates: int = 5
    scores: int = 1
    peer: bool = False


@dataclass(frozen=True)
class Measured:
    """Processor time of one fit of the grid, and the most memory of the process, in MiB.

    ``bare`` is the memory before any data, ``log_likelihood`` that of the first score.
    """

    seconds: float
    peak: float
    bare: float
    log_likelihood: float


def cohort(size: Size, seed: int = 20261123) -> Study:
    """A simulated cohort: all visits but one in ten, weekly, with numeric covariates."""
    rng = np.random.default_rng(seed)
    n = size.people
    index = pd.Index([f"{i:07x}" for i in range(n)], name="person")
    scores = [f"PGS_{j + 1}" for j in range(size.scores)]
    names = [f"c{j + 1}" for j in range(size.covariates)]
    values = rng.normal(size=(n, size.scores + size.covariates))
    persons = pd.DataFrame(values, index=index, columns=[*scores, *names])
    level, slope = rng.normal(0, 12, n), rng.normal(-1, 0.5, n)
    code = np.repeat(np.arange(n, dtype=np.int32), size.visits)
    t = np.tile(np.arange(float(size.visits)), n)
    kept = rng.random(len(code)) < 0.9
    code, t = code[kept], t[kept]
    level += values[:, 0] * -1.0
    y = 50 + level[code] + slope[code] * t + rng.normal(0, 5, len(code))
    outcome = pd.Categorical.from_codes(np.zeros(len(y), dtype=np.int8), ["harmonised"])
    visits = pd.DataFrame(
        {
            "person": pd.Categorical.from_codes(code, categories=index),
            "outcome": outcome,
            "time": t,
            "value": y,
        }
    )
    return Study(
        persons=persons,
        visits=visits,
        scores=tuple(ScoreInfo(s, s) for s in scores),
        outcomes=(OutcomeInfo("harmonised", "harmonised score", minimum=0, maximum=100),),
        covariates=tuple(CovariateInfo(c, c, "numeric") for c in names),
        ledger=(),
        findings=(),
        digest="growth",
    )


def _memory() -> float:
    """The most memory that this process ever held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike ru_maxrss it does not count the process that started this one
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM"):
                return float(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_one(size: Size) -> Measured:
    """Fit one size in this process."""
    bare = _memory()
    study = cohort(size)
    spec = AnalysisSpec(
        scores=study.score_names, covariates=study.covariate_names(), adjustments=("adjusted",)
    )
    gc.collect()
    if size.peer:
        return _peer(study, spec, bare)
    repeats = 3 if size.people * size.visits * size.scores <= 400_000 else 1
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        result = pgsicbt.fit(study, spec)
        seconds.append(time.process_time() - start)
    return Measured(min(seconds), _memory(), bare, result.fits[0].log_likelihood)


def _peer(study: Study, spec: AnalysisSpec, bare: float) -> Measured:
    from mixedlm import lmer

    frame = study.outcome_visits("harmonised")
    code = frame["person"].cat.codes.to_numpy()
    names = [spec.scores[0], *spec.covariates]
    data = pd.DataFrame({"y": frame["value"], "time": frame["time"], "person": code})
    for name in names:
        data[name] = study.persons[name].to_numpy()[code]
    formula = "y ~ " + " + ".join(f"time * {n}" for n in names) + " + (1 + time | person)"
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore")
        start = time.process_time()
        fit = lmer(formula, data)
        seconds = time.process_time() - start
    value = fit.logLik()
    return Measured(seconds, _memory(), bare, float(getattr(value, "value", value)))


def in_a_child(size: Size) -> Measured | None:
    """Fit one size in a process of its own; None if it did not end well."""
    call = [sys.executable, "-m", "benchmarks.growth", "--one", json.dumps(asdict(size))]
    done = subprocess.run(
        call, capture_output=True, text=True, cwd=HERE.parent, check=False, env=dict(os.environ)
    )
    if done.returncode:
        print(f"{size}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return Measured(**json.loads(done.stdout))


def _table(title: str, what: str, unit: str, sizes: list[tuple[int, Size]]) -> list[str]:
    """Lines of one table; ``sizes`` with the number that grows."""
    lines = [
        f"## {title}",
        "",
        f"| {what} | seconds | {unit} | relative to the first | peak, MiB | MiB above bare |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    first = 0.0
    for number, size in sizes:
        found = in_a_child(size)
        if found is None:
            lines.append(f"| {number:,} | failed | | | | |")
            continue
        each = 1e6 * found.seconds / number
        first = first or each
        lines.append(
            f"| {number:,} | {found.seconds:.3f} | {each:,.1f} | {each / first:.2f} "
            f"| {found.peak:,.0f} | {found.peak - found.bare:,.0f} |"
        )
        print(lines[-1], file=sys.stderr)
    return [*lines, ""]


def tables(largest: int) -> list[str]:
    """Growth with people, visits, covariates and scores, and the fastest peer beside it."""
    people = [n for n in (2_500, 10_000, 40_000, 100_000, 250_000, 500_000) if n <= largest]
    lines = _table(
        "People (5 visits, 5 covariates, 1 score)", "people", "microseconds per person",
        [(n, Size(n)) for n in people],
    )  # fmt: skip
    lines += _table(
        "Visits per person (5,000 people, 5 covariates, 1 score)", "visits",
        "microseconds per visit", [(v, Size(5_000, visits=v)) for v in (5, 10, 20, 40, 80)],
    )  # fmt: skip
    lines += _table(
        "Covariates, each with its effect on change (5,000 people, 5 visits, 1 score)",
        "covariates", "microseconds per covariate",
        [(c, Size(5_000, covariates=c)) for c in (5, 10, 20, 40, 80)],
    )  # fmt: skip
    lines += _table(
        "Scores in the grid (2,500 people, 5 visits, 5 covariates)", "scores",
        "microseconds per score", [(s, Size(2_500, scores=s)) for s in (8, 32, 128, 512)],
    )  # fmt: skip
    if util.find_spec(PEER) is not None:
        lines += _against(people[:3])
    return lines


def _against(people: list[int]) -> list[str]:
    lines = [
        f"## Beside {PEER} (one score, 5 visits, 5 covariates)",
        "",
        "| people | seconds, ours | seconds, theirs | ratio | memory, ours | memory, theirs "
        "| log-likelihood, theirs minus ours |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for n in people:
        ours, theirs = in_a_child(Size(n)), in_a_child(Size(n, peer=True))
        if ours is None or theirs is None:
            lines.append(f"| {n:,} | failed | | | | | |")
            continue
        gap = theirs.log_likelihood - ours.log_likelihood
        lines.append(
            f"| {n:,} | {ours.seconds:.3f} | {theirs.seconds:.3f} "
            f"| {theirs.seconds / ours.seconds:.1f} | {ours.peak - ours.bare:,.0f} MiB "
            f"| {theirs.peak - theirs.bare:,.0f} MiB | {gap:+.1e} |"
        )
        print(lines[-1], file=sys.stderr)
    return [*lines, ""]


def write(largest: int) -> str:
    """Measure everything and store it."""
    load = os.getloadavg()[0]
    body = tables(largest)
    text = "\n".join(
        [
            "# How time and memory grow",
            "",
            f"Measured {datetime.date.today()} by `python -m benchmarks.growth`, each size in a "
            "process of its own on simulated data: `pgsicbt.fit`, adjusted model, random "
            "intercept and slope, REML, Satterthwaite, one BLAS thread. Seconds are processor "
            "time. Memory is the most that the process held, data included; bare is the same "
            f"process before any data. The load of the machine was {load:.1f} at the start and "
            f"{os.getloadavg()[0]:.1f} at the end; read the ratios.",
            "",
            *body,
        ]
    )
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "growth.md").write_text(text, encoding="utf-8")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=500_000, help="most people")
    parser.add_argument("--one", metavar="JSON", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one is not None:
        print(json.dumps(asdict(run_one(Size(**json.loads(args.one))))))
        return
    print(write(args.largest))


if __name__ == "__main__":
    main()
