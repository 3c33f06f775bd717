"""What is stored of an instrument; every number with its source and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Confidence = Literal["A", "C", "M"]
"""A: read in an abstract or on a publisher's, clinic's or agency's page. C: calculated. M: in
general use, to be checked before it is cited."""
CONFIDENCE_WORDS: dict[Confidence, str] = {
    "A": "published",
    "C": "calculated",
    "M": "in general use, not checked against its source",
}

Kind = Literal["response", "remission", "case", "reliable_change", "minimal_change"]
Operator = Literal["<", "<=", ">=", ">"]
Unit = Literal["points", "percent"]


@dataclass(frozen=True)
class Items:
    """The questions of a scale: how many, the range of an answer, those counted the other way.

    The total is the sum of the answers times ``multiplier``. ``answers`` holds, for every step
    of an answer from the lowest, its wordings as :func:`pgsicbt.instruments.folded` writes them.
    """

    count: int
    minimum: float
    maximum: float
    reversed: tuple[int, ...] = ()
    multiplier: float = 1.0
    answers: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Block:
    """The questionnaire in which a scale's questions stand among those of others.

    Parameters
    ----------
    aliases
        Names that files give the questionnaire, in lower case, letters and digits only.
    count
        How many questions it has.
    numbers
        Which of them are the scale's, in the order of its own questions.
    """

    aliases: tuple[str, ...]
    count: int
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Band:
    """A band of severity: totals from ``low`` to ``high``, both included."""

    label: str
    low: float
    high: float


@dataclass(frozen=True)
class Definition:
    """One definition of an outcome in yes and no, or of a change that counts.

    Parameters
    ----------
    kind
        ``response`` and the two changes speak of the improvement from before to after treatment,
        ``remission`` and ``case`` of the total itself.
    operator, value, unit
        ``>= 50 percent``, ``<= 10 points``.
    population
        Whom it was made for; ``"self-report"`` or ``"clinician"`` first.
    source, confidence
        Where it is from, and how sure that is.
    """

    kind: Kind
    operator: Operator
    value: float
    unit: Unit
    population: str
    source: str
    confidence: Confidence

    def holds(self, amount: float) -> bool:
        """Whether a total, or an improvement in the definition's unit, meets the definition."""
        if math.isnan(amount):
            return False
        if self.operator == "<":
            return amount < self.value
        if self.operator == "<=":
            return amount <= self.value
        return amount >= self.value if self.operator == ">=" else amount > self.value

    @property
    def words(self) -> str:
        """The definition in words: ``improvement of at least 50 %``, ``10 points or less``."""
        amount = f"{self.value:g} %" if self.unit == "percent" else f"{self.value:g} points"
        if self.kind in ("remission", "case"):
            return {
                "<": f"below {amount}",
                "<=": f"{amount} or less",
                ">=": f"{amount} or more",
                ">": f"above {amount}",
            }[self.operator]
        return f"improvement of {'at least' if self.operator == '>=' else 'more than'} {amount}"


@dataclass(frozen=True)
class Reliability:
    """A reliability coefficient, from 0 to 1, with its kind: ``alpha`` or ``test-retest``."""

    kind: str
    value: float
    source: str
    confidence: Confidence


@dataclass(frozen=True)
class Instrument:
    """A symptom scale.

    Parameters
    ----------
    minimum, maximum, step
        Theoretical range of the total and the smallest difference between two totals.
    higher_is_worse
        Direction; where it is False, a rise is an improvement.
    aliases
        Names that files give it, in lower case, letters and digits only.
    doubtful
        Those of the aliases that another instrument goes by as well: reading says so.
    other
        The ``id`` of that other instrument, where the registry has it.
    self_report
        Whether the patient fills it in; a definition made for clinicians' ratings is then named
        as such wherever it is used.
    prorate
        Number of unanswered questions that the mean of the others may make up for.
    block
        The longer questionnaire that its questions are part of, if they are.
    bands, bands_for, bands_source, bands_confidence
        Severity bands, which tile the range, and where they are from.
    note
        What a user must know before comparing totals.
    """

    id: str
    name: str
    measures: str
    minimum: float
    maximum: float
    step: float
    higher_is_worse: bool
    aliases: tuple[str, ...]
    source: str
    confidence: Confidence = "M"
    self_report: bool = True
    doubtful: tuple[str, ...] = ()
    other: str = ""
    items: Items | None = None
    prorate: int = 0
    block: Block | None = None
    bands: tuple[Band, ...] = ()
    bands_for: str = ""
    bands_source: str = ""
    bands_confidence: Confidence = "M"
    definitions: tuple[Definition, ...] = ()
    reliabilities: tuple[Reliability, ...] = ()
    note: str = ""

    def band(self, total: float) -> Band | None:
        """The severity band of a total, None where there is none; between two, the lower one."""
        found = [band for band in self.bands if band.low <= total]
        return found[-1] if found and total <= self.maximum else None
