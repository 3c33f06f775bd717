"""Join the people of several files on their identifiers, which are then replaced."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import IdMatching
from pgsicbt.ingest.content.parts import Part
from pgsicbt.ingest.join.spelling import SPELLINGS, columns_of, near_words, settle
from pgsicbt.ingest.questions import Question
from pgsicbt.study import Finding

SIMULATED_PREFIX = "SIM"


@dataclass(frozen=True)
class People:
    """Everybody in any file.

    ``keys`` are keyed hashes in order of first appearance; ``where[i]`` has shape (people of
    part i,) and holds each one's position in ``keys``. ``ids`` is how identifiers were compared,
    ``findings`` and ``questions`` are about that.
    """

    keys: pd.Index[str]
    where: tuple[NDArray[np.int64], ...]
    simulated: bool
    ids: IdMatching = "exact"
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)


def join_people(parts: Sequence[Part], ids: IdMatching = "auto") -> People:
    """Number the people of all parts and replace identifiers by hashes.

    The key of the hash is drawn anew for every reading, so hashes mean nothing elsewhere.

    Parameters
    ----------
    ids
        How identifiers of different files are compared.

    Raises
    ------
    DataError
        If two people of one file would become one.
    """
    settled = settle(parts, ids)
    spell = SPELLINGS.get(settled.used)
    every = [one if spell is None else spell(one) for part in parts for one in part.ids]
    codes, levels = pd.factorize(np.array(every, dtype=object))
    bounds = np.cumsum([0, *(len(part.ids) for part in parts)])
    where = tuple(codes[a:b] for a, b in pairwise(bounds.tolist()))
    secret = secrets.token_bytes(32)
    keys = [blake2b(one.encode(), key=secret, digest_size=12).hexdigest() for one in levels]
    prefix = SIMULATED_PREFIX if spell is None else spell(SIMULATED_PREFIX)
    simulated = len(levels) > 0 and all(one.startswith(prefix) for one in levels)
    index = pd.Index(keys, name="person", dtype="str")
    return People(index, where, simulated, settled.used, settled.findings, settled.questions)


def no_match(scored: Sequence[Part], observed: Sequence[Part]) -> DataError:
    """The error for files that share no person, with a hint if spelling is the reason."""
    spelling = near_words(scored, observed)
    hint = "Check that both use the same identifiers, or choose another identifier column."
    if spelling:
        hint = f"The identifiers would match {spelling}; say so, or write them the same way."
    return DataError(
        f"No person of {columns_of(scored)} is found in {columns_of(observed)}.",
        hint,
        code="no_matching_ids",
        file=scored[0].file,
        column=scored[0].id_column,
    )


def require_shared(parts: Sequence[Part], everyone: People, kept: NDArray[np.bool_]) -> None:
    """Refuse a file none of whose people is analysed.

    Raises
    ------
    DataError
        Names the file, and what would make its identifiers match.
    """
    for part, where in zip(parts, everyone.where, strict=True):
        # A table of kinship may well name nobody but relatives who are not analysed.
        if part.ids and part.relatives is None and not kept[where].any():
            raise no_match([part], [p for p in parts if p is not part and p.ids])


def few_matches(
    scored: Sequence[Part],
    observed: Sequence[Part],
    found: int,
    wanted: int,
    ids: IdMatching = "exact",
) -> Finding | None:
    """A warning if many people with outcomes lack a score, or some would not if spelt alike.

    Parameters
    ----------
    found, wanted
        People with an outcome who have a score, and people with an outcome.
    ids
        How identifiers were compared.
    """
    spelling = near_words(scored, observed) if ids == "exact" and found < wanted else ""
    if not wanted or (found >= 0.5 * wanted and not spelling):
        return None
    message = (
        f"Only {found:,} of {wanted:,} people with outcomes in {columns_of(observed)} have a score."
    )
    if spelling:
        message += f" More would match {spelling}."
    return Finding("few_matches", "warning", message, observed[0].file, observed[0].id_column)


def without_strangers(parts: Sequence[Part]) -> tuple[list[Part], list[Finding]]:
    """The parts without tables of a larger file that share nobody with any other table.

    A workbook often holds summaries beside its data. A file of its own is never passed over.
    """
    if not any(part.file.endswith("]") for part in parts):
        return list(parts), []
    # Identifiers that are only spelt otherwise are the business of joining.
    spell = SPELLINGS["all"]
    people = [{spell(one) for one in part.ids} for part in parts]
    shared = [
        any(mine & theirs for j, theirs in enumerate(people) if j != i)
        for i, mine in enumerate(people)
    ]
    if sum(shared) < 2:
        return list(parts), []
    kept, findings = [], []
    for part, known, ids in zip(parts, shared, people, strict=True):
        if known or not ids or not part.file.endswith("]"):
            kept.append(part)
            continue
        message = f"{part.file} shares nobody with the other tables and is set aside."
        findings.append(Finding("set_aside", "warning", message, part.file, part.id_column))
    return kept, findings
