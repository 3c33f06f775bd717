"""Groups of people that a cohort is described by, none of them too small to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.study import CovariateInfo, Study

MOST_GROUPS = 8
"""Groups shown beside one another; the smallest of more are put together."""
ALL = "All"
THIRDS = ("lowest third", "middle third", "highest third")


@dataclass(frozen=True)
class Grouping:
    """People in groups.

    ``name`` is the covariate ("" for none), ``labels`` the groups in order, ``codes`` (n_persons,)
    each person's position among them. Everybody is in one group; without groups ``labels`` is
    empty and the codes are zero.
    """

    name: str
    labels: tuple[str, ...]
    codes: NDArray[np.intp]

    @property
    def sizes(self) -> NDArray[np.intp]:
        """People per group."""
        return np.bincount(self.codes, minlength=len(self.labels))


def default_groups(study: Study) -> str:
    """The covariate that a cohort is described by unless told otherwise: the first stratum."""
    return next(iter(study.covariate_names("stratum")), "")


def groupings(study: Study) -> tuple[str, ...]:
    """Covariates that can be described by: strata, then batches, then others with few levels."""
    names = [
        c.name
        for role in ("stratum", "batch", "covariate")
        for c in study.covariates
        if c.role == role and 2 <= len(_levels(study, c)) <= MOST_GROUPS
    ]
    strata = study.covariate_names("stratum", "batch")
    return tuple(dict.fromkeys([*strata, *names]))


def group_people(study: Study, name: str) -> Grouping:
    """People by the levels of a covariate; small levels and unknown ones are put together.

    Where even together they are fewer than eight people they join the smallest group, so that
    no group's number can be found from the others and the whole.

    Raises
    ------
    SpecError
        If the study has no such covariate.
    """
    nobody = Grouping("", (), np.zeros(len(study.persons), dtype=np.intp))
    if not name:
        return nobody
    info = study.covariate(name)
    levels = _levels(study, info)
    texts = _texts(study, info)
    codes = np.array(pd.Categorical(texts, categories=levels).codes, dtype=np.intp)
    sizes = np.bincount(codes[codes >= 0], minlength=len(levels))
    order = np.argsort(-sizes, kind="stable")
    kept = {int(i) for i in order[:MOST_GROUPS] if sizes[i] >= MINIMUM_CELL}
    if len(kept) == MOST_GROUPS and len(levels) > MOST_GROUPS:
        kept.discard(int(order[MOST_GROUPS - 1]))
    rest = ~np.isin(codes, list(kept))
    if 0 < rest.sum() < MINIMUM_CELL and kept:
        smallest = min(kept, key=lambda i: sizes[i])
        kept.discard(smallest)
        label = f"{levels[smallest]}, {_rest_label(codes, rest)}"
        rest |= codes == smallest
    else:
        label = _rest_label(codes, rest)
    shown = [i for i in range(len(levels)) if i in kept]
    labels = [levels[i] for i in shown] + ([label] if rest.any() else [])
    if len(labels) < 2:
        return nobody
    place = {old: new for new, old in enumerate(shown)}
    new_codes = np.array([place.get(int(c), len(shown)) for c in codes], dtype=np.intp)
    return Grouping(info.name, _distinct(labels), new_codes)


def score_thirds(study: Study, score: str) -> NDArray[np.intp]:
    """Each person's third of a score, 0 to 2, and -1 where the score is missing; (n_persons,)."""
    values = study.persons[study.score(score).name]
    known = values.notna().to_numpy(bool)
    rank = values[known].rank(method="first").to_numpy(float)
    thirds = np.full(len(values), -1, dtype=np.intp)
    if known.any():
        thirds[known] = np.minimum((rank - 1) * 3 // known.sum(), 2).astype(np.intp)
    return thirds


def _levels(study: Study, info: CovariateInfo) -> list[str]:
    if info.kind == "categorical":
        return list(info.levels)
    values = study.persons[info.name].dropna().unique()
    return [f"{v:g}" for v in sorted(values)] if len(values) <= 40 else []


def _texts(study: Study, info: CovariateInfo) -> list[str | None]:
    values = study.persons[info.name]
    if info.kind == "categorical":
        return [v if isinstance(v, str) else None for v in values]
    return [f"{v:g}" if np.isfinite(v) else None for v in values]


def _rest_label(codes: NDArray[np.intp], rest: NDArray[np.bool_]) -> str:
    unknown, other = (codes[rest] < 0).any(), (codes[rest] >= 0).any()
    return "other or not known" if unknown and other else "not known" if unknown else "other"


def _distinct(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels, each once, even if a level of the files is called as ours."""
    out: list[str] = []
    for label in labels:
        while label in out or label == ALL:
            label += " (group)"
        out.append(label)
    return tuple(out)
