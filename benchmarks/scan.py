"""The catalogue scan: its error against exact refits, and its time against the bare products.

    python -m benchmarks.scan [--scores 5000] [--repeats 15]

The sample cohort, adjusted model, harmonised outcome. Half of the scores are noise; the others
lean on people's level and trend to varying degrees, so that effects of every size occur. Every
score is scanned and fitted exactly; rows are then sorted by the size of the exact statistic.
Writes benchmarks/results/scan.md.
"""

from __future__ import annotations

import argparse
import datetime
import os
import resource
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

import pgsicbt
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.scan.scan import scan
from pgsicbt.models.scan.scan_base import Bases
from pgsicbt.models.scan.scan_result import passes
from pgsicbt.sample import sample_files
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

HERE = Path(__file__).parent
BANDS = (0.0, 1.0, 2.0, 3.3, 5.0, 8.0, np.inf)
BLOCK = 128


def simulated_scores(study: Study, count: int, seed: int = 20251123) -> NDArray[np.float64]:
    """(people, count): noise, and from the middle on noise that leans on level and trend."""
    rng = np.random.default_rng(seed)
    visits = study.outcome_visits("harmonised")
    code = study.persons.index.get_indexer(visits["person"].astype(str))
    n = len(study.persons)
    t, y = visits["time"].to_numpy(float), visits["value"].to_numpy(float)
    many = np.bincount(code, minlength=n)
    mean_t, level = (np.bincount(code, v, n) / np.maximum(many, 1) for v in (t, y))
    dt = t - mean_t[code]
    trend = np.bincount(code, dt * y, n) / np.maximum(np.bincount(code, dt**2, n), 1.0)
    level, trend = ((v - v.mean()) / v.std() for v in (level, trend))
    x = rng.normal(size=(n, count))
    leans = count - count // 2
    x[:, -leans:] += level[:, None] * rng.normal(0, 0.07, leans)
    x[:, -leans:] += trend[:, None] * rng.normal(0, 0.07, leans)
    return x


def bands(rough: pd.DataFrame, exact: pd.DataFrame) -> list[str]:
    """Lines of a table: how far the approximation is from the exact fit, by size of effect."""
    out = []
    for role in ("main", "interaction"):
        a, b = (f[f["role"] == role].reset_index(drop=True) for f in (rough, exact))
        size = b["statistic"].abs().to_numpy()
        gap = ((a["estimate"] - b["estimate"]) / b["std_error"]).abs()
        ratio = (a["std_error"] / b["std_error"] - 1).to_numpy()
        z = (a["statistic"] - b["statistic"]).abs()
        logs = (np.log10(a["p_value"]) - np.log10(b["p_value"])).abs()
        for low, high in pairwise(BANDS):
            here = (size >= low) & (size < high)
            if not here.any():
                continue
            label = f"{low:g} to {high:g}" if np.isfinite(high) else f"{low:g} and more"
            out.append(
                f"| {role} | {label} | {int(here.sum()):,} | {gap[here].max():.4f} "
                f"| {100 * ratio[here].min():+.2f} to {100 * ratio[here].max():+.2f} % "
                f"| {z[here].max():.4f} | {logs[here].max():.4f} |"
            )
    return out


def missed(rough: pd.DataFrame, exact: pd.DataFrame, threshold: float) -> tuple[int, int, int]:
    """Scores below a threshold by the exact fit; of these missed; and fitted exactly."""
    below = exact.groupby("score", sort=False)["p_value"].min() <= threshold
    p = rough.groupby("score", sort=False)["p_value"].min()
    persons = rough.groupby("score", sort=False)["n_persons"].first()
    near = passes(-ndtri(p.to_numpy() / 2), threshold, persons.to_numpy(), np.ones(len(p), bool))
    return int(below.sum()), int((below & ~near).sum()), int(near.sum())


def bare(x: NDArray[np.float64], linear: NDArray[np.float64], square: NDArray[np.float64]) -> None:
    """The two matrix products and nothing else, in the blocks of the scan."""
    with one_thread():
        for first in range(0, len(x), BLOCK):
            part = x[first : first + BLOCK]
            part @ linear
            (part * part) @ square


