"""A result and a study made up from the ground types, for tests of figures and words.

Numbers are simulated with a fixed seed and shaped like the published study. One cell failed,
one is singular.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from pgsicbt.result import TABLE_COLUMNS, FixedEffects, ModelFit, Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import (
    HARMONISED,
    CovariateInfo,
    Finding,
    LedgerStep,
    OutcomeInfo,
    ScoreInfo,
    Study,
)

SCORES = ("ADHD", "ASD", "BD", "CROSS", "EDU", "INT", "MDD", "SCZ")
MAIN = (0.21, -0.12, 0.05, 0.34, -0.69, -0.28, 0.41, 0.10)
SLOPE = (0.012, -0.004, 0.008, 0.003, -0.041, -0.016, 0.019, 0.001)
WEEKS = tuple(float(w) for w in (-2, *range(13)))
FAILED = ("PGS_SCZ", "complete")
SINGULAR = ("PGS_BD", "crude")


def make_study(n: int = 240, seed: int = 11) -> Study:
    """A small cohort with eight scores, three covariates, five components, two outcomes."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"h{i:04d}" for i in range(n)], name="person")
    persons = pd.DataFrame({f"PGS_{s}": rng.standard_normal(n) for s in SCORES}, index=index)
    persons["age"] = rng.normal(35.6, 11.5, n).round()
    persons["sex"] = rng.choice(["female", "male"], n, p=[0.62, 0.38])
    persons["diagnosis"] = rng.choice(["MDD", "panic", "social anxiety"], n)
    for j in range(1, 6):
        persons[f"PC{j}"] = rng.standard_normal(n)
    start = rng.normal(44, 16, n)
    slope = rng.normal(-1.4, 0.6, n)
    rows = []
    for w in WEEKS:
        seen = rng.random(n) > (0.05 + 0.025 * max(w, 0))
        value = np.clip(start + slope * w + rng.normal(0, 6, n), 0, 100)[seen]
        for name, v in ((HARMONISED, value), ("MADRS-S", np.round(value * 0.54))):
            rows.append(
                pd.DataFrame({"person": index[seen], "outcome": name, "time": w, "value": v})
            )
    visits = pd.concat(rows, ignore_index=True)
    visits["person"] = pd.Categorical(visits["person"], categories=index)
    return Study(
        persons=persons,
        visits=visits,
        scores=tuple(ScoreInfo(f"PGS_{s}", f"PGS-{s}", file="scores.csv") for s in SCORES),
        outcomes=(
            OutcomeInfo(HARMONISED, "Harmonised score", minimum=0, maximum=100),
            OutcomeInfo("MADRS-S", "MADRS-S", "MADRS-S", 0, 54, 1),
            OutcomeInfo("fev", "FEV1", higher_is_worse=False),
        ),
        covariates=(
            CovariateInfo("age", "age", "numeric"),
            CovariateInfo("sex", "sex", "categorical", levels=("female", "male")),
            CovariateInfo(
                "diagnosis", "diagnosis", "categorical", "stratum",
                ("MDD", "panic", "social anxiety"),
            ),
            *(CovariateInfo(f"PC{j}", f"PC{j}", "numeric", "component") for j in range(1, 6)),
        ),
        ledger=(LedgerStep("scores.csv", 2668, 0, reason="", file="scores.csv"),),
        findings=(),
        digest="3f" * 32,
        files=("scores.csv", "outcomes_long.csv", "covariates.csv"),
        simulated=True,
    )  # fmt: skip


_COVARIATE_TERMS = {
    "age": (-0.05, 0.02),
    "sex[T.male]": (-1.31, 0.45),
    "diagnosis[T.panic]": (-2.6, 0.5),
    "diagnosis[T.social anxiety]": (4.1, 0.52),
    "time:age": (0.0004, 0.0011),
    "time:sex[T.male]": (0.055, 0.021),
    "time:diagnosis[T.panic]": (-0.31, 0.03),
    "time:diagnosis[T.social anxiety]": (0.42, 0.03),
    **{f"PC{j}": (0.1 * j, 0.3) for j in range(1, 6)},
}
_PROFILE = {"age": 35.6, "sex[T.male]": 0.38, "diagnosis[T.panic]": 0.27,
            "diagnosis[T.social anxiety]": 0.24}  # fmt: skip


