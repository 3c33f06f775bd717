"""Columns that are one score at several thresholds or settings of a method."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?|\d*\.\d+(?:e[+-]?\d+)?", re.IGNORECASE)
_WORDS = re.compile(
    r"pt|p|pval|pvalue|threshold|thr|phi|s|lambda|lam|h2|ld|r2|kb|auto|inf|grid|sp|sparse|nosp|"
    r"nosparse|true|false|model|param|set|group|beta|est|pst|eff|final|pred|a|b|delta|gamma|v|x|k",
    re.IGNORECASE,
)
_UNTUNED = ("auto", "inf")
FEWEST = 3


def families(names: Sequence[str], *, strict: bool = False) -> dict[str, list[str]]:
    """Columns that differ only by a number that is a threshold or setting.

    ``Pt_5e-08 Pt_0.05 Pt_1`` are one score, and so are ``MDD_phi_1e-06 MDD_phi_0.01 MDD_phi_auto``;
    ``PGS_1 PGS_2 PGS_3`` are three, since whole numbers count rather than set.

    Parameters
    ----------
    strict
        Whether a single threshold of PRSice (``Pt_``) makes a family.

    Returns
    -------
    dict
        Stem to columns, the one to use unless told otherwise first: what needs no tuning
        (``auto``, ``inf``), or the largest number.
    """
    found: dict[str, list[tuple[str, tuple[float, ...], bool]]] = {}
    for name in names:
        stem, numbers, untuned, exact = _taken_apart(name)
        if numbers or untuned:
            found.setdefault(stem, []).append((name, numbers, exact))
    kept: dict[str, list[str]] = {}
    for stem, members in found.items():
        fractions = sum(exact for _, _, exact in members)
        enough = fractions >= 2 and len(members) >= FEWEST
        if not enough and not (strict and stem == "Pt" and members):
            continue
        members.sort(key=lambda one: one[1], reverse=True)
        members.sort(key=lambda one: _rank(one[0]))
        kept[stem] = [name for name, _, _ in members]
    return kept


def _rank(name: str) -> int:
    words = re.split(r"[_.\- ]+", name.casefold())
    return next((i for i, word in enumerate(_UNTUNED) if word in words), len(_UNTUNED))


def _taken_apart(name: str) -> tuple[str, tuple[float, ...], bool, bool]:
    """The stem of a name, its numbers, whether it is untuned, and whether a number is a fraction.

    The stem ends where only numbers and words about settings follow.
    """
    pieces = re.findall(r"\d+(?:\.\d+)?[eE][+-]?\d+|\d*\.\d+|[^_ \-]+", name)
    numbers: list[float] = []
    untuned = fraction = False
    while pieces:
        piece = pieces[-1]
        number = _number_in(piece)
        if number is not None:
            numbers.append(number)
            fraction |= number != int(number)
        elif _WORDS.fullmatch(piece):
            untuned |= piece.casefold() in _UNTUNED
            if piece.casefold() == "pt":
                pieces = [*pieces[:-1], "Pt"] if len(pieces) == 1 else pieces[:-1]
                break
        else:
            break
        pieces = pieces[:-1]
    if not numbers and not untuned:
        return name, (), False, False
    return "_".join(pieces), tuple(reversed(numbers)), untuned, fraction


def _number_in(piece: str) -> float | None:
    """The number in a piece such as ``0.05``, ``5e-08``, ``s0.2`` or ``p1e-04``."""
    bare = re.sub(r"^(lambda|phi|pt|p|s|h2|r2|v|x)(?=[\d.])", "", piece, flags=re.IGNORECASE)
    return float(bare) if _NUMBER.fullmatch(bare) and len(bare) <= 24 else None
