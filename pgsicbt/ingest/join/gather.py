"""Gather scores, covariates and visits of all files, each person and each visit once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import Repeats
from pgsicbt.ingest.content.parts import Part, PersonCovariate
from pgsicbt.ingest.content.scores import PersonScore
from pgsicbt.ingest.join.chromosomes import GatheredScore, add_up
from pgsicbt.ingest.join.people import People
from pgsicbt.ingest.wording import count, lines_text, people
from pgsicbt.instruments import simple_name
from pgsicbt.study import HARMONISED, Finding
from pgsicbt.wording import listed

TWO_VALUES = "two_values"
"""Code of the error that an answer to the question of repeats settles."""

TAKEN = ("time", "person", "outcome", "value", "intercept", HARMONISED)
"""Names that a score cannot have, since models use them for something else."""

GatheredCovariate = tuple[PersonCovariate, str, NDArray[np.float64] | NDArray[np.object_]]


def gather_scores(
    parts: Sequence[Part], everyone: People, findings: list[Finding]
) -> list[GatheredScore]:
    """Every score once, over all people.

    Chromosomes of a score are added up. A score that several files hold for different people is
    put together; where they differ for the same person, the first file is used.

    Returns
    -------
    list
        Score, its file, and values of shape (n_people,), NaN where missing.

    Raises
    ------
    DataError
        If chromosomes of a score cannot be added up.
    """
    every = [
        _spread_score(score, part.file, where, len(everyone))
        for part, where in zip(parts, everyone.where, strict=True)
        for score in part.scores
    ]
    gathered: dict[str, GatheredScore] = {}
    for one in add_up(every, findings):
        score, file, values = one
        key = score.name.casefold()
        if key not in gathered:
            gathered[key] = one
            continue
        first, first_file, held = gathered[key]
        both = ~np.isnan(held) & ~np.isnan(values)
        alike = bool(np.allclose(held[both], values[both], rtol=1e-6, atol=0))
        where_else = f"The score {score.name} is in {first_file} and in {file}"
        new = np.isnan(held) & ~np.isnan(values)
        if not alike or first.normalisation != score.normalisation or not new.any():
            message = f"{where_else}; the first is used."
            findings.append(Finding("same_score", "warning", message, file, score.column))
            continue
        gathered[key] = (first, first_file, np.where(new, values, held))
        message = (
            f"{where_else} for different people, who are put together; both files must have it on "
            "the same scale."
        )
        findings.append(Finding("score_parts", "warning", message, file, score.column))
    return list(gathered.values())


def _spread_score(
    score: PersonScore, file: str, where: NDArray[np.int64], n_people: int
) -> GatheredScore:
    """A score over all people, NaN for those who are not in its file."""
    values = np.full(n_people, np.nan)
    values[where] = score.values
    if simple_name(score.name) in TAKEN:
        score = replace(score, name=f"PGS_{score.name}")
    if score.alleles is not None:
        alleles = np.full(n_people, np.nan)
        alleles[where] = score.alleles
        score = replace(score, alleles=alleles)
    return score, file, values


def gather_covariates(
    parts: Sequence[Part], everyone: People, taken: set[str], findings: list[Finding]
) -> list[GatheredCovariate]:
    """Every covariate once, over all people; later files fill the gaps of earlier ones.

    A covariate with the name of a score or an outcome (``taken``) is left out.
    """
    gathered: dict[str, GatheredCovariate] = {}
    for part, where in zip(parts, everyone.where, strict=True):
        for covariate in part.covariates:
            key = simple_name(covariate.name)
            if key in taken:
                findings.append(_left_out(covariate, part))
                continue
            values = _spread(covariate, where, len(everyone))
            if key not in gathered:
                gathered[key] = (covariate, part.file, values)
                continue
            first, file, held = gathered[key]
            if first.numeric != covariate.numeric:
                findings.append(_differs(covariate, file, part, 0))
                continue
            has, new = ~pd.isna(held), ~pd.isna(values)
            clash = int((held[has & new] != values[has & new]).sum())
            if clash:
                findings.append(_differs(covariate, file, part, clash))
            filled = np.where(has, held, values)
            gathered[key] = (first, file, filled)
    return list(gathered.values())


def _spread(
    covariate: PersonCovariate, where: NDArray[np.int64], n: int
) -> NDArray[np.float64] | NDArray[np.object_]:
    if covariate.numeric:
        numbers = np.full(n, np.nan)
        numbers[where] = covariate.values
        return numbers
    texts = np.full(n, None, dtype=object)
    texts[where] = covariate.values
    return texts


def _left_out(covariate: PersonCovariate, part: Part) -> Finding:
    message = (
        f"The column {covariate.name!r} of {part.file} has a name that a score, an outcome or the "
        "models use, and is left out."
    )
    return Finding("name_taken", "warning", message, part.file, covariate.name)


def _differs(covariate: PersonCovariate, file: str, part: Part, clash: int) -> Finding:
    where = f" for {people(clash)}" if clash else ""
    message = (
        f"The column {covariate.name!r} differs between {file} and {part.file}{where}; "
        "the first is used."
    )
    return Finding("same_covariate", "warning", message, part.file, covariate.name)


def gather_visits(
    parts: Sequence[Part],
    everyone: People,
    findings: list[Finding],
    keep: Repeats = "refuse",
) -> tuple[pd.DataFrame, list[str], int]:
    """All observations, each person, outcome and time once.

    Parameters
    ----------
    keep
        What becomes of different values of one person, outcome and time.

    Returns
    -------
    tuple
        Rows ``person``, ``outcome``, ``time``, ``value``, ``file``, ``line``, sorted; names of
        the outcomes that ``outcome`` numbers; how many repeats were dropped.

    Raises
    ------
    DataError
        If two rows give different values for the same person, outcome and time, and nothing is
        said about it.
    """
    names: dict[str, str] = {}
    blocks: list[pd.DataFrame] = []
    for number, (part, where) in enumerate(zip(parts, everyone.where, strict=True)):
        if part.visits is None:
            continue
        keys = [simple_name(outcome) or outcome for outcome in part.visits.outcomes]
        for key, outcome in zip(keys, part.visits.outcomes, strict=True):
            names.setdefault(key, outcome)
        position = np.array([list(names).index(key) for key in keys])
        frame = part.visits.frame
        blocks.append(
            frame.assign(
                person=where[frame["person"].to_numpy()],
                outcome=position[frame["outcome"].to_numpy()],
                file=number,
            )
        )
    visits = pd.concat(blocks, ignore_index=True)
    visits, repeats = _unique(visits, parts, findings, keep)
    return visits, list(names.values()), repeats


def _unique(
    visits: pd.DataFrame, parts: Sequence[Part], findings: list[Finding], keep: Repeats
) -> tuple[pd.DataFrame, int]:
    # Sorted by file and line last, so that the first of two equal rows stays.
    order = np.lexsort([visits[c] for c in ("line", "file", "time", "person", "outcome")])
    visits = visits.iloc[order].reset_index(drop=True)
    key = visits[["outcome", "person", "time"]].to_numpy()
    same = np.zeros(len(visits), dtype=bool)
    same[1:] = (key[1:] == key[:-1]).all(axis=1)
    if not same.any():
        return visits, 0
    group = np.cumsum(~same) - 1
    starts = np.flatnonzero(~same)
    first_value = visits["value"].to_numpy()[starts][group]
    clash = same & ~np.isclose(visits["value"].to_numpy(), first_value, rtol=0, atol=1e-9)
    if clash.any() and keep == "refuse":
        raise _conflict(visits, parts, int(np.flatnonzero(clash)[0]), starts, group, clash)
    if clash.any():
        findings.append(_settled(visits, parts, clash, keep))
        visits = visits.assign(value=_one_value(visits["value"].to_numpy(), starts, keep)[group])
    alike = same & ~clash
    first_file = visits["file"].to_numpy()[starts][group]
    for number, part in enumerate(parts):
        here = alike & (visits["file"].to_numpy() == number)
        inside = here & (first_file == number)
        if inside.any():
            message = (
                f"{part.file} repeats {count(int(inside.sum()), 'observation')} on "
                f"{lines_text(visits['line'].to_numpy()[inside])}; the repeats say the same and "
                "count once."
            )
            findings.append(Finding("repeated_rows", "warning", message, part.file))
        outside = int((here & ~inside).sum())
        if outside:
            message = (
                f"{count(outside, 'observation')} of {part.file} are in another file as well and "
                "count once."
            )
            findings.append(Finding("same_observations", "info", message, part.file))
    return visits[~same].reset_index(drop=True), int(same.sum())


def _one_value(
    values: NDArray[np.float64], starts: NDArray[np.int64], keep: Repeats
) -> NDArray[np.float64]:
    """Shape (n_groups,): the value of each group of rows that begins at ``starts``."""
    if keep == "first":
        return np.asarray(values[starts])
    ends = np.append(starts[1:], len(values))
    if keep == "last":
        return np.asarray(values[ends - 1])
    return np.asarray(np.add.reduceat(values, starts) / (ends - starts))


def _settled(
    visits: pd.DataFrame, parts: Sequence[Part], clash: NDArray[np.bool_], keep: Repeats
) -> Finding:
    """Say which rows differ from an earlier one and what was made of them."""
    files, lines = visits["file"].to_numpy()[clash], visits["line"].to_numpy()[clash]
    where = listed(
        f"{lines_text(lines[files == number])} of {parts[int(number)].file}"
        for number in np.unique(files)
    )
    made = {"first": "the first is kept", "last": "the last is kept"}.get(keep, "the mean is used")
    message = (
        f"{count(len(lines), 'value')} {'differs' if len(lines) == 1 else 'differ'} from an "
        f"earlier value of the same person, outcome and time, on {where}; {made}, as chosen."
    )
    return Finding("repeats", "warning", message, parts[int(files[0])].file)


def _conflict(
    visits: pd.DataFrame,
    parts: Sequence[Part],
    row: int,
    starts: NDArray[np.int64],
    group: NDArray[np.int64],
    clash: NDArray[np.bool_],
) -> DataError:
    files, lines = visits["file"].to_numpy(), visits["line"].to_numpy()
    first = starts[group[row]]
    here, there = parts[int(files[row])].file, parts[int(files[first])].file
    if here == there:
        pairs = f"lines {lines[first]:,} and {lines[row]:,} of {here}"
    else:
        pairs = f"line {lines[first]:,} of {there} and line {lines[row]:,} of {here}"
    more = int(clash.sum()) - 1
    also = f", and {count(more, 'more case')}" if more else ""
    return DataError(
        f"The same person has two different values of one outcome at the same time: {pairs}{also}.",
        "Keep one value per person and visit, correct the times, or say which value counts: the "
        "first, the last or their mean.",
        code=TWO_VALUES,
        file=here,
    )
