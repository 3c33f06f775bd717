"""What each column of a file was taken for, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pgsicbt.ingest.questions import Question
from pgsicbt.study import Finding

FileKind = Literal[
    "pgsc_calc", "pgsc_popsimilarity", "plink_sscore", "plink_profile", "prsice_best",
    "prsice_all_score", "genopred", "ldpred2", "scores_long", "eigenvec", "fam", "kinship",
    "scores", "outcomes_long", "outcomes_wide", "covariates", "combined", "dictionary", "unknown",
]  # fmt: skip

TIME_ROLES = ("time", "time:day", "time:month", "time:year", "time:date", "time:age")
"""Roles of a column that says when a visit was."""

KIND_NAMES: dict[FileKind, str] = {
    "pgsc_calc": "Scores from pgsc_calc",
    "pgsc_popsimilarity": "Ancestry from pgsc_calc",
    "plink_sscore": "Scores from PLINK 2",
    "plink_profile": "Scores from PLINK 1.9",
    "prsice_best": "Scores from PRSice",
    "prsice_all_score": "Scores from PRSice at several thresholds",
    "genopred": "Scores from GenoPred",
    "ldpred2": "Scores from LDpred2",
    "scores_long": "Scores, one row per person and score",
    "eigenvec": "Principal components",
    "fam": "Sex from PLINK",
    "kinship": "Kinship, one row per pair of people",
    "scores": "Score table",
    "outcomes_long": "Outcomes, one row per visit",
    "outcomes_wide": "Outcomes, one column per visit",
    "covariates": "Covariates",
    "combined": "One table holding everything",
    "dictionary": "Data dictionary",
    "unknown": "Not recognised",
}


@dataclass(frozen=True)
class Assigned:
    """The role of one column.

    ``name`` is what it is called in the study, where that differs from the column;
    ``visit`` the visit that a wide column belongs to; ``item`` the number of a question.
    """

    role: str
    reason: str
    name: str = ""
    visit: str = ""
    normalisation: str = ""
    alternatives: tuple[str, ...] = ()
    item: int = 0


@dataclass(frozen=True)
class Layout:
    """What a file is and what its columns are, in file order.

    ``score_names`` is the column that names the score of each row, where a table has one row per
    person and score.
    """

    kind: FileKind
    columns: dict[str, Assigned]
    findings: tuple[Finding, ...] = ()
    set_aside: str = field(default="")
    questions: tuple[Question, ...] = ()
    score_names: str = ""

    def with_role(self, *roles: str) -> list[str]:
        """Columns with one of ``roles``, in file order."""
        return [name for name, given in self.columns.items() if given.role in roles]

    def first(self, *roles: str) -> str:
        """The first column with one of ``roles``, or ''."""
        return next(iter(self.with_role(*roles)), "")

    @property
    def time(self) -> str:
        """The column that counts time, or holds dates or ages, or ''."""
        return self.first(*TIME_ROLES)
