"""What one file contributes to a study: people, their scores and covariates, and visits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.content.kinship import Pairs, read_pairs
from pgsicbt.ingest.content.observations import Visits, read_visits
from pgsicbt.ingest.content.person_rows import PersonRows, require_numbers
from pgsicbt.ingest.content.scores import PersonScore, ask_codes, read_scores
from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.recognise.layout import Assigned, FileKind, Layout
from pgsicbt.ingest.recognise.names import SEX
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import count, lines_text
from pgsicbt.instruments import simple_name
from pgsicbt.study import CovariateRole, Finding

_COVARIATE_ROLES: dict[str, CovariateRole] = {
    "covariate": "covariate",
    "component": "component",
    "batch": "batch",
    "stratum": "stratum",
}
MOST_GROUPS = 60
_SEXES = {
    **dict.fromkeys(("f", "female", "woman", "w", "k", "kvinna", "kvinne", "kvinde", "frau",
                     "weiblich", "vrouw", "v", "femme", "mujer", "nainen", "girl"), "female"),
    **dict.fromkeys(("male", "man", "h", "mann", "mand", "männlich", "maennlich", "homme",
                     "hombre", "mies", "boy"), "male"),
}  # fmt: skip
_HIGH_CODES = (99.0, 999.0, 9999.0, 888.0, 777.0, 8888.0, 7777.0)
_CODES = (-9.0, -99.0, -999.0, -9999.0)


@dataclass(frozen=True)
class PersonCovariate:
    """A covariate: ``values`` is float for numbers, otherwise text with None where missing."""

    name: str
    role: CovariateRole
    numeric: bool
    values: NDArray[np.float64] | NDArray[np.object_]


@dataclass(frozen=True)
class Part:
    """One file, read: ``ids`` are its people in order of appearance, as the file writes them.

    ``relatives`` are pairs of them, from a table of kinship. ``id_lines`` has shape (n_persons,):
    the line on which each of them is first named.

    Lives only while files are read; identifiers are replaced when the parts are joined.
    """

    file: str
    kind: FileKind
    n_rows: int
    ids: list[str]
    id_column: str = ""
    scores: tuple[PersonScore, ...] = ()
    covariates: tuple[PersonCovariate, ...] = ()
    visits: Visits | None = None
    findings: tuple[Finding, ...] = ()
    n_reference: int = 0
    sha256: str = field(default="", repr=False)
    id_lines: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)
    questions: tuple[Question, ...] = ()
    relatives: Pairs | None = field(default=None, repr=False)


def read_part(table: Table, layout: Layout, choices: ReadingChoices, n_reference: int) -> Part:
    """Take people, scores, covariates and visits out of a table.

    Raises
    ------
    DataError
        If a column cannot hold its role, or the same person has conflicting entries.
    """
    findings: list[Finding] = []
    if layout.kind == "dictionary":
        return Part(table.name, layout.kind, table.n_rows, [], sha256=table.sha256)
    if layout.kind == "kinship":
        return _kinship_part(table, layout, choices)
    id_name = layout.first("id")
    ids = table.column(id_name)
    if ids.n_missing:
        raise DataError(
            f"{table.name} has no identifier in column {id_name!r} on "
            f"{lines_text(table.lines[ids.missing])}.",
            "Fill in the identifier or delete these rows.",
            code="missing_id",
            file=table.name,
            column=id_name,
        )
    reader = _Reader(table, layout, choices, ids.codes, len(ids.levels), id_name)
    scores = read_scores(reader)
    asked, questions = ask_codes(reader, scores)
    findings += asked
    covariates = tuple(reader.covariates(findings))
    if not scores and not covariates and not layout.with_role("outcome", "value", "item"):
        raise DataError(
            f"{table.name} has no scores, no outcomes and no covariates in it.",
            "Load tables of people; if a column was overlooked, choose its role.",
            code="nothing_found",
            file=table.name,
        )
    visits = read_visits(table, layout, choices, ids.codes)
    if visits is None:
        findings += reader.repeats()
    else:
        findings += visits.findings
    return Part(
        file=table.name,
        kind=layout.kind,
        n_rows=table.n_rows,
        ids=[str(level) for level in ids.levels],
        id_column=id_name,
        scores=scores,
        covariates=covariates,
        visits=visits,
        findings=tuple(findings),
        questions=(*questions, *(() if visits is None else visits.questions)),
        n_reference=n_reference,
        sha256=table.sha256,
        id_lines=table.lines[ids.first_rows(ids.codes, len(ids.levels))],
    )


def _kinship_part(table: Table, layout: Layout, choices: ReadingChoices) -> Part:
    pairs = read_pairs(table, layout, choices)
    return Part(
        file=table.name,
        kind=layout.kind,
        n_rows=table.n_rows,
        ids=pairs.ids,
        id_column=layout.first("id"),
        sha256=table.sha256,
        id_lines=pairs.lines,
        relatives=pairs,
    )


class _Reader(PersonRows):
    """The covariates of a table."""

    def covariates(self, findings: list[Finding]) -> Iterator[PersonCovariate]:
        for name in self.layout.with_role(*_COVARIATE_ROLES):
            column, given = self.table.column(name), self.layout.columns[name]
            role = _COVARIATE_ROLES[given.role]
            if role == "component":
                require_numbers(self.table, column, "a principal component")
            if column.empty:
                continue
            rows = self.once(column, f"a {given.role}")
            numeric = column.numeric and role in ("covariate", "component")
            if numeric:
                numbers = np.where(rows >= 0, self.numbers(column, given)[rows], np.nan)
                findings += self._code_warning(column, given)
                yield PersonCovariate(name, role, True, numbers)
            else:
                self._require_groups(column, given.role)
                texts = np.full(self.n_persons, None, dtype=object)
                texts[rows >= 0] = column.levels[column.codes[rows[rows >= 0]]]
                if simple_name(name) in SEX:
                    texts = self._sexes(name, texts, findings)
                yield PersonCovariate(name, role, False, texts)

    def _sexes(
        self, name: str, texts: NDArray[np.object_], findings: list[Finding]
    ) -> NDArray[np.object_]:
        """Several spellings of two sexes brought together; two spellings stay as they are."""
        different = {str(one) for one in texts if one is not None}
        folded = {one.casefold().strip(".") for one in different}
        # In Spanish M is mujer beside H, hombre.
        known = {**_SEXES, "m": "female" if folded & {"h", "hombre"} else "male"}
        if len(different) <= 2 or not folded <= set(known):
            return texts
        findings.append(
            Finding(
                "spellings",
                "warning",
                f"Column {name!r} of {self.table.name} writes two sexes in {len(different)} ways; "
                "they are read as female and male.",
                self.table.name,
                name,
            )
        )
        said = [None if one is None else known[str(one).casefold().strip(".")] for one in texts]
        return np.array(said, dtype=object)

    def _require_groups(self, column: Column, role: str) -> None:
        """Refuse free text and measurements as groups of people."""
        n_levels = len(column.present_levels)
        if not column.numeric and column.mostly_numeric and len(column.different_numbers) > 20:
            require_numbers(self.table, column, f"a {role}")
        if n_levels > MOST_GROUPS and n_levels > 0.25 * self.n_persons:
            raise DataError(
                f"{self.table.name} has {n_levels:,} different entries in column "
                f"{column.name!r}, too many to be groups of people.",
                "Group the entries first, or ignore the column.",
                code="too_many_groups",
                file=self.table.name,
                column=column.name,
            )

    def _code_warning(self, column: Column, given: Assigned) -> list[Finding]:
        """Warn where a lone -9 or -99 among other numbers looks like a missing code."""
        values = column.different_numbers
        declared = self.choices.missing_of(column.name, given.name or column.name)
        negative = [v for v in values[values < 0] if v not in declared]
        coded = bool(negative) and all(v in _CODES for v in negative)
        high = [v for v in values if v in _HIGH_CODES and v not in declared]
        rest = values[values < min(high)] if high else values
        coded |= bool(high) and rest.size > 2 and min(high) > 3 * float(rest.max())
        if len(values) < 3 or not coded:
            return []
        return [
            Finding(
                "missing_code",
                "warning",
                f"{column.name!r} of {self.table.name} holds a number that usually stands for a "
                "missing answer; declare it as missing if it does.",
                self.table.name,
                column.name,
            )
        ]

    def repeats(self) -> list[Finding]:
        """A finding for people who stand in a table of people more than once, alike."""
        scores_per_person = 1
        if self.layout.score_names:
            scores_per_person = len(self.table.column(self.layout.score_names).levels)
        extra = len(self.person) - self.n_persons * scores_per_person
        if extra <= 0:
            return []
        order = pd.Series(self.person).duplicated().to_numpy()
        where = "" if scores_per_person > 1 else f", {lines_text(self.table.lines[order])}"
        return [
            Finding(
                "repeated_rows",
                "warning",
                f"{self.table.name} repeats people in {count(extra, 'row')}{where}; "
                "the repeats say the same and count once.",
                self.table.name,
                self.id,
            )
        ]
