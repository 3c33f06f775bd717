"""Names of people: by the name of the column, or because its entries are names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pgsicbt.deidentify.national_ids import Found
from pgsicbt.deidentify.words_of_names import FIRST, LAST

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_CERTAIN = re.compile(
    r"(first|last|given|middle|full|sur|family|maiden|christian|patient|client|mothers?|fathers?)"
    r"_?names?|surname|efternamn|förnamn|fornamn|tilltalsnamn|fullst(ä|a)ndigt_?namn|patientnamn|"
    r"nachname|vorname|familienname|achternaam|voornaam|fornavn|etternavn|efternavn|etunimi|"
    r"sukunimi|prenom|prénom|nom_?de_?famille|apellidos?|cognome|next_?of_?kin|anh(ö|o)rig|"
    r"emergency_?contact|contact_?person|kontaktperson",
    re.IGNORECASE,
)
_NOT_ABOUT_PEOPLE = re.compile(
    r"file|scale|instrument|form|event|visit|score|variable|column|field|drug|medic|study|project|"
    r"site|clinic|test|gene|variant|measure|trait|unit|programme|program|module|treatment",
    re.IGNORECASE,
)
SHARE = 0.3


def find_names(entries: Sequence[str], column: str = "") -> Found | None:
    """Entries that are names of people.

    A column that is called after names holds names if its entries are words. Elsewhere a first
    and a last name beside each other are enough; single names must be frequent in the column.

    Parameters
    ----------
    entries
        The different cells of a column, or texts of a file.
    column
        Name of the column; '' for other text.
    """
    title = re.sub(r"[\s.\-/]+", "_", column)
    if _CERTAIN.search(title) and not _NOT_ABOUT_PEOPLE.search(title):
        worded = [
            i
            for i, entry in enumerate(entries)
            if len(entry) >= 2 and _WORD.search(entry) and not any(ch.isdigit() for ch in entry)
        ]
        if worded and len(worded) >= 0.5 * len(entries):
            return Found("names of people", tuple(worded))
    pairs, single = [], []
    for i, entry in enumerate(entries):
        if not any(ch.isalpha() for ch in entry) or len(entry) > 10_000:
            continue
        words = _WORD.findall(entry)
        lower = [word.casefold() for word in words]
        capital = [word[:1].isupper() for word in words]
        if any(
            capital[k] and capital[k + 1] and _pair(lower[k], lower[k + 1])
            for k in range(len(words) - 1)
        ):
            pairs.append(i)
        elif 1 <= len(words) <= 3 and any(w in FIRST or w in LAST for w in lower):
            single.append(i)
    if pairs:
        return Found("names of people", tuple(pairs))
    alphabetic = [e for e in entries if any(ch.isalpha() for ch in e)]
    if len(single) >= 4 and len(single) >= SHARE * len(alphabetic):
        return Found("names of people", tuple(single), weak=True)
    return None


def _pair(one: str, other: str) -> bool:
    return (one in FIRST and other in LAST) or (one in LAST and other in FIRST)
