"""A plan of analysis, what came of it, and how a ledger takes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from pgsicbt.meaning.classification import Classification
from pgsicbt.result import Result
from pgsicbt.robustness.proxy import Contest
from pgsicbt.spec import AnalysisSpec

PresetName = Literal["published-study", "plan-2019", "remission"]
PRESETS: tuple[PresetName, ...] = get_args(PresetName)
LEAD = "main"
"""Key of the step that a plan is about."""


@dataclass(frozen=True)
class Step:
    """One analysis of a plan.

    Parameters
    ----------
    exposure
        A covariate that stands in a score's place here, or "".
    """

    key: str
    title: str
    spec: AnalysisSpec
    exposure: str = ""


@dataclass(frozen=True)
class Plan:
    """A plan for one cohort.

    Parameters
    ----------
    about
        What the plan is and where it comes from.
    lead_score
        The score that the plan is about, or "" where the cohort has none such.
    left_out
        What the cohort cannot carry out, and why.
    predicts
        The status whose prediction is cross-validated, or "".
    """

    name: PresetName
    title: str
    about: str
    steps: tuple[Step, ...]
    lead_score: str = ""
    left_out: tuple[str, ...] = ()
    predicts: str = ""

    def step(self, key: str) -> Step | None:
        return next((s for s in self.steps if s.key == key), None)


@dataclass(frozen=True)
class PlanResult:
    """What came of a plan: a result per step, or the reason why there is none.

    ``predicted`` is the cross-validated prediction of a plan that asks for one; ``contest`` sets
    the leading score against the exposure of a step, where a plan has both.
    """

    plan: Plan
    results: dict[str, Result] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    predicted: Classification | None = None
    contest: Contest | None = None

    @property
    def lead(self) -> Result | None:
        return self.results.get(LEAD)


class Look(NamedTuple):
    """A step of a plan as it is entered into the ledger.

    ``title`` is the ledger's ``what``, ``models`` how many models the step asked for.
    """

    spec: AnalysisSpec
    digest: str
    title: str
    models: int
