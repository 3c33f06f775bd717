"""What the program knows about a cohort after reading: the frozen :class:`Study`.

A study holds individual data, lives in the memory of one session and is never written to disk.
Person identifiers are replaced on reading; what is kept is a keyed hash that means nothing
outside the session.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.scales import (
    LABELS,
    SCALES,
    SEPARATOR,
    UNITS,
    Scale,
    percent_change,
    pomp,
    split_scale,
    t_score,
    z_at_baseline,
)

Severity = Literal["info", "warning", "error"]
CovariateRole = Literal["covariate", "component", "batch", "stratum"]
CovariateKind = Literal["numeric", "categorical"]

HARMONISED = "harmonised"
WEEKS_PER_UNIT = {"week": 1.0, "day": 1 / 7, "month": 365.25 / 84, "year": 365.25 / 7}


@dataclass(frozen=True)
class Finding:
    """One thing noticed while reading or fitting, fit to be shown to a person."""

    code: str
    severity: Severity
    message: str
    file: str = ""
    column: str = ""


@dataclass(frozen=True)
class LedgerStep:
    """One step on the way from the files to the analysis, and who was lost at it.

    ``persons`` and ``observations`` count what is left after the step; ``lost_persons`` and
    ``lost_observations`` what the step removed, for the stated ``reason``.
    """

    step: str
    persons: int
    observations: int = 0
    lost_persons: int = 0
    lost_observations: int = 0
    reason: str = ""
    file: str = ""


@dataclass(frozen=True)
class ScoreInfo:
    """One polygenic score: its name in ``Study.persons`` and where it came from."""

    name: str
    label: str
    file: str = ""
    column: str = ""
    normalisation: str = ""
    alternatives: tuple[str, ...] = ()
    mean: float = float("nan")
    sd: float = float("nan")
    n_persons: int = 0


@dataclass(frozen=True)
class OutcomeInfo:
    """One symptom outcome: instrument, range and direction.

    ``minimum`` and ``maximum`` are the instrument's theoretical range; both are None for a
    column that belongs to no known instrument.
    """

    name: str
    label: str
    instrument: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    higher_is_worse: bool = True
    unit: str = "points"
    n_persons: int = 0
    n_observations: int = 0


@dataclass(frozen=True)
class CovariateInfo:
    """One column of ``Study.persons`` that a model may adjust for or split by.

    Roles: ``component`` is a principal component of ancestry, ``batch`` a genotyping batch,
    ``stratum`` a diagnosis or other group to analyse within, ``covariate`` anything else.
    Levels of a categorical covariate are in the order of ``levels``; the first is the reference.
    """

    name: str
    label: str
    kind: CovariateKind
    role: CovariateRole = "covariate"
    levels: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True)
class Study:
    """A cohort, read and joined.

    Parameters
    ----------
    persons
        One row per person, index ``person`` (keyed hashes), one float column per score, one
        column per covariate (float, or string for categorical ones); missing is NaN / None.
    visits
        One row per person, outcome and time: ``person`` (categorical over ``persons.index``),
        ``outcome`` (name), ``time`` (weeks from the start of treatment), ``value`` (float, on
        the outcome's own scale, never missing). Where instruments are known, the outcome
        ``"harmonised"`` is among them: percent of maximum possible.
    relatives
        Pairs of people of the study who are related, from a table of kinship: ``person_1``,
        ``person_2`` (of ``persons.index``) and ``kinship`` (coefficient; .25 for parent and
        child or siblings).
    time_labels
        What the visits were called in the files, by week.
    time_unit
        The unit that the files counted time in.
    simulated
        True for a cohort made by :mod:`pgsicbt.sample`; shown wherever its results are.
    digest
        sha256 of the bytes read and the reading choices; not of the session's key.
    """

    persons: pd.DataFrame
    visits: pd.DataFrame
    scores: tuple[ScoreInfo, ...]
    outcomes: tuple[OutcomeInfo, ...]
    covariates: tuple[CovariateInfo, ...]
    ledger: tuple[LedgerStep, ...]
    findings: tuple[Finding, ...]
    digest: str
    files: tuple[str, ...] = ()
    time_labels: dict[float, str] = field(default_factory=dict)
    time_unit: Literal["week", "day", "month", "year"] = "week"
    simulated: bool = False
    relatives: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["person_1", "person_2", "kinship"])
    )

    @property
    def score_names(self) -> tuple[str, ...]:
        return tuple(s.name for s in self.scores)

    @property
    def outcome_names(self) -> tuple[str, ...]:
        return tuple(o.name for o in self.outcomes)

    def covariate_names(self, *roles: CovariateRole) -> tuple[str, ...]:
        """Names of the covariates with one of ``roles``, in file order; all without roles."""
        return tuple(c.name for c in self.covariates if not roles or c.role in roles)

    def score(self, name: str) -> ScoreInfo:
        return _named(self.scores, name, "score")

    def outcome(self, name: str) -> OutcomeInfo:
        """An outcome, or one on another scale, such as ``PHQ-9:z`` (:mod:`pgsicbt.scales`)."""
        base, scale = split_scale(name)
        if scale is None or name in self.outcome_names:
            return _named(self.outcomes, name, "outcome")
        info = _named(self.outcomes, base, "outcome")
        if scale not in self.scales_of(base):
            raise SpecError(
                f"{info.label} cannot be shown as {LABELS[scale]}.",
                "Choose its own scale.",
                code="unknown_outcome",
                column=name,
            )
        whole = scale == "pomp"
        return replace(
            info,
            name=f"{info.name}{SEPARATOR}{scale}",
            label=f"{info.label}, {LABELS[scale]}",
            instrument="",
            minimum=0.0 if whole else None,
            maximum=100.0 if whole else None,
            step=None,
            unit=UNITS[scale],
        )

    def scales_of(self, name: str) -> tuple[Scale, ...]:
        """The other scales on which an outcome of the study can be analysed."""
        info = _named(self.outcomes, name, "outcome")
        ranged = info.minimum is not None and info.maximum is not None
        return tuple(
            scale for scale in SCALES if scale != "pomp" or (ranged and info.name != HARMONISED)
        )

    def covariate(self, name: str) -> CovariateInfo:
        return _named(self.covariates, name, "covariate")

    def outcome_visits(self, name: str) -> pd.DataFrame:
        """Visits of one outcome: columns ``person``, ``time`` (weeks), ``value``.

        On another scale than its own they are worked out anew at every call.
        """
        base, scale = split_scale(name)
        if name in self.outcome_names:
            base, scale = name, None
        self.outcome(name)  # refuses what the study does not have
        info = _named(self.outcomes, base, "outcome")
        rows = self.visits.loc[self.visits["outcome"] == info.name, ["person", "time", "value"]]
        rows = rows.reset_index(drop=True)
        if scale == "pomp" and info.minimum is not None and info.maximum is not None:
            return rows.assign(value=pomp(rows["value"], info.minimum, info.maximum))
        if scale == "change":
            return percent_change(rows)
        if scale is None:
            return rows
        group = self._instrument_used() if info.name == HARMONISED else None
        return z_at_baseline(rows, group) if scale == "z" else t_score(rows, group)

    def _instrument_used(self) -> pd.Series[int]:
        """Number of the outcome that each person's harmonised score was made of."""
        shared = self.visits[self.visits["outcome"] == HARMONISED][["person", "time", "value"]]
        best: pd.DataFrame | None = None
        for number, info in enumerate(self.outcomes):
            if info.minimum is None or info.maximum is None or info.name == HARMONISED:
                continue
            own = self.visits[self.visits["outcome"] == info.name][["person", "time", "value"]]
            scaled = pomp(own["value"], info.minimum, info.maximum)
            own = own.assign(value=scaled if info.higher_is_worse else 100 - scaled)
            same = shared.merge(own, on=["person", "time"], suffixes=("", "_own"))
            hits = np.isclose(same["value"], same["value_own"])
            counts = same[hits].groupby("person", observed=True).size()
            found = pd.DataFrame({"person": counts.index, "n": counts.to_numpy(), "of": number})
            best = found if best is None else pd.concat([best, found])
        if best is None:
            return pd.Series(dtype=int)
        best = best.sort_values("n", ascending=False, kind="stable").drop_duplicates("person")
        return best.set_index("person")["of"]


_Info = TypeVar("_Info", ScoreInfo, OutcomeInfo, CovariateInfo)


def _simple(name: str) -> str:
    return "".join(ch for ch in name.lower() if ch.isalnum())


def _named(infos: tuple[_Info, ...], name: str, what: str) -> _Info:
    """The entry called ``name``; spelling may differ in case and punctuation (phq9, PHQ-9)."""
    for info in infos:
        if info.name == name:
            return info
    close = [info for info in infos if _simple(info.name) == _simple(name)]
    if len(close) == 1:
        return close[0]
    known = ", ".join(i.name for i in infos) or "none"
    raise SpecError(
        f"This study has no {what} called {name!r}.",
        f"It has: {known}.",
        code=f"unknown_{what}",
        column=name,
    )