def _cell(score: str, adjustment: str, rng: np.random.Generator) -> tuple[pd.DataFrame, Any]:
    j = SCORES.index(score.removeprefix("PGS_"))
    shift = {"crude": 1.12, "adjusted": 1.0, "complete": 0.97}[adjustment]
    terms: dict[str, tuple[float, float, str]] = {
        "(Intercept)": (44.2, 0.41, "intercept"),
        "time": (-1.385, 0.016, "time"),
    }
    if adjustment != "crude":
        for name, (b, se) in _COVARIATE_TERMS.items():
            terms[name] = (b, se, "covariate_time" if name.startswith("time:") else "covariate")
        if adjustment == "complete":
            terms |= {f"time:PC{k}": (0.004, 0.013, "covariate_time") for k in range(1, 6)}
    noise = 0.0 if adjustment == "adjusted" else 1.0
    terms[score] = (MAIN[j] * shift + noise * rng.normal(0, 0.04), 0.326, "main")
    terms[f"time:{score}"] = (
        SLOPE[j] * shift + noise * rng.normal(0, 0.002), 0.0145, "interaction",
    )  # fmt: skip
    b = np.array([v[0] for v in terms.values()])
    se = np.array([v[1] for v in terms.values()])
    status = "singular" if (score, adjustment) == SINGULAR else "ok"
    if (score, adjustment) == FAILED:
        b, se, status = b * np.nan, se * np.nan, "failed"
    df = np.where(np.isfinite(b), 2400.0, np.nan)
    half = stats.t.ppf(0.975, 2400) * se
    frame = pd.DataFrame(
        {
            "score": score, "outcome": HARMONISED, "model": adjustment, "subset": "",
            "term": list(terms), "estimate": b, "std_error": se, "df": df, "statistic": b / se,
            "p_value": 2 * stats.t.sf(np.abs(b / se), 2400), "conf_low": b - half,
            "conf_high": b + half, "n_persons": 2601, "n_observations": 23366,
            "status": status, "role": [v[2] for v in terms.values()],
        }
    )  # fmt: skip
    if status == "failed":
        return frame[frame["role"].isin(["main", "interaction"])], None
    names = tuple(terms)
    plain = {n: _PROFILE.get(n.removeprefix("time:"), 0.0) for n in names}
    fit = ModelFit(
        score=score,
        adjustment=adjustment,
        formula=f"harmonised ~ time * ({score}"
        + ("" if adjustment == "crude" else " + age + sex + diagnosis")
        + ") + (1 + time | person)",
        fixed=FixedEffects(names, b, np.diag(se**2), np.zeros((0, len(b), len(b))),
                           np.zeros((0, 0)), 23366),
        random_covariance=np.array([[250.0, -2.0], [-2.0, 0.36]]),
        residual_variance=36.0,
        log_likelihood=-79454.93,
        reml=True,
        converged=True,
        singular=status == "singular",
        n_persons=2601,
        n_observations=23366,
        profile={n: v for n, v in plain.items() if n not in ("time", score, f"time:{score}")},
        references={} if adjustment == "crude" else {"sex": "female", "diagnosis": "MDD"},
    )  # fmt: skip
    return frame, fit


