"""Scores that come one chromosome at a time."""

from __future__ import annotations

import re

_CHROMOSOME = re.compile(
    r"(?P<before>^|[ _.\-\[(])(?:chromosome|chrom|chr|ch)[_.\- ]?(?P<number>[1-9]\d?|0[1-9]|X)"
    r"(?=$|[ _.\-\])])",
    re.IGNORECASE,
)
CHROMOSOME_COLUMNS = ("chr", "chrom", "chromosome")
AUTOSOMES = tuple(str(i) for i in range(1, 23))


def chromosome_of(name: str) -> tuple[str, str] | None:
    """A name without its chromosome, and the chromosome: ``("MDD", "7")`` for ``MDD_chr07``.

    None for a name without one, or with a number that is no chromosome.
    """
    found = _CHROMOSOME.search(name)
    if found is None:
        return None
    number = found["number"].upper().lstrip("0")
    if number not in (*AUTOSOMES, "X", "23"):
        return None
    ends = name[: found.start()], name[found.end() :]
    stem = "".join(ends) if all(ends) else "".join(ends).strip(" _.-[(])")
    return stem, number
