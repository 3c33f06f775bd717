"""How often are verdicts wrong? Meaningful, excluded and inconclusive against a known truth.

    python -m simulations.verdicts [--cohorts 1000] [--people 500]

Cohorts are those of the sample, smaller, read as tables without the way through files; the model
is the adjusted one of the published study. Scores without an effect are analysed, and an effect is
planted by adding it to the estimate: least squares given the variance moves by exactly the effect
that is added to the outcome, and the variance does not see it (a test holds this against a refit).
So one cohort serves every size of effect. The smallest effect of interest is the proposal, a tenth
of the mean improvement. The summary is written as JSON and Markdown under ``simulations/results``.
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

from pgsicbt import AnalysisSpec, fit
from pgsicbt.instruments import find_instrument
from pgsicbt.meaning.equivalence import judge
from pgsicbt.meaning.interest import interest
from pgsicbt.meaning.verdicts import verdicts
from pgsicbt.sample import simulate
from pgsicbt.study import CovariateInfo, OutcomeInfo, ScoreInfo, Study
from simulations.coverage import wilson

RESULTS = Path(__file__).resolve().parent / "results"
FIRST_SEED = 50_000
NULL = ("PGS_INT", "PGS_HEIGHT")
"""Scores without any effect in the adjusted model, in the truth of the sample cohort."""
SIZES = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Planted effects, in smallest effects of interest."""
TINY = 0.02
"""A smallest effect of interest of next to nothing, as a share of the proposal."""


def cohort(seed: int, people: int) -> Study:
    """A sample cohort as a study, harmonised outcome only."""
    made = simulate(seed, people)
    persons = made.covariates.merge(made.scores, on="person_id").set_index("person_id")
    persons.index.name = "person"
    long = made.outcomes_long[made.outcomes_long["person_id"].isin(persons.index)]
    ranges = {name: find_instrument(name) for name in long["instrument"].unique()}
    low = long["instrument"].map({n: i.minimum for n, i in ranges.items()})
    high = long["instrument"].map({n: i.maximum for n, i in ranges.items()})
    visits = pd.DataFrame(
        {
            "person": pd.Categorical(long["person_id"], categories=persons.index),
            "outcome": "harmonised",
            "time": long["week"].astype(float),
            "value": 100 * (long["total"] - low) / (high - low),
        }
    )
    covariates = [CovariateInfo("age", "age", "numeric")]
    for name in ("sex", "diagnosis", "batch"):
        levels = tuple(sorted(persons[name].unique()))
        covariates.append(CovariateInfo(name, name, "categorical", "covariate", levels))
    components = [f"PC{j}" for j in range(1, 6)]
    covariates += [CovariateInfo(c, c, "numeric", "component") for c in components]
    return Study(
        persons=persons, visits=visits.reset_index(drop=True),
        scores=tuple(ScoreInfo(s, s) for s in NULL),
        outcomes=(OutcomeInfo("harmonised", "harmonised score", minimum=0, maximum=100),),
        covariates=tuple(covariates), ledger=(), findings=(), digest=f"simulated {seed}",
    )  # fmt: skip


def spec(random: str = "intercept+slope") -> AnalysisSpec:
    """The adjusted model of the published study."""
    return AnalysisSpec(
        scores=NULL, covariates=("age", "sex", "diagnosis", "batch"),
        components=tuple(f"PC{j}" for j in range(1, 6)), adjustments=("adjusted",),
        random=random,  # type: ignore[arg-type]
    )  # fmt: skip


def one_cohort(seed: int, people: int) -> list[dict[str, object]]:
    """Verdicts of one cohort for every planted size, with and without a random slope."""
    study = cohort(seed, people)
    rows: list[dict[str, object]] = []
    for random in ("intercept+slope", "intercept"):
        result = fit(study, spec(random))
        bar = interest(study, result).amount
        frame = verdicts(study, result, bar)
        b, se, df = (frame[c].to_numpy(float) for c in ("estimate", "std_error", "df"))
        # The truth of an effect is planted in the direction of improvement.
        for size in SIZES:
            found = judge(b - size * bar, se, df, bar)
            tiny = verdicts(study, result, TINY * bar) if size == 0 else None
            for j, (score, about) in enumerate(zip(frame["score"], frame["about"], strict=True)):
                head = {"seed": seed, "random": random, "score": score, "about": about}
                rows.append({**head, "size": size, "bar": bar, "se": se[j],
                             "verdict": found.verdict[j]})  # fmt: skip
                if tiny is not None:
                    rows.append({**head, "size": -1.0, "bar": TINY * bar, "se": se[j],
                                 "verdict": tiny["verdict"].iloc[j],
                                 "corrected": tiny["verdict_corrected"].iloc[j] == "meaningful",
                                 "unguarded": tiny["p_meaningful"].iloc[j] < 0.05})  # fmt: skip
    return rows