def _best(runs: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Least processor time of several runs, all in turn, so that other work counts little."""
    best = dict.fromkeys(runs, np.inf)
    for _ in range(repeats):
        for label, run in runs.items():
            start = time.process_time()
            run()
            best[label] = min(best[label], time.process_time() - start)
    return best


def timing(study: Study, spec: AnalysisSpec, x: NDArray[np.float64], repeats: int) -> list[str]:
    """Lines of a table: seconds, and times the bare products."""
    parts = Bases(study, spec, analysis_sample(study, spec)).of(None).weights
    if parts is None:
        raise SystemExit("The model without a score cannot be fitted.")
    # What the estimates need at fixed variance parameters: no column for the correction.
    linear = np.ascontiguousarray(parts.linear[:, : 2 * parts.n_columns + 2])
    square = np.ascontiguousarray(parts.square[:, :4])
    by_score = np.ascontiguousarray(x.T)
    names = tuple(f"score_{j + 1}" for j in range(x.shape[1]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scores.parquet"
        pd.DataFrame(x, columns=list(names)).to_parquet(path, index=False)
        none = {"refit_below": None, "refit_top": 0}

        def whole(scores: object, **how: object) -> Callable[[], object]:
            return lambda: scan(study, spec, scores, **how)  # type: ignore[arg-type]

        runs: dict[str, Callable[[], object]] = {
            "the bare matrix products": lambda: bare(by_score, linear, square),
            "sample, no-score fit and one score": whole(x[:, :1], **none),
            "the whole scan, no exact fits": whole(by_score.T, **none),
            "the whole scan, 20 exact fits": whole(by_score.T, refit_below=None, refit_top=20),
            "the same, scores of a person side by side, no exact fits": whole(x, **none),
            "the same from Parquet, no exact fits": whole(path, **none),
        }
        seconds = _best(runs, repeats)
    fixed = seconds["sample, no-score fit and one score"]
    total = seconds["the whole scan, no exact fits"]
    seconds["the whole scan less its fixed part"] = total - fixed
    unit = seconds["the bare matrix products"]
    return [f"| {label} | {s:.3f} | {s / unit:.1f} |" for label, s in seconds.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=15)
    args = parser.parse_args()
    load = os.getloadavg()[0]
    study = pgsicbt.read_study(*sample_files())
    spec = pgsicbt.default_spec(study).replace(adjustments=("adjusted",))
    x = simulated_scores(study, args.scores)
    times = timing(study, spec, x, args.repeats)
    rough = scan(study, spec, x, refit_below=None, refit_top=0).table
    start = time.process_time()
    exact = scan(study, spec, x, refit_below=1.0).table
    each = (time.process_time() - start) / args.scores
    lines = [
        "# The catalogue scan",
        "",
        f"Measured {datetime.date.today()} in one run by `python -m benchmarks.scan`: the sample "
        f"cohort ({len(study.persons):,} people, simulated), adjusted model, {args.scores:,} "
        f"simulated scores, one BLAS thread. Best of {args.repeats} runs in turn; the load of the "
        f"machine was {load:.1f} before; read the ratios.",
        "",
        "| | seconds of processor time | times the bare products |",
        "|---|---:|---:|",
        *times,
        "",
        f"An exact fit of one score within the scan takes {1000 * each:.1f} ms. The process never "
        f"held more than {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB.",
        "",
        "## Approximation against exact fit",
        "",
        "| term | size of the exact statistic | scores | estimate, largest gap in SE "
        "| SE, relative to exact | statistic, largest gap | log10 p, largest gap |",
        "|---|---|---:|---:|---:|---:|---:|",
        *bands(rough, exact),
        "",
        "| threshold | below it by the exact fit | of these missed | scores fitted exactly |",
        "|---:|---:|---:|---:|",
    ]
    for threshold in (0.05, 1e-3, 1e-5, 5e-8):
        found, lost, fitted = missed(rough, exact, threshold)
        lines.append(f"| {threshold:g} | {found:,} | {lost:,} | {fitted:,} |")
    text = "\n".join([*lines, ""])
    print(text)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "scan.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
