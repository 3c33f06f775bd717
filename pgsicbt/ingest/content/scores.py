"""The scores of a file: one value per person and score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.content.person_rows import PersonRows, require_numbers
from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.recognise.formats.chromosomes import CHROMOSOME_COLUMNS
from pgsicbt.ingest.recognise.formats.people import label_of
from pgsicbt.ingest.recognise.formats.plink import COUNTS
from pgsicbt.ingest.wording import lines_text
from pgsicbt.instruments import simple_name
from pgsicbt.study import Finding
from pgsicbt.wording import listed

MISSING_CODES = (-9.0, -99.0, -999.0, -9999.0, 9.0, 99.0, 999.0, 9999.0)
FEWEST = 8
"""Other values from which on a number that stands apart can be told."""
MOST_CELLS = 50_000_000


@dataclass(frozen=True)
class PersonScore:
    """A score of the people of one file: ``values`` has shape (n_persons,), NaN where missing.

    ``average`` marks a sum divided by the number of alleles, and ``alleles``, of the shape of
    ``values``, is that number where the file says so.
    """

    name: str
    column: str
    values: NDArray[np.float64]
    normalisation: str = ""
    alternatives: tuple[str, ...] = ()
    average: bool = False
    alleles: NDArray[np.float64] | None = None


def read_scores(rows: PersonRows) -> tuple[PersonScore, ...]:
    """Every score of a table, wide or long.

    Raises
    ------
    DataError
        If a score holds text, or one person has two values of it.
    """
    if rows.layout.score_names:
        return tuple(_long(rows))
    return tuple(_wide(rows, name) for name in rows.layout.with_role("score"))


def ask_codes(
    rows: PersonRows, scores: Sequence[PersonScore]
) -> tuple[list[Finding], list[Question]]:
    """Warn and ask where -9 and the like stand far from all other values of a score."""
    findings, questions = [], []
    asked: set[str] = set()
    for score in scores:
        codes = suspected_codes(score.values)
        if not codes or score.column in asked:
            continue
        asked.add(score.column)
        table = rows.table.name
        shown = listed(f"{code:g}" for code in codes)
        message = (
            f"The score {score.name} of {table} holds {shown}, far from all its other values; if "
            "that stands for a missing score, declare it as missing."
        )
        findings.append(Finding("missing_code", "warning", message, table, score.column))
        text = f"Does {shown} stand for a missing score in column {score.column!r} of {table}?"
        proposed = ", ".join(f"{code:g}" for code in codes)
        questions.append(Question("missing_codes", table, score.column, text, (), proposed))
    return findings, questions


def suspected_codes(values: NDArray[np.float64]) -> list[float]:
    """Usual codes for missing values that lie far beyond everything else among ``values``."""
    present = values[~np.isnan(values)]
    coded = np.isin(present, MISSING_CODES)
    others = present[~coded]
    if not coded.any() or others.size < FEWEST:
        return []
    middle, spread = float(np.median(others)), float(others.std())
    far = np.abs(present - middle) > max(5 * spread, 1.5 * float(np.abs(others - middle).max()))
    return sorted({float(code) for code in present[coded & far]})


def _wide(source: PersonRows, name: str) -> PersonScore:
    column, given = source.table.column(name), source.layout.columns[name]
    require_numbers(source.table, column, "a score")
    rows = source.once(column, "a score")
    values = np.where(rows >= 0, source.numbers(column, given)[rows], np.nan)
    profile = source.layout.kind == "plink_profile"
    average = given.normalisation == "AVG" or (profile and given.normalisation == "SCORE")
    return PersonScore(
        source.choices.names.get((source.table.name, name)) or given.name or name,
        name,
        values,
        given.normalisation,
        given.alternatives,
        average,
        _alleles(source, rows) if average else None,
    )


def _called(source: PersonRows, label: str) -> str:
    """What a score of a long table is called: as its rows, or as the recipe says."""
    names = source.layout.score_names
    if simple_name(names) in CHROMOSOME_COLUMNS:
        number = label.casefold().removeprefix("chr")
        label = f"{label_of(source.table.name)}_chr{number}"
    return source.choices.names.get((source.table.name, label), label)


def _alleles(source: PersonRows, rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """The denominators of PLINK's averages."""
    if source.layout.kind not in ("plink_sscore", "plink_profile"):
        return None
    counts = [name for name in COUNTS if name in source.table.positions]
    if not counts:
        return None
    return np.where(rows >= 0, source.table.column(counts[0]).numbers[rows], np.nan)


def _long(source: PersonRows) -> Iterator[PersonScore]:
    """Scores of a file with one row per person and score."""
    name = source.layout.first("score")
    column, given = source.table.column(name), source.layout.columns[name]
    require_numbers(source.table, column, "a score")
    labels, values = source.table.column(source.layout.score_names), source.numbers(column, given)
    if len(labels.levels) * source.n_persons > max(20 * len(values), MOST_CELLS):
        raise DataError(
            f"{source.table.name} has {len(labels.levels):,} names of scores in column "
            f"{labels.name!r}, too many for its rows.",
            "Choose the column that names the score of each row.",
            code="too_many_scores",
            file=source.table.name,
            column=labels.name,
        )
    order = np.argsort(labels.codes, kind="stable")
    bounds = np.searchsorted(labels.codes[order], np.arange(1, len(labels.levels)))
    for label, rows in zip(labels.levels, np.split(order, bounds), strict=True):
        wide = np.full(source.n_persons, np.nan)
        wide[source.person[rows][::-1]] = values[rows][::-1]
        clash = rows[~np.isclose(values[rows], wide[source.person[rows]], equal_nan=True)]
        if clash.size:
            raise DataError(
                f"{source.table.name} has the same score of one person twice, with different "
                f"values, on {lines_text(source.table.lines[clash])}.",
                "Keep one row per person and score.",
                code="duplicate_conflict",
                file=source.table.name,
                column=name,
            )
        yield PersonScore(
            _called(source, str(label)), name, wide, given.normalisation, given.alternatives
        )
