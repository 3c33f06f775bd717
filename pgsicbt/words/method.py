"""How an analysis was made: course over the weeks, random part, degrees of freedom, errors."""

from __future__ import annotations

from pgsicbt.result import Result, TimeBasis
from pgsicbt.scales import Scale, split_scale
from pgsicbt.spec import AnalysisSpec, DfMethod, ErrorMethod, RandomPart, TimeCoding
from pgsicbt.words import numbers
from pgsicbt.words.timing import timing

CODINGS: dict[TimeCoding, str] = {
    "linear": "straight line",
    "log": "line that levels off, in log(week + 1)",
    "piecewise": "two straight lines that meet",
    "spline": "curve (natural cubic spline)",
    "categorical": "every week by itself",
}
RANDOM: dict[RandomPart, str] = {
    "intercept+slope": "own level and own slope, correlated",
    "intercept+slope+second": "own level, own slope and own second time term, correlated",
    "intercept+slope uncorrelated": "own level and own slope, not correlated",
    "intercept": "own level only",
}
DF: dict[DfMethod, str] = {
    "satterthwaite": "Satterthwaite",
    "kenward-roger": "Kenward-Roger",
    "normal": "normal distribution",
}
ERRORS: dict[ErrorMethod, str] = {
    "model": "from the model",
    "CR2": "robust, people as clusters (CR2)",
    "CR0": "robust, people as clusters (CR0)",
}


SCALE_METHODS: dict[Scale, str] = {
    "pomp": "percent of maximum possible, 100 (x - minimum) / (maximum - minimum)",
    "z": "z at baseline: minus the mean, divided by the standard deviation, of this cohort's "
    "baselines (last value up to week 0, else the first)",
    "t": "T score: 50 + 10 z, with z from this cohort's baselines (last value up to week 0, else "
    "the first)",
    "change": "percentage change from each person's own baseline (last value up to week 0, else "
    "the first); the baseline itself and people without symptoms then are left out",
}


def method_words(spec: AnalysisSpec) -> list[str]:
    """What of an analysis is not as usual, in a few words each."""
    said = []
    if spec.time_coding == "piecewise" and spec.knot is not None:
        said.append(f"two lines that meet at week {numbers.week(spec.knot)}")
    elif spec.time_coding != "linear":
        said.append(
            {"log": "change in log(week + 1)", "spline": "curve (spline) over the weeks"}.get(
                spec.time_coding, "every week by itself"
            )
        )
    if spec.origin != "start":
        said.append("severity half-way" if spec.origin == "middle" else "severity at the end")
    if spec.errors != "model":
        said.append(f"robust standard errors ({spec.errors})")
    if spec.df == "kenward-roger":
        said.append("Kenward-Roger")
    elif spec.df == "normal":
        said.append("normal approximation")
    return said


def intervals_rest_on(spec: AnalysisSpec) -> str:
    """What standard errors and degrees of freedom the intervals have, as ``" with ..."``."""
    if spec.errors != "model":
        by = "" if spec.df == "normal" else " and their degrees of freedom"
        return f" with robust standard errors ({spec.errors}, people as clusters){by}"
    if spec.df == "normal":
        return " by the normal distribution"
    if spec.df == "kenward-roger":
        return " with Kenward-Roger standard errors and degrees of freedom"
    return " with Satterthwaite degrees of freedom"


def coding_words(basis: TimeBasis) -> str:
    """The course over the weeks, with its knots: ``"curve (natural cubic spline); knots ..."``."""
    words = CODINGS[basis.coding]
    if not basis.knots:
        return words
    weeks = ", ".join(numbers.week(w) for w in basis.knots)
    return f"{words}; {'knot at week' if len(basis.knots) == 1 else 'knots at weeks'} {weeks}"


def random_words(result: Result) -> str:
    """The random part that was fitted, in statisticians' words."""
    return {
        "intercept+slope": "random intercept and slope",
        "intercept+slope+second": "random intercept, slope and second time term",
        "intercept+slope uncorrelated": "uncorrelated random intercept and slope",
        "intercept": "random intercept only",
    }[result.random_used]


def method_facts(result: Result) -> list[tuple[str, str]]:
    """How the models were made, as pairs of name and value."""
    spec, when = result.spec, timing(result)
    people = RANDOM[result.random_used]
    if result.random_used != spec.random:
        people += f" (asked for: {RANDOM[spec.random]})"
    df = DF[spec.df]
    if spec.errors != "model" and spec.df != "normal":
        df = "those of the robust errors"
    _, other = split_scale(spec.outcome)
    return [
        *([("Outcome on another scale", SCALE_METHODS[other])] if other is not None else []),
        ("Estimation", "restricted maximum likelihood" if spec.reml else "maximum likelihood"),
        ("Course over the weeks", coding_words(when.basis)),
        ("Main effects stand", when.at),
        ("People differ in", people),
        ("Standard errors", ERRORS[spec.errors]),
        ("Degrees of freedom", df),
    ]
