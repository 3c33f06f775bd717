"""What a site gives away for pooling: estimates with their standard errors, and what they mean.

No row of a summary is about a person, and none rests on fewer people than the disclosure rule
allows. It says which outcome, instruments, weeks and analysis its numbers are of, so that whoever
pools can refuse what does not belong together.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import SpecError
from pgsicbt.meaning.verdicts import verdicts
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.provenance import Provenance, provenance_of
from pgsicbt.result import Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

SCHEMA = "pgsicbt-site-summary"
VERSION = 1
LONGEST_NAME = 80
LONGEST_TEXT = 4 * LONGEST_NAME
EFFECT_COLUMNS = (
    "score", "label", "model", "about", "estimate", "std_error", "df", "n_persons",
)  # fmt: skip
"""Columns of ``SiteSummary.effects``: per +1 SD of the score among the site's own people;
``about`` is ``severity`` (at the origin of time), ``change`` (from the start of treatment to the
last week) or ``outcome``; ``df`` is NaN for z tests."""
ORIGIN_FIELDS = ("pgs_id", "gwas", "method", "normalisation")
"""What a summary says of a score's origin, of the fields of
:class:`~pgsicbt.provenance.Provenance`."""


@dataclass(frozen=True)
class SiteOutcome:
    """The outcome of a site: what, on which scale, and by which instruments it was measured."""

    name: str
    label: str
    unit: str
    higher_is_worse: bool
    minimum: float | None
    maximum: float | None
    instruments: tuple[str, ...]


@dataclass(frozen=True)
class SiteSummary:
    """The summary of one site.

    Parameters
    ----------
    site
        What the site calls itself.
    effects
        One row per score, model and what it is about, with ``EFFECT_COLUMNS``.
    unit
        ``points``, ``log odds`` or ``log hazard``.
    first_week, last_week
        Weeks that change is told between; None in families with one outcome per person.
    random_used
        Random part that was fitted.
    study
        Digest of the study, to tell when the same one is handed in twice.
    withheld
        Effects left out because too few people stand behind them.
    origins
        By score what is stated of where it comes from: those of ``ORIGIN_FIELDS`` that are known.
    """

    site: str
    spec: AnalysisSpec
    outcome: SiteOutcome
    effects: pd.DataFrame
    unit: str
    n_persons: int
    n_observations: int
    first_week: float | None
    last_week: float | None
    random_used: str
    study: str
    program: str
    simulated: bool = False
    withheld: int = 0
    origins: dict[str, dict[str, str]] = field(default_factory=dict)

    def to_json(self) -> str:
        """The summary as it is handed over; the last field is the digest of all others."""
        body: dict[str, Any] = {
            "schema": SCHEMA,
            "version": VERSION,
            "site": self.site,
            "program": self.program,
            "simulated": self.simulated,
            "study": self.study,
            "n_persons": self.n_persons,
            "n_observations": self.n_observations,
            "withheld": self.withheld,
            "outcome": dataclasses.asdict(self.outcome),
            "first_week": self.first_week,
            "last_week": self.last_week,
            "random_used": self.random_used,
            "unit": self.unit,
            "per": "one standard deviation of the score among the site's people",
            "spec": json.loads(self.spec.canonical()),
            "origins": self.origins,
            "effects": [
                {name: _plain(row[name]) for name in EFFECT_COLUMNS}
                for row in self.effects.to_dict("records")
            ],
        }
        body["digest"] = digest_of(body)
        return json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def digest_of(body: dict[str, Any]) -> str:
    """SHA-256 of everything in a summary but its digest."""
    rest = {key: value for key, value in body.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def site_summary(
    study: Study, result: Result, site: str, stated: Mapping[str, Provenance] | None = None
) -> SiteSummary:
    """The summary of a fitted analysis.

    Parameters
    ----------
    stated
        Where the scores come from, beyond what the files say (:mod:`pgsicbt.provenance`).

    Raises
    ------
    SpecError
        If the site has no name, the analysis has no score or has groups of scores, or nothing is
        left after the disclosure rule.
    """
    name = " ".join(site.split())
    if not name or len(name) > LONGEST_NAME:
        raise SpecError(
            f"The site needs a name of at most {LONGEST_NAME} characters.",
            "Choose one that the other sites will recognise.",
        )
    spec = result.spec
    if not spec.scores:
        raise SpecError("There is no score to pool in this analysis.", "Choose scores first.")
    rows = verdicts(study, result, 1.0)
    rows = rows[np.isfinite(rows["std_error"]) & (rows["std_error"] > 0)]
    enough = (rows["n_persons"] >= MINIMUM_CELL) & ~_few_events(rows, result)
    withheld = int((~enough).sum())
    kept = rows[enough].assign(label=[study.score(s).label for s in rows[enough]["score"]])
    kept = kept.assign(df=kept["df"].where(np.isfinite(kept["df"])))
    if kept.empty:
        raise SpecError(
            f"No effect rests on at least {MINIMUM_CELL} people, so nothing can be handed over.",
            "Choose an analysis with more people.",
        )
    info = study.outcome(spec.outcome)
    time = next((f.time for f in result.fits if f.time is not None), None)
    return SiteSummary(
        site=name,
        spec=spec,
        outcome=SiteOutcome(
            info.name, info.label, info.unit, info.higher_is_worse, _end(info.minimum),
            _end(info.maximum), _instruments(study, spec),
        ),
        effects=kept[list(EFFECT_COLUMNS)].reset_index(drop=True),
        unit=str(kept["unit"].iloc[0]),
        n_persons=result.n_persons,
        n_observations=result.n_observations,
        first_week=None if time is None else time.change_weeks[0],
        last_week=None if time is None else time.change_weeks[1],
        random_used=result.random_used,
        study=hashlib.sha256(f"{SCHEMA} {study.digest}".encode()).hexdigest()[:16],
        program=f"pgsicbt {result.versions.get('pgsicbt', '')}".strip(),
        simulated=result.simulated,
        withheld=withheld,
        origins=_origins(study, list(dict.fromkeys(kept["score"])), dict(stated or {})),
    )  # fmt: skip


def _origins(
    study: Study, scores: list[str], stated: dict[str, Provenance]
) -> dict[str, dict[str, str]]:
    """What is known of each score's origin; scores of which nothing is known are left out."""
    found: dict[str, dict[str, str]] = {}
    for score in scores:
        told = provenance_of(study, score, stated)
        texts = {name: " ".join(getattr(told, name).split()) for name in ORIGIN_FIELDS}
        known = {name: text[:LONGEST_TEXT] for name, text in texts.items() if text}
        if known:
            found[score] = known
    return found


def _end(value: float | None) -> float | None:
    return None if value is None else float(value)


def _few_events(rows: pd.DataFrame, result: Result) -> pd.Series[bool]:
    """Rows of models in which too few people had, or had not, what is predicted."""
    few = []
    for row in rows.to_dict("records"):
        fit = result.fit_of(str(row["score"]), str(row["model"]))
        counts = {} if fit is None else fit.details
        few.append(any(counts.get(k, np.inf) < MINIMUM_CELL for k in ("events", "non_events")))
    return pd.Series(few, index=rows.index, dtype=bool)


def _instruments(study: Study, spec: AnalysisSpec) -> tuple[str, ...]:
    """Labels of the instruments behind the outcome, those that enough people have."""
    own = study.outcome(spec.outcome)
    if own.instrument:
        return (own.instrument,)
    analysed = study.visits["person"].isin(analysis_sample(study, spec).persons.index)
    people = study.visits[analysed].groupby("outcome", observed=True)["person"].nunique()
    return tuple(
        o.label for o in study.outcomes if o.instrument and people.get(o.name, 0) >= MINIMUM_CELL
    )


def _plain(value: Any) -> Any:
    """A cell as JSON holds it."""
    if isinstance(value, str):
        return value
    number = float(value)
    if not np.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