def make_result(study: Study | None = None, **changes: Any) -> Result:
    """The grid of eight scores by crude, adjusted and complete; ``changes`` go to the spec."""
    study = study or make_study()
    spec = AnalysisSpec(
        outcome=HARMONISED,
        scores=study.score_names,
        covariates=("age", "sex", "diagnosis"),
        components=tuple(f"PC{j}" for j in range(1, 6)),
        first_week=0,
        last_week=12,
    ).replace(**changes)
    rng = np.random.default_rng(5)
    cells = [_cell(s, a, rng) for s in spec.scores for a in spec.adjustments]
    table = pd.concat([c[0] for c in cells], ignore_index=True)
    for name, times in (("p_holm", None), ("p_bonferroni", None), ("p_bh", None)):
        table[name] = np.nan if times is None else times
    for role in ("main", "interaction"):
        for a in spec.adjustments:
            where = (table["role"] == role) & (table["model"] == a) & table["p_value"].notna()
            p = table.loc[where, "p_value"].sort_values()
            m = len(p)
            holm = np.minimum(np.maximum.accumulate(p.to_numpy() * np.arange(m, 0, -1)), 1)
            table.loc[p.index, "p_holm"] = holm
            table.loc[p.index, "p_bonferroni"] = np.minimum(p * m, 1)
            back = np.minimum.accumulate((p.to_numpy() * m / np.arange(1, m + 1))[::-1])[::-1]
            table.loc[p.index, "p_bh"] = np.minimum(back, 1)
    for name in ("p_by", "p_li_ji", "p_galwey", "p_max_t"):
        table[name] = np.nan
    table["family"] = spec.family
    own = {"none": "p_value"}.get(spec.multiplicity, f"p_{spec.multiplicity}")
    table["p_adjusted"] = table[own].where(table["role"].isin(["main", "interaction"]))
    return Result(
        table=table[list(TABLE_COLUMNS)],
        spec=spec,
        fits=tuple(c[1] for c in cells if c[1] is not None),
        n_persons=2601,
        n_observations=23366,
        ledger=(
            LedgerStep("read and joined", 2668, 24980),
            LedgerStep("in the chosen weeks", 2650, 23400, 18, 1580, "visit outside the weeks"),
            LedgerStep("age known", 2601, 23366, 49, 34, "age is missing"),
        ),
        warnings=(
            Finding("singular", "warning", "PGS_BD (crude): the random part is on its boundary."),
        ),
        versions={"pgsicbt": "0.1.0", "python": "3.11.0", "numpy": "2.4.0"},
        digest=study.digest,
        simulated=study.simulated,
    )  # fmt: skip


def with_row(result: Result, score: str, adjustment: str, role: str, **values: Any) -> Result:
    """The same result with other numbers in one row of its table."""
    table = result.table.copy()
    where = (table["score"] == score) & (table["model"] == adjustment) & (table["role"] == role)
    for name, value in values.items():
        table.loc[where, name] = value
    return replace(result, table=table)


def predicted_frame(seed: int = 3) -> pd.DataFrame:
    """Model lines as ``pgsicbt.models.course.trajectories.predicted`` returns them."""
    del seed
    rows = []
    for level in (-1, 0, 1):
        for w in np.linspace(0, 12, 25):
            m = 44.2 - 0.69 * level + (-1.385 - 0.041 * level) * w
            half = 0.7 + 0.02 * w + (0.25 if level else 0)
            rows.append((level, w, m, m - half, m + half))
    return pd.DataFrame(rows, columns=["level", "week", "estimate", "conf_low", "conf_high"])


def difference_frame() -> pd.DataFrame:
    """The difference per +1 SD as ``pgsicbt.models.course.trajectories.difference`` returns it."""
    w = np.linspace(0, 12, 25)
    b = -0.69 - 0.041 * w
    half = np.sqrt(0.33**2 + (0.0145 * w) ** 2) * 1.96
    return pd.DataFrame({"week": w, "estimate": b, "conf_low": b - half, "conf_high": b + half})


def observed_frame(seed: int = 4) -> pd.DataFrame:
    """Observed means by thirds; the last week of one third is suppressed."""
    rng = np.random.default_rng(seed)
    rows = []
    for g, group in enumerate(("lowest third", "middle third", "highest third")):
        for w in WEEKS:
            n = int(880 - 24 * max(w, 0) + rng.integers(-10, 10))
            m = 44.3 - 0.7 * (g - 1) - 1.4 * w + 1.2 * np.exp(-w / 2) + rng.normal(0, 0.5)
            rows.append([group, w, m, m - 33 / np.sqrt(n), m + 33 / np.sqrt(n), n])
    frame = pd.DataFrame(rows, columns=["group", "week", "mean", "conf_low", "conf_high", "n"])
    frame["n"] = frame["n"].astype(float)
    hit = (frame["group"] == "lowest third") & (frame["week"] == 11)
    frame.loc[hit, ["mean", "conf_low", "conf_high", "n"]] = np.nan
    return frame


def counts_frame() -> pd.DataFrame:
    """People observed per week."""
    n = [2590, 2601, *(2480 - 75 * k for k in range(11)), 1742]
    return pd.DataFrame({"week": WEEKS, "n": [float(x) for x in n]})