def summarise(frame: pd.DataFrame) -> pd.DataFrame:
    """Rates of each verdict with Wilson's intervals, by random part, effect and planted size.

    Two scores of one cohort are nearly independent; they count as two.
    """
    out = []
    for (random, about, size), part in frame.groupby(["random", "about", "size"], sort=False):
        n = len(part)
        row = {"random": random, "about": about, "size": size, "n": n,
               "bar_in_se": float((part["bar"] / part["se"]).mean())}  # fmt: skip
        for verdict in ("meaningful", "excluded", "inconclusive"):
            hits = int((part["verdict"] == verdict).sum())
            row[verdict] = hits / n
            row[f"{verdict}_low"], row[f"{verdict}_high"] = wilson(hits, n)
        if size == -1.0:
            row["unguarded"] = float(part["unguarded"].mean())
            any_of = part.groupby("seed")["corrected"].any()
            row["any"] = float(any_of.mean())
            row["any_low"], row["any_high"] = wilson(int(any_of.sum()), len(any_of))
        out.append(row)
    return pd.DataFrame(out)


def _with_limits(row: dict[str, float], verdict: str) -> str:
    low, high = row[f"{verdict}_low"], row[f"{verdict}_high"]
    return f"{100 * row[verdict]:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def markdown(table: pd.DataFrame, about: dict[str, object]) -> str:
    """The summary as a page of Markdown."""
    lines = [
        "# How often verdicts are wrong",
        "",
        f"{about['date']}: {about['cohorts']} cohorts of {about['people']} people as the sample "
        f"cohort has them, seeds from {about['first_seed']}, two scores without an effect each; "
        f"adjusted model, Satterthwaite; {about['seconds_per_cohort']:.2f} s a cohort.",
        "",
        "The smallest effect of interest is the proposal (a tenth of the mean improvement), on "
        "average the stated number of standard errors. A planted effect of 1 lies exactly on it: "
        "there either firm verdict is wrong, and each may come up in 5 %. Below 1 *meaningful* is "
        "wrong, above 1 *excluded* is. Brackets: Wilson's 95 % interval.",
        "",
    ]
    titles = {"intercept+slope": "Random intercept and slope",
              "intercept": "Random intercept only (for comparison: not for change)"}  # fmt: skip
    for random, title in titles.items():
        lines += [f"## {title}", "",
                  "| effect | planted, in smallest effects | smallest effect / SE | meaningful | "
                  "excluded | inconclusive |", "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
        mine = table[(table["random"] == random) & (table["size"] >= 0)]
        for row in mine.to_dict("records"):
            cells = " | ".join(_with_limits(row, v) for v in ("meaningful", "excluded"))
            lines.append(
                f"| {row['about']} | {row['size']:g} | {row['bar_in_se']:.1f} | {cells} | "
                f"{100 * row['inconclusive']:.1f} % |"
            )
        lines.append("")
    lines += [
        "## A smallest effect of next to nothing, and no effect",
        "",
        f"At {100 * TINY:g} % of the proposal the test of a minimal effect alone would let nearly "
        "10 % through; the verdict also asks the usual two-sided test, and so does the verdict "
        "corrected (Holm) over the scores of a cohort, which either of them may get in 5 %.",
        "",
        "| random part | effect | meaningful | by the test of a minimal effect alone "
        "| corrected, of either score |",
        "|---|---|---:|---:|---:|",
    ]
    for row in table[table["size"] < 0].to_dict("records"):
        lines.append(
            f"| {row['random']} | {row['about']} | {_with_limits(row, 'meaningful')} | "
            f"{100 * row['unguarded']:.1f} % | {_with_limits(row, 'any')} |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cohorts, print and store the summary."""
    parser = argparse.ArgumentParser(prog="python -m simulations.verdicts")
    parser.add_argument("--cohorts", type=int, default=1000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the summary")
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    rows: list[dict[str, object]] = []
    for done in range(chosen.cohorts):
        rows += one_cohort(chosen.first_seed + done, chosen.people)
        print(f"\r{done + 1} of {chosen.cohorts} cohorts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    table = summarise(pd.DataFrame(rows))
    about = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "cohorts": chosen.cohorts,
        "people": chosen.people,
        "first_seed": chosen.first_seed,
        "seconds_per_cohort": (time.perf_counter() - began) / max(chosen.cohorts, 1),
    }
    text = markdown(table, about)
    chosen.out.mkdir(parents=True, exist_ok=True)
    stem = f"verdicts-{about['date']}"
    (chosen.out / f"{stem}.md").write_text(text, encoding="utf-8")
    body = {"about": about, "verdicts": json.loads(table.round(6).to_json(orient="records"))}
    (chosen.out / f"{stem}.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
