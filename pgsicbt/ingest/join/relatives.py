"""Relatives among the people of a study, and one of each pair left out where that was chosen."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.ingest.content.parts import Part
from pgsicbt.ingest.join.people import People
from pgsicbt.ingest.wording import count
from pgsicbt.study import Finding, LedgerStep
from pgsicbt.wording import listed

SAME_PERSON = 0.3536
FIRST_DEGREE = 0.1768


def gather_relatives(parts: Sequence[Part], everyone: People) -> pd.DataFrame:
    """Every pair of relatives once: ``person_1``, ``person_2`` (positions) and ``kinship``.

    A pair in several files has the largest kinship of them.
    """
    blocks = [
        pd.DataFrame(
            {
                "person_1": where[part.relatives.first],
                "person_2": where[part.relatives.second],
                "kinship": part.relatives.kinship,
            }
        )
        for part, where in zip(parts, everyone.where, strict=True)
        if part.relatives is not None
    ]
    if not blocks:
        return pd.DataFrame({"person_1": [], "person_2": [], "kinship": []}).astype(
            {"person_1": np.int64, "person_2": np.int64}
        )
    pairs = pd.concat(blocks, ignore_index=True)
    sides = np.sort(pairs[["person_1", "person_2"]].to_numpy(), axis=1)
    pairs[["person_1", "person_2"]] = sides
    pairs = pairs[sides[:, 0] != sides[:, 1]]
    largest: pd.DataFrame = pairs.groupby(["person_1", "person_2"], as_index=False).max()
    return largest


def settle_relatives(
    parts: Sequence[Part],
    pairs: pd.DataFrame,
    kept: NDArray[np.bool_],
    visits: pd.DataFrame,
    threshold: float | None,
    ledger: list[LedgerStep],
    findings: list[Finding],
) -> NDArray[np.bool_]:
    """Leave one of each pair of relatives out, if a threshold says so, and tell what is there.

    Parameters
    ----------
    kept
        Shape (n_people,): who is analysed so far.
    visits
        Observations with the position of their ``person``.
    threshold
        Kinship from which on one of two is left out; None leaves everybody in.

    Returns
    -------
    ndarray
        Shape (n_people,): who is analysed then.
    """
    tables = [part for part in parts if part.relatives is not None]
    if not tables:
        return kept
    inside = pairs[kept[pairs["person_1"]] & kept[pairs["person_2"]]]
    if threshold is not None:
        data = np.bincount(visits["person"].to_numpy(), minlength=len(kept))
        close = inside[inside["kinship"] >= threshold]
        out = leave_out(close[["person_1", "person_2"]].to_numpy(), data)
        kept = kept.copy()
        kept[out] = False
        left = int(kept[visits["person"].to_numpy()].sum())
        before = ledger[-1].observations
        ledger.append(
            LedgerStep(
                "one of each pair of relatives",
                int(kept.sum()),
                left,
                len(out),
                before - left,
                f"kinship of {threshold:g} or more to somebody who stays" if len(out) else "",
            )
        )
        inside = inside[kept[inside["person_1"]] & kept[inside["person_2"]]]
    findings.append(_note(tables, inside))
    return kept


def among(pairs: pd.DataFrame, kept: NDArray[np.bool_], everyone: People) -> pd.DataFrame:
    """The pairs of which both are analysed, by their keys."""
    inside = pairs[kept[pairs["person_1"]] & kept[pairs["person_2"]]]
    return pd.DataFrame(
        {
            "person_1": everyone.keys[inside["person_1"]].to_numpy(),
            "person_2": everyone.keys[inside["person_2"]].to_numpy(),
            "kinship": inside["kinship"].to_numpy(),
        }
    )


def leave_out(pairs: NDArray[np.int64], data: NDArray[np.int64]) -> list[int]:
    """Whom to leave out so that no pair is left.

    Whoever has the most relatives goes first, of those with as many the one with the fewest
    observations; so few people are lost, and of a plain pair the one with fewer data.

    Parameters
    ----------
    pairs
        Shape (n_pairs, 2): positions of people.
    data
        Shape (n_people,): observations of each person.
    """
    others: dict[int, set[int]] = {}
    for one, other in pairs.tolist():
        others.setdefault(one, set()).add(other)
        others.setdefault(other, set()).add(one)
    queue = [(-len(o), int(data[p]), -p) for p, o in others.items()]
    heapq.heapify(queue)
    out: list[int] = []
    while queue:
        degree, _, place = heapq.heappop(queue)
        person = -place
        if not others[person] or -degree != len(others[person]):
            continue  # somebody near has gone since; a newer entry stands for this one
        out.append(person)
        for other in others[person]:
            others[other].discard(person)
            heapq.heappush(queue, (-len(others[other]), int(data[other]), -other))
        others[person] = set()
    return out


def _note(tables: Sequence[Part], inside: pd.DataFrame) -> Finding:
    files, column = listed(part.file for part in tables), tables[0].id_column
    if inside.empty:
        message = f"{files} names no relatives among the people analysed."
        return Finding("relatives", "info", message, tables[0].file, column)
    kinship = inside["kinship"].to_numpy()
    message = f"{files} names {count(len(inside), 'pair')} of relatives among the people analysed"
    same = int((kinship >= SAME_PERSON).sum())
    first = int((kinship >= FIRST_DEGREE).sum()) - same
    parts = [f"{first:,} of the first degree"] if first else []
    parts += [f"{same:,} that could be one person twice or identical twins"] if same else []
    message += f", {listed(parts)}" if parts else ""
    message += (
        ". Models take people as independent; leave one of each pair out by a limit of kinship, "
        "such as .0884 for the second degree."
    )
    return Finding("relatives", "warning", message, tables[0].file, column)
