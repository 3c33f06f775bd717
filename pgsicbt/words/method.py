"""How an analysis was made: course over the weeks, random part, degrees of freedom, errors."""

from __future__ import annotations

from typing import NamedTuple

from pgsicbt.disclosure import shown_count
from pgsicbt.result import Result, TimeBasis
from pgsicbt.scales import Scale, split_scale
from pgsicbt.spec import (
    AnalysisSpec,
    DfMethod,
    ErrorMethod,
    Family,
    Multiplicity,
    OutlierRule,
    RandomPart,
    Residuals,
    ScoreScale,
    TimeCoding,
    Working,
)
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


class Correction(NamedTuple):
    """A correction for several tests: in the head of a column, and in a sentence."""

    short: str
    words: str


CORRECTIONS: dict[Multiplicity, Correction] = {
    "holm": Correction("Holm", "Holm correction"),
    "bonferroni": Correction("Bonferroni", "Bonferroni correction"),
    "bh": Correction("BH", "Benjamini-Hochberg correction"),
    "by": Correction("BY", "Benjamini-Yekutieli correction"),
    "li-ji": Correction("Li-Ji", "correction for the effective number of tests (Li and Ji)"),
    "galwey": Correction("Galwey", "correction for the effective number of tests (Galwey)"),
    "max-t": Correction("max-T", "correction by permutation (max-T)"),
    "none": Correction("not corrected", "no correction for several tests"),
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


FAMILIES: dict[Family, str] = {
    "lmm": "linear mixed model",
    "mmrm": "mixed model for repeated measures (MMRM)",
    "clda": "constrained longitudinal data analysis (cLDA)",
    "gee": "estimating equations (GEE)",
    "ancova": "score after treatment, given that before (ANCOVA)",
    "change": "change from before to after treatment",
    "tobit": "score after treatment with a floor (Tobit)",
    "logistic": "response, remission or reliable change (logistic)",
    "ordinal": "severity band after treatment (ordinal)",
    "dropout": "drop-out, yes or no (logistic)",
    "cox": "week of drop-out (Cox)",
}
SCORE_SCALES: dict[ScoreScale, str] = {
    "z": "in standard deviations of the people analysed",
    "within": "in standard deviations within each ancestry group",
    "residual": "freed of the principal components, in standard deviations",
    "as_given": "as given",
}
OUTLIERS: dict[OutlierRule, str] = {
    "none": "nothing is left out",
    "residual": "visits beyond 3 SD of the model without a score",
    "person": "people whose course is beyond 3 SD",
    "score": "people beyond 3 SD of any score",
    "ancestry": "people far from most in ancestry",
}
RESIDUALS: dict[Residuals, str] = {
    "unstructured": "every pair of weeks by itself (unstructured)",
    "heterogeneous_toeplitz": "by distance, a variance for every week",
    "toeplitz": "by distance in visits (Toeplitz)",
    "heterogeneous_ar1": "fading with distance, a variance for every week",
    "ar1": "fading with distance (AR 1)",
    "heterogeneous_compound_symmetry": "one correlation, a variance for every week",
    "compound_symmetry": "one correlation, one variance",
}
WORKING: dict[Working, str] = {
    "exchangeable": "one correlation for all visits",
    "ar1": "fading with distance (AR 1)",
    "independence": "independent visits",
}
SCALE_METHODS: dict[Scale, str] = {
    "pomp": "percent of maximum possible, 100 (x - minimum) / (maximum - minimum)",
    "z": "z at baseline: minus the mean, divided by the standard deviation, of this cohort's "
    "baselines (last value up to week 0, else the first up to week 1)",
    "t": "T score: 50 + 10 z, with z from this cohort's baselines (last value up to week 0, else "
    "the first up to week 1)",
    "change": "percentage change from each person's own baseline (last value up to week 0, else "
    "the first up to week 1); the baseline itself and people without a baseline, or without "
    "symptoms then, are left out",
}


_LEFT_OUT: dict[OutlierRule, str] = {
    "none": "",
    "residual": "visits beyond 3 SD",
    "person": "people beyond 3 SD",
    "score": "people beyond 3 SD of a score",
    "ancestry": "people of outlying ancestry",
}
_OUTLIER_STEPS = (
    "no outlying visit", "no outlying course", "no score beyond 3 SD", "no outlying ancestry"
)  # fmt: skip
_KIND: dict[Family, str] = {
    "lmm": "mixed model",
    "mmrm": "MMRM",
    "clda": "cLDA",
    "gee": "GEE",
    "ancova": "ANCOVA after treatment",
    "change": "change score",
    "tobit": "Tobit after treatment",
    "logistic": "logistic",
    "ordinal": "ordinal severity bands",
    "dropout": "drop-out",
    "cox": "week of drop-out (Cox)",
}


def _family_words(spec: AnalysisSpec) -> str:
    if spec.family == "logistic":
        return f"logistic model of {spec.definition.rstrip(' 0123456789')}"
    return _KIND[spec.family]


def method_words(spec: AnalysisSpec) -> list[str]:
    """What of an analysis is not as usual, in a few words each."""
    said = [] if spec.family == "lmm" else [_family_words(spec)]
    if spec.together:
        said.append("all scores in one model")
    said += [f"{one} \u00d7 {other}" for one, other in spec.interactions]
    if spec.score_groups:
        said.append(f"scores in {spec.score_groups} groups")
    if spec.score_scale in ("within", "residual"):
        of = "within ancestry" if spec.score_scale == "within" else "freed of components"
        said.append(f"scores {of}")
    if not spec.covariate_time:
        said.append("covariates without time")
    if spec.outliers != "none":
        said.append(f"without {_LEFT_OUT[spec.outliers]}")
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
        of = f", {spec.cluster} as clusters" if spec.cluster else ""
        said.append(f"robust standard errors ({spec.errors}{of})")
    if spec.df == "kenward-roger":
        said.append("Kenward-Roger")
    elif spec.df == "normal":
        said.append("normal approximation")
    return said


def intervals_rest_on(spec: AnalysisSpec) -> str:
    """What standard errors and degrees of freedom the intervals have, as ``" with ..."``."""
    if spec.errors != "model":
        by = "" if spec.df == "normal" else " and their degrees of freedom"
        clusters = spec.cluster or "people"
        return f" with robust standard errors ({spec.errors}, {clusters} as clusters){by}"
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


def kind_words(spec: AnalysisSpec) -> str:
    """What the models of visits are, at the beginning of a sentence."""
    return {
        "lmm": "Linear mixed models",
        "mmrm": "Mixed models for repeated measures (MMRM)",
        "clda": "Constrained longitudinal models (cLDA)",
        "gee": "Estimating equations (GEE)",
    }.get(spec.family, "Models")


def random_words(result: Result) -> str:
    """How the visits of a person go together in the models, in statisticians' words."""
    spec = result.spec
    if spec.family in ("mmrm", "clda"):
        return f"residual covariance {RESIDUALS[spec.residuals]}"
    if spec.family == "gee":
        return f"working correlation {WORKING[spec.working]}"
    return _RANDOM_TERMS[result.random_used] + " per person"


_RANDOM_TERMS: dict[RandomPart, str] = {
    "intercept+slope": "random intercept and slope",
    "intercept+slope+second": "random intercept, slope and second time term",
    "intercept+slope uncorrelated": "uncorrelated random intercept and slope",
    "intercept": "random intercept only",
}


def _estimation(spec: AnalysisSpec) -> str:
    if spec.family == "gee":
        return "generalised estimating equations"
    return "restricted maximum likelihood" if spec.reml else "maximum likelihood"


def _visits_together(result: Result, people: str) -> list[tuple[str, str]]:
    """How the visits of a person go together."""
    spec = result.spec
    if spec.family in ("mmrm", "clda"):
        return [("Weeks vary together", RESIDUALS[spec.residuals])]
    if spec.family == "gee":
        alpha = next((f.details.get("working_correlation") for f in result.fits), None)
        size = "" if alpha is None else f" ({numbers.estimate(alpha)})"
        return [("Working correlation", WORKING[spec.working] + size)]
    return [("People differ in", people)]


def errors_words(spec: AnalysisSpec) -> str:
    """Where standard errors come from, with what the clusters of robust ones are."""
    words = ERRORS[spec.errors]
    return words.replace("people", spec.cluster) if spec.cluster else words


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
        ("Kind of model", FAMILIES[spec.family]),
        ("Estimation", _estimation(spec)),
        ("Course over the weeks", coding_words(when.basis)),
        ("Main effects stand", when.at),
        *_visits_together(result, people),
        ("Standard errors", errors_words(spec)),
        ("Degrees of freedom", df),
    ]


def outliers_words(result: Result) -> str:
    """What the rule for outliers left out, as a sentence; small numbers are not told."""
    rule = _LEFT_OUT[result.spec.outliers]
    step = next((s for s in result.ledger if s.step in _OUTLIER_STEPS), None)
    lost = 0 if step is None else step.lost_persons or step.lost_observations
    return f"Left out: {rule} ({shown_count(lost)})."
