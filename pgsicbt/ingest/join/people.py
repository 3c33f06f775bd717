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
from pgsicbt.ingest.content.parts import Part
from pgsicbt.ingest.wording import listed
from pgsicbt.study import Finding

SIMULATED_PREFIX = "SIM"


@dataclass(frozen=True)
class People:
    """Everybody in any file.

    ``keys`` are keyed hashes in order of first appearance; ``where[i]`` has shape (people of
    part i,) and holds each one's position in ``keys``.
    """

    keys: pd.Index[str]
    where: tuple[NDArray[np.int64], ...]
    simulated: bool

    def __len__(self) -> int:
        return len(self.keys)


def join_people(parts: Sequence[Part]) -> People:
    """Number the people of all parts and replace identifiers by hashes.

    The key of the hash is drawn anew for every reading, so hashes mean nothing elsewhere.
    """
    everyone = np.array([one for part in parts for one in part.ids], dtype=object)
    codes, levels = pd.factorize(everyone)
    bounds = np.cumsum([0, *(len(part.ids) for part in parts)])
    where = tuple(codes[a:b] for a, b in pairwise(bounds.tolist()))
    secret = secrets.token_bytes(32)
    keys = [blake2b(one.encode(), key=secret, digest_size=12).hexdigest() for one in levels]
    simulated = len(levels) > 0 and all(one.startswith(SIMULATED_PREFIX) for one in levels)
    return People(pd.Index(keys, name="person", dtype="str"), where, simulated)


def no_match(scored: Sequence[Part], observed: Sequence[Part]) -> DataError:
    """The error for files that share no person, with a hint if spelling is the reason."""
    left, right = _where(scored), _where(observed)
    spelling = near_matches(scored, observed)
    hint = "Check that both use the same identifiers, or choose another identifier column."
    if spelling:
        hint = f"The identifiers would match {spelling}; write them the same way in both files."
    return DataError(
        f"No person of {left} is found in {right}.",
        hint,
        code="no_matching_ids",
        file=scored[0].file,
        column=scored[0].id_column,
    )


def _where(parts: Sequence[Part]) -> str:
    """The files with the column that names the person in each."""
    named = {part.file: part.id_column for part in parts}
    return listed([f"{file} (column {column!r})" for file, column in named.items()])


def require_shared(parts: Sequence[Part], everyone: People, kept: NDArray[np.bool_]) -> None:
    """Refuse a file none of whose people is analysed.

    Raises
    ------
    DataError
        Names the file, and what would make its identifiers match.
    """
    for part, where in zip(parts, everyone.where, strict=True):
        if part.ids and not kept[where].any():
            raise no_match([part], [p for p in parts if p is not part and p.ids])


def near_matches(left: Sequence[Part], right: Sequence[Part]) -> str:
    """What separates identifiers that would match if spelt alike, or ''."""
    ours = {one for part in left for one in part.ids}
    theirs = {one for part in right for one in part.ids}
    exact = len(ours & theirs)
    for what, spell in (
        ("without regard to upper and lower case", str.casefold),
        ("without leading zeros", _without_zeros),
        ("without a decimal part of zero", _without_decimals),
        ("without blanks and punctuation", _letters),
        ("without blanks, punctuation, case and leading zeros", _all_of_it),
    ):
        if len({spell(one) for one in ours} & {spell(one) for one in theirs}) > exact:
            return what
    return ""


def few_matches(scored: Sequence[Part], observed: Sequence[Part]) -> Finding | None:
    """A warning if less than half of the people with outcomes are found among the scores."""
    ours = {one for part in scored for one in part.ids}
    theirs = {one for part in observed for one in part.ids}
    found = len(ours & theirs)
    if not theirs or found >= 0.5 * len(theirs):
        return None
    spelling = near_matches(scored, observed)
    hint = f" More would match {spelling}." if spelling else ""
    message = f"Only {found:,} of {len(theirs):,} people with outcomes have a score.{hint}"
    return Finding("few_matches", "warning", message)


def _without_zeros(one: str) -> str:
    return one.lstrip("0") or "0"


def _without_decimals(one: str) -> str:
    return one.removesuffix(".0")


def _letters(one: str) -> str:
    return "".join(ch for ch in one if ch.isalnum())


def _all_of_it(one: str) -> str:
    return _without_zeros(_letters(one).casefold())
