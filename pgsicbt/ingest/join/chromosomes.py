"""Scores that come one chromosome at a time are added up, over files or columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.content.scores import PersonScore
from pgsicbt.ingest.recognise.formats.chromosomes import AUTOSOMES, chromosome_of
from pgsicbt.ingest.wording import count, people
from pgsicbt.study import Finding, Severity
from pgsicbt.wording import listed

GatheredScore = tuple[PersonScore, str, NDArray[np.float64]]
ADDED_UP = "sum over chromosomes"


def add_up(scores: Sequence[GatheredScore], findings: list[Finding]) -> list[GatheredScore]:
    """Add up the scores of which two chromosomes or more are there; others stay as they are.

    The chromosome is in the name of the score or, where files hold scores of the same name, in
    that of the file. People who lack a chromosome have no sum. Averages are turned back into sums
    by the number of alleles that they were divided by.

    Parameters
    ----------
    scores
        Score, its file, and values of shape (n_people,), NaN where missing.

    Raises
    ------
    DataError
        If a chromosome is an average and the file does not say of how many alleles.
    """
    groups: dict[tuple[str, str], dict[str, GatheredScore]] = {}
    first: dict[tuple[str, str], int] = {}
    place: list[tuple[int, GatheredScore]] = []
    for i, one in enumerate(scores):
        key, chromosome = _key(one)
        if not chromosome:
            place.append((i, one))
            continue
        held = groups.setdefault(key, {})
        if chromosome in held:
            findings.append(_twice(one, held[chromosome], chromosome))
            continue
        held[chromosome] = one
        first.setdefault(key, i)
    for key, held in groups.items():
        if len(held) > 1:
            place.append((first[key], _sum(key[0], held, findings)))
        else:
            ((chromosome, one),) = held.items()
            findings.append(_alone(one, chromosome))
            place.append((first[key], one))
    return [one for _, one in sorted(place, key=lambda item: item[0])]


def _key(one: GatheredScore) -> tuple[tuple[str, str], str]:
    """What the chromosomes of one score have in common, and which chromosome this is, or ''."""
    score, file, _ = one
    by_name = chromosome_of(score.name)
    if by_name is not None:
        return (by_name[0] or "score", ""), by_name[1]
    by_file = chromosome_of(file)
    return ((score.name, by_file[0]), by_file[1]) if by_file else ((score.name, file), "")


def _sum(name: str, held: dict[str, GatheredScore], findings: list[Finding]) -> GatheredScore:
    order = sorted(held, key=lambda one: (len(one), one))
    total = np.zeros_like(next(iter(held.values()))[2])
    for chromosome in order:
        total = total + _as_sum(held[chromosome])
    score, file, _ = held[order[0]]
    some = np.zeros(len(total), dtype=bool)
    for _, _, values in held.values():
        some |= ~np.isnan(values)
    message = f"{name} is the sum of {count(len(order), 'chromosome')}"
    severity: Severity = "info"
    missing = [one for one in AUTOSOMES if one not in held]
    if missing:
        what = "chromosome" if len(missing) == 1 else "chromosomes"
        message += (
            f"; {what} {listed(missing)} {'is' if len(missing) == 1 else 'are'} missing. Add "
            f"{'it' if len(missing) == 1 else 'them'}, unless the score has no variant there"
        )
        severity = "warning"
    findings.append(Finding("chromosomes", severity, f"{message}.", file, score.column))
    gaps = int((some & np.isnan(total)).sum())
    if gaps:
        message = (
            f"{people(gaps)} {'lacks' if gaps == 1 else 'lack'} {name} on at least one chromosome "
            f"and {'has' if gaps == 1 else 'have'} no sum."
        )
        findings.append(Finding("chromosome_gaps", "warning", message, file, score.column))
    added = replace(
        score,
        name=name,
        values=total,
        normalisation=ADDED_UP,
        alternatives=(),
        average=False,
        alleles=None,
    )
    return added, file, total


def _as_sum(one: GatheredScore) -> NDArray[np.float64]:
    score, file, values = one
    if not score.average:
        return values
    if score.alleles is None:
        raise DataError(
            f"{file} holds one chromosome of a score as an average in column {score.column!r}, and "
            "averages of chromosomes cannot be added up.",
            "Compute the score again with sums: cols=+scoresums in PLINK 2, the modifier sum in "
            "PLINK 1.9.",
            code="average_of_chromosome",
            file=file,
            column=score.column,
        )
    return values * score.alleles


def _twice(one: GatheredScore, earlier: GatheredScore, chromosome: str) -> Finding:
    score, file, _ = one
    message = (
        f"Chromosome {chromosome} of a score is in {earlier[1]} and again in column "
        f"{score.column!r} of {file}; the first is used."
    )
    return Finding("same_score", "warning", message, file, score.column)


def _alone(one: GatheredScore, chromosome: str) -> Finding:
    score, file, _ = one
    message = (
        f"The score {score.name} of {file} holds chromosome {chromosome} alone, going by its name; "
        "add the other chromosomes."
    )
    return Finding("chromosomes", "warning", message, file, score.column)
