"""Which summaries may be pooled: those of one quantity, from different people.

What decides the meaning of an estimate must agree, or nothing is pooled; what only decides how well
it was estimated may differ, and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pgsicbt.errors import SpecError
from pgsicbt.pooling.site_summary import SiteSummary
from pgsicbt.study import Finding

_NEAR = 0.5
"""Weeks by which the ends of the weeks analysed may differ and still be the same."""
_MUST: tuple[tuple[str, Callable[[SiteSummary], Any]], ...] = (
    ("the outcome", lambda s: s.outcome.name),
    ("the direction of the outcome", lambda s: _direction(s)),
    ("the range of the outcome", lambda s: _range(s)),
    ("the unit of the effects", lambda s: s.unit),
    ("the kind of model", lambda s: s.spec.family),
    ("what counts as the outcome", lambda s: s.spec.definition or "not set"),
    ("the coding of time", lambda s: s.spec.time_coding),
    ("the knot of time", lambda s: "none" if s.spec.knot is None else f"week {s.spec.knot:g}"),
    ("the columns of the spline", lambda s: _spline(s)),
    ("where time is zero", lambda s: s.spec.origin),
    ("whether scores are in one model", lambda s: "together" if s.spec.together else "one by one"),
    ("the interactions", lambda s: _interactions(s)),
)
_MAY: tuple[tuple[str, Callable[[SiteSummary], Any]], ...] = (
    ("covariates", lambda s: ", ".join(sorted(s.spec.covariates)) or "none"),
    ("the number of principal components", lambda s: str(len(s.spec.components))),
    ("whether covariates interact with time", lambda s: _yes(s.spec.covariate_time)),
    ("the way scores are standardised", lambda s: s.spec.score_scale),
    ("the group analysed", lambda s: "everybody" if s.spec.subset is None else s.spec.subset[1]),
    ("the group left out", lambda s: "nobody" if s.spec.without is None else s.spec.without[1]),
    ("the rule for outliers", lambda s: s.spec.outliers),
    ("the random part", lambda s: s.random_used),
    ("standard errors", lambda s: f"{s.spec.errors} {s.spec.cluster}".strip()),
    ("the week after treatment", lambda s: _week(s)),
)
_ORIGINS = (
    ("pgs_id", "the identifier"),
    ("gwas", "the discovery study"),
    ("method", "the scoring method"),
    ("normalisation", "the normalisation"),
)


def check_compatible(sites: Sequence[SiteSummary]) -> list[Finding]:
    """What a reader must know of differences between sites that may be pooled.

    Raises
    ------
    SpecError
        If there are fewer than two, two are of the same people or bear the same name, or they
        differ in what decides the meaning of an estimate.
    """
    if len(sites) < 2:
        raise SpecError(
            "There are fewer than two sites to pool.", "Load the summary of another site too."
        )
    _check_different(sites)
    for what, of in _MUST:
        one, other = _first_difference(sites, of)
        if other is not None:
            raise SpecError(
                f"The sites differ in {what}: {of(one)} at {one.site}, {of(other)} at "
                f"{other.site}.",
                "Fit the same analysis at every site, with the specification of one of them.",
                code="different_analyses",
            )
    findings = [
        Finding(
            "sites_differ",
            "warning",
            f"The sites differ in {what}: "
            + ", ".join(f"{of(s)} at {s.site}" for s in sites)
            + ".",
        )
        for what, of in _MAY
        if len({of(s) for s in sites}) > 1
    ]
    return findings + _origins(sites) + _weeks(sites)


def _origins(sites: Sequence[SiteSummary]) -> list[Finding]:
    """Whether scores of one name are one score, as far as the sites say where they come from.

    Raises
    ------
    SpecError
        If two sites state different identifiers of the PGS Catalog for one name.
    """
    findings: list[Finding] = []
    for score in dict.fromkeys(str(s) for site in sites for s in site.effects["score"]):
        those = [s for s in sites if (s.effects["score"] == score).any()]
        for name, what in _ORIGINS:
            stated = [(s.site, s.origins[score][name]) for s in those
                      if name in s.origins.get(score, {})]  # fmt: skip
            other = next((x for x in stated if not _same(x[1], stated[0][1])), None)
            if other is None:
                continue
            (one, first), (two, second) = stated[0], other
            if name == "pgs_id":
                raise SpecError(
                    f"{score} is {first} at {one} and {second} at {two}: two scores of one name.",
                    "Use the same score at every site, or give them names of their own.",
                    code="different_scores",
                    column=score,
                )
            text = ", ".join(f"{value} at {site}" for site, value in stated)
            findings.append(
                Finding(
                    "scores_differ",
                    "warning",
                    f"The sites differ in {what} of {score}: {text}. Pooled are effects of scores "
                    "that may not be the same.",
                    column=score,
                )
            )
    return findings


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def common_span(sites: Sequence[SiteSummary]) -> float | None:
    """Weeks that change is pooled over: the shortest of the sites; None without weeks."""
    spans = [
        s.last_week - s.first_week
        for s in sites
        if s.first_week is not None and s.last_week is not None
    ]
    return min(spans) if len(spans) == len(sites) and spans else None


def _check_different(sites: Sequence[SiteSummary]) -> None:
    names: dict[str, SiteSummary] = {}
    studies: dict[str, SiteSummary] = {}
    for site in sites:
        if site.study in studies:
            raise SpecError(
                f"{studies[site.study].site} and {site.site} are summaries of the same data.",
                "Leave one of them out; the same people would count twice.",
                code="same_study",
            )
        if site.site.casefold() in names:
            raise SpecError(
                f"Two summaries bear the name {site.site}.",
                "Give each site a name of its own when its summary is made.",
                code="same_name",
            )
        names[site.site.casefold()] = studies[site.study] = site


def _first_difference(
    sites: Sequence[SiteSummary], of: Callable[[SiteSummary], Any]
) -> tuple[SiteSummary, SiteSummary | None]:
    one = sites[0]
    return one, next((s for s in sites[1:] if of(s) != of(one)), None)


def _weeks(sites: Sequence[SiteSummary]) -> list[Finding]:
    ends = [(s.first_week, s.last_week) for s in sites]
    if any(a is None or b is None for a, b in ends):
        return []
    firsts, lasts = ([float(e[i] or 0.0) for e in ends] for i in (0, 1))
    if max(firsts) - min(firsts) <= _NEAR and max(lasts) - min(lasts) <= _NEAR:
        return []
    spec = sites[0].spec
    text = "; ".join(f"weeks {s.first_week:g} to {s.last_week:g} at {s.site}" for s in sites)
    if spec.time_coding != "linear" or spec.origin != "start":
        raise SpecError(
            f"The sites differ in the weeks analysed: {text}.",
            "Analyse the same weeks at every site.",
            code="different_weeks",
        )
    span = common_span(sites)
    return [
        Finding(
            "different_weeks",
            "warning",
            f"The sites differ in the weeks analysed ({text}); change is a straight line, so it "
            f"is told over {span:g} weeks for all.",
        )
    ]


def _direction(site: SiteSummary) -> str:
    return "higher is worse" if site.outcome.higher_is_worse else "higher is better"


def _range(site: SiteSummary) -> str:
    low, high = site.outcome.minimum, site.outcome.maximum
    return "not known" if low is None or high is None else f"{low:g} to {high:g}"


def _spline(site: SiteSummary) -> str:
    return str(site.spec.spline_df) if site.spec.time_coding == "spline" else "none"


def _interactions(site: SiteSummary) -> str:
    pairs = (f"{a} x {b}" for a, b in site.spec.interactions)
    return ", ".join(pairs) or "none"


def _week(site: SiteSummary) -> str:
    week = site.spec.post_week
    return "as found in the visits" if week is None else f"week {week:g}"


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
