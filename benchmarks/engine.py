"""The same model on this engine and on every peer that is installed, in turn in one run.

    python -m benchmarks.engine [--repeats 3] [--largest 500000]

The sample cohort, adjusted model, random intercept and slope, REML. Ours is the whole grid of
eight scores in three models with Satterthwaite degrees of freedom, divided by the number of
fits; a peer fits one score in the adjusted model. Peers that are not installed are named.
Absolute times belong to the machine; the ratios and the agreement are what to read. Then comes
how time and memory grow with people, visits, covariates and scores (benchmarks/growth.py).
Writes benchmarks/results/engine.md and growth.md.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

import numpy as np
import pandas as pd

import pgsicbt
from benchmarks import growth
from pgsicbt.sample import sample_files
from pgsicbt.study import Study

HERE = Path(__file__).parent
SCORE = "PGS_EDU"
# Written without brackets, which one of the peers does not read.
FIXED = (
    "y ~ time * score + time * age + time * sex + time * diagnosis + time * batch"
    " + PC1 + PC2 + PC3 + PC4 + PC5"
)
LME4 = f"{FIXED} + (1 + time | person)"


@dataclass(frozen=True)
class Fit:
    """Seconds for one fit and what it found for score x time."""

    name: str
    seconds: float
    log_likelihood: float
    estimate: float
    std_error: float


def _best(run: Callable[[], object], repeats: int) -> tuple[float, object]:
    times, last = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        last = run()
        times.append(time.perf_counter() - start)
    return min(times), last


def long_frame(study: Study) -> pd.DataFrame:
    """Visits of the harmonised score with what the model needs beside them."""
    visits = study.outcome_visits("harmonised").rename(columns={"value": "y"})
    visits["person"] = visits["person"].astype(str)
    frame = visits.merge(study.persons, left_on="person", right_index=True)
    x = study.persons[SCORE]
    frame["score"] = (frame[SCORE] - x.mean()) / x.std()
    frame["person"] = pd.factorize(frame["person"])[0]
    keep = ["y", "person", "time", "score", "age", "sex", "diagnosis", "batch"]
    frame = frame[[*keep, *(f"PC{i}" for i in range(1, 6))]].reset_index(drop=True)
    for name in ("sex", "diagnosis", "batch"):
        frame[name] = frame[name].astype(object)
    return frame


def ours(study: Study, repeats: int) -> Fit:
    """Our grid, per fit."""
    spec = pgsicbt.default_spec(study)
    pgsicbt.fit(study, spec)
    seconds, _ = _best(lambda: pgsicbt.fit(study, spec), max(repeats, 5))
    result = pgsicbt.fit(study, spec)
    model = result.fit_of(SCORE, "adjusted")
    row = result.table.query("model == 'adjusted' and score == @SCORE and role == 'interaction'")
    if model is None:
        raise SystemExit(f"The adjusted model of {SCORE} was not fitted.")
    return Fit(
        "pgsicbt (grid of 24, per fit)",
        seconds / len(result.fits),
        model.log_likelihood,
        float(row["estimate"].iloc[0]),
        float(row["std_error"].iloc[0]),
    )


def alone(frame: pd.DataFrame, repeats: int) -> Fit:
    """Our formula interface, one model with everything built anew."""

    def run() -> object:
        model = pgsicbt.mixed_model(FIXED, frame, groups="person", random="1 + time")
        return model, model.test("time:score")

    seconds, last = _best(run, max(repeats, 3))
    model, test = last  # type: ignore[misc]
    return Fit(
        "pgsicbt.mixed_model (one model)", seconds, model.log_likelihood, test.estimate,
        test.std_error,
    )  # fmt: skip


def _statsmodels(frame: pd.DataFrame, repeats: int) -> Fit:
    import statsmodels.formula.api as smf

    # Its default optimisers stop far from the optimum here; Powell's method reaches it.
    seconds, fit = _best(
        lambda: smf.mixedlm(FIXED, frame, groups="person", re_formula="~time").fit(method="powell"),
        min(repeats, 1),
    )
    return Fit(
        "statsmodels (Powell)", seconds, fit.llf, fit.params["time:score"], fit.bse["time:score"]
    )  # type: ignore[attr-defined]


def _mixedlm(frame: pd.DataFrame, repeats: int) -> Fit:
    from mixedlm import lmer

    seconds, fit = _best(lambda: lmer(LME4, frame), repeats)
    names = list(fit.fixef())  # type: ignore[attr-defined]
    at = names.index("time:score")
    se = float(np.sqrt(np.diag(np.asarray(fit.vcov())))[at])  # type: ignore[attr-defined]
    value = fit.logLik()  # type: ignore[attr-defined]
    return Fit(
        "mixedlm", seconds, float(getattr(value, "value", value)),
        float(fit.fixef()["time:score"]), se,  # type: ignore[attr-defined]
    )  # fmt: skip


def _mixedlm_rs(frame: pd.DataFrame, repeats: int) -> Fit:
    from mixedlm_rs import MixedLM

    def run() -> object:
        return MixedLM.from_formula(FIXED, frame, re_formula="~time", groups=frame["person"]).fit()

    seconds, fit = _best(run, repeats)
    at = list(fit.param_names).index("time:score")  # type: ignore[attr-defined]
    return Fit("mixedlm-rs", seconds, fit.llf, float(fit.params[at]), float(fit.bse[at]))  # type: ignore[attr-defined]


def _interlace(frame: pd.DataFrame, repeats: int) -> Fit:
    import interlace

    seconds, fit = _best(
        lambda: interlace.fit(FIXED, frame, random=["(1 + time | person)"]),
        repeats,
    )
    return Fit(
        "interlace-lme", seconds, float(fit.llf_restricted), float(fit.fe_params["time:score"]),  # type: ignore[attr-defined]
        float(fit.fe_bse["time:score"]),  # type: ignore[attr-defined]
    )  # fmt: skip


def _r(frame: pd.DataFrame, repeats: int) -> list[Fit]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        frame.to_csv(path, index=False)
        done = subprocess.run(
            ["Rscript", str(HERE / "engine.R"), str(path), LME4, str(repeats)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = json.loads(done.stdout)
    return [
        Fit(name, f["seconds"], f["log_likelihood"], f["estimate"], f["std_error"])
        for name, f in ((n, found[n]) for n in ("lme4", "lmerTest"))
    ]


PEERS = {
    "statsmodels": _statsmodels,
    "mixedlm": _mixedlm,
    "mixedlm_rs": _mixedlm_rs,
    "interlace": _interlace,
}


def compare(study: Study, repeats: int) -> tuple[list[Fit], list[str]]:
    """Everything that is installed, and the names of what is not."""
    frame = long_frame(study)
    fits, absent = [ours(study, repeats), alone(frame, repeats)], []
    for module, run in PEERS.items():
        if util.find_spec(module) is None:
            absent.append(module)
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fits.append(run(frame, repeats))
        print(fits[-1])
    if shutil.which("Rscript"):
        fits += _r(frame, repeats)
    else:
        absent.append("lme4 and lmerTest (no Rscript)")
    return fits, absent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--largest", type=int, default=500_000, help="most people in the tables of growth; 0: none"
    )
    args = parser.parse_args()
    load = os.getloadavg()[0]
    study = pgsicbt.read_study(*sample_files())
    fits, absent = compare(study, args.repeats)
    base = fits[0]
    lines = [
        "# One fit, on this engine and on its peers",
        "",
        f"Measured {datetime.date.today()} in one run on two cores; the sample cohort "
        f"({len(study.persons):,} people), adjusted model, REML, random intercept and slope. "
        f"Command: `python -m benchmarks.engine`. Best of {args.repeats} runs (statsmodels: "
        f"one). The load of the machine was {load:.1f} before and {os.getloadavg()[0]:.1f} "
        "after; ratios are what to read.",
        "",
        "| | ms per fit | times ours | log-likelihood minus ours | score x time, minus ours in SE "
        "| SE relative to ours, minus 1 |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for fit in fits:
        lines.append(
            f"| {fit.name} | {1000 * fit.seconds:,.1f} | {fit.seconds / base.seconds:,.1f} "
            f"| {fit.log_likelihood - base.log_likelihood:+.1e} "
            f"| {(fit.estimate - base.estimate) / base.std_error:+.1e} "
            f"| {fit.std_error / base.std_error - 1:+.1e} |"
        )
    lines += ["", f"Not installed: {', '.join(absent) or 'none'}.", ""]
    versions = [f"{m} {metadata.version(m)}" for m in ("numpy", "statsmodels", "mixedlm",
                "mixedlm-rs", "interlace-lme") if _installed(m)]  # fmt: skip
    lines += [f"Versions: {', '.join(versions)}.", ""]
    text = "\n".join(lines)
    print(text)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "engine.md").write_text(text, encoding="utf-8")
    if args.largest:
        print(growth.write(args.largest))


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    main()
