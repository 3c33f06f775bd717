"""Studies made from a study: another score beside its own, other visits, fewer people.

Each has a digest of its own, made from that of the study and from what was done to it, so that no
result is ever taken for that of another study.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.result import Array
from pgsicbt.study import ScoreInfo, Study


def tagged(study: Study, what: str) -> str:
    """Digest of what ``what`` makes of the study."""
    return hashlib.sha256(f"{study.digest} {what}".encode()).hexdigest()


def with_scores(study: Study, values: dict[str, Array], what: str) -> Study:
    """The study with further scores.

    Parameters
    ----------
    values
        Name to values (N,) in the order of ``study.persons``; missing is NaN.
    what
        What they are and how they were made, seed and all, for the digest.

    Raises
    ------
    SpecError
        If a name is taken.
    """
    for name in values:
        if name in study.persons.columns:
            raise SpecError(
                f"The study has a column {name!r} already.", "Choose another name.", column=name
            )
    added = pd.DataFrame(values, index=study.persons.index).astype(float)
    infos = tuple(
        ScoreInfo(
            name,
            name,
            mean=float(added[name].mean()),
            sd=float(added[name].std()),
            n_persons=int(added[name].notna().sum()),
        )
        for name in values
    )
    return replace(
        study,
        persons=pd.concat([study.persons, added], axis=1),
        scores=(*study.scores, *infos),
        digest=tagged(study, what),
    )


def with_visits(study: Study, visits: pd.DataFrame, what: str) -> Study:
    """The study with other visits (columns as in :class:`Study`)."""
    return replace(study, visits=visits, digest=tagged(study, what))


def covariate_as_score(study: Study, name: str) -> tuple[Study, str]:
    """The study with a covariate in a score's place, to be compared with scores.

    A numeric covariate is taken as it is, levels as 0, 1, 2, .. (a trend) in the order of the
    study, which only means something where that order does. The covariate itself stays as well.

    Returns
    -------
    Study, str
        The study, and the name of the new score.

    Raises
    ------
    SpecError
        If the study has no such covariate.
    """
    info = study.covariate(name)
    column = study.persons[info.name]
    if info.kind == "numeric":
        values = column.to_numpy(float)
    else:
        codes = pd.Index(info.levels).get_indexer(pd.Index(column)).astype(float)
        values = np.where(codes < 0, np.nan, codes)
    new = f"{info.name} (trend)"
    made = with_scores(study, {new: values}, f"covariate as score: {info.name}")
    labelled = replace(made.scores[-1], label=info.label, file=info.file, column=info.name)
    return replace(made, scores=(*made.scores[:-1], labelled)), new


OUTLYING = 6.0
"""Robust SDs from the median of a component beyond which somebody's ancestry is another one."""


def outlying_ancestry(study: Study) -> pd.Series[bool]:
    """Who lies far from most in ancestry, by person.

    Beyond :data:`OUTLYING` robust SDs (1.4826 times the median distance from the median) on any of
    the first ten components of the study; components that are missing say nothing.
    """
    names = study.covariate_names("component")[:10]
    values = study.persons[list(names)].to_numpy(float)
    middle = np.nanmedian(values, axis=0) if len(values) else np.zeros(len(names))
    spread = 1.4826 * np.nanmedian(np.abs(values - middle), axis=0) if len(values) else middle
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(values - middle) / np.where(spread > 0, spread, np.nan)
    return pd.Series((z > OUTLYING).any(axis=1), index=study.persons.index)
