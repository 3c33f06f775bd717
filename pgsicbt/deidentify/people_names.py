"""Names of people: by the name of the column, or because its entries are names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pgsicbt.deidentify.first_names import FIRST
from pgsicbt.deidentify.found import Found
from pgsicbt.deidentify.last_names import LAST

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_JOINED = re.compile(r"([a-zåäöøæéü]{2})(?=[A-ZÅÄÖØ][a-zåäöøæéü]{2})")
_CERTAIN = re.compile(
    r"(first|last|given|middle|full|sur|family|maiden|christian|patient|client|mothers?|fathers?|"
    r"participant|respondent|recipient_?(first|last)|legal|preferred|nick)_?names?(_|$)|surname|"
    r"forenames?|efternamn|f(ö|o|oe)rnamn|tilltalsnamn|fullst(ä|a)ndigt_?namn|patientnamn|"
    r"deltagarnamn|nachname|vorname|zuname|familienname|patientenname|achternaam|voornaam|"
    r"roepnaam|fornavn|for_?og_?etternavn|etternavn|efternavn|etunim|sukunim|prenom|prénom|"
    r"nom_?de_?famille|nom_?patient|apellidos?|nombres?_?(y_?apellidos)?$|cognome|"
    r"nome_?(e_?cognome|completo)|sobrenome|imi(ę|e)$|nazwisko|k(ř|r)estn(í|i)|p(ř|r)(í|i)jmen(í|i)|"
    r"next_?of_?kin|anh(ö|o)rig|emergency_?contact|contact_?person|kontaktperson",
    re.IGNORECASE,
)
_MAYBE = re.compile(
    r"^(the_)?(names?|namn|navn|naam|nimi|nom|nome|nombre|imi(ę|e)|vardas|v(ā|a)rds|isim|"
    r"patient|pasient|deltagare|deltaker|participant|client|klient|teilnehmer(in)?|person|"
    r"therapist|behandlare|terapeut|behandler|psychologist|psykolog|therapeut(in)?|clinician|"
    r"doctor|l(ä|a)kare|arzt|physician|gp|interviewer|rater|assessor|created_?by|updated_?by|"
    r"entered_?by|user(name)?|handl(ä|a)ggare|record_?owner)(_?name|_?namn)?s?_?\d?$",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"^(patient_?)?(initials?|initialer|initialen|initiaux|iniciales)$", re.I)
_NOT_ABOUT_PEOPLE = re.compile(
    r"file|scale|instrument|form|event|visit|score|variable|column|field|drug|medic|study|project|"
    r"site|clinic(?!ian)|test|gene|variant|measure|trait|unit|programme|program|module|treatment",
    re.IGNORECASE,
)
_HONOURED_TEXT = """
st saint sankt sankta s:t s:ta san santa santo são sint queen king prince princess kung
drottning prinsessan hôpital
"""
_HONOURED = frozenset(_HONOURED_TEXT.split())
"""Words before a name that stands for a place."""
_INSTITUTION = re.compile(
    r"hospital|clinic|klinik|sjukhus|sygehus|sykehus|sairaala|krankenhaus|ziekenhuis|hôpital|"
    r"university|universit|institut|school|skola|college|syndrome|syndrom|disease|disorder|"
    r"scale|inventory|questionnaire|foundation|stiftung|stiftelse|trust|centre|center|protocol",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Fru|Hr|Mevr|Dhr|Mme|Mlle|Sig|Sra?|Doktor)\.? "
    r"(?:[A-Z]\. ?)?([A-ZÅÄÖØÆÉÜ][^\W\d_]{2,})"
)
_ALSO_WORDS_TEXT = """
smith taylor cooper walker parker wright becker bauer weber fischer schneider wagner keller
koch bakker cruz costa flores campos santos ramos silva strand lund berg holm dahl alma iris
vera viola stella rune petter otto jean jan kari ann sam lea tove roger gary kim tim tom
leslie linus selma ida regina jill diego
"""
_ALSO_WORDS = frozenset(_ALSO_WORDS_TEXT.split())
"""Names that count beside another name only: they are words, places or trades as well."""
SHARE = 0.3
_LONGEST = 10_000


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
    pairs, single = _look(entries)
    if pairs:
        return Found("names of people", tuple(pairs))
    alphabetic = sum(any(map(str.isalpha, entry)) for entry in entries)
    called = bool(_MAYBE.match(title))
    least, share = (2, 0.1) if called else (4, SHARE)
    if len(single) >= least and len(single) >= share * alphabetic:
        return Found("names of people", tuple(single), weak=True)
    return None


def initials(entries: Sequence[str], column: str) -> Found | None:
    """Initials, in a column that is called so."""
    if not _INITIALS.match(re.sub(r"[\s.\-/]+", "_", column)):
        return None
    short = tuple(i for i, e in enumerate(entries) if len(e) <= 6 and any(map(str.isalpha, e)))
    return Found("initials", short) if short else None


def _look(entries: Sequence[str]) -> tuple[list[int], list[int]]:
    """Entries with a first and a last name, and short ones with a single name."""
    joined = "\n".join(entries)
    if _JOINED.search(joined):
        # AnnaAndersson
        entries = [_JOINED.sub(r"\1 ", entry) for entry in entries]
        joined = "\n".join(entries)
    pairs: list[int] = []
    single: list[int] = []
    words_there = {word.casefold() for word in set(_WORD.findall(joined))}
    if words_there.isdisjoint(FIRST) and words_there.isdisjoint(LAST):
        return pairs, single
    for i, entry in enumerate(entries):
        if len(entry) > _LONGEST or entry.isdigit():
            continue
        words = _WORD.findall(entry)
        lower = [word.casefold() for word in words]
        known = [w in FIRST or w in LAST for w in lower]
        if not any(known):
            continue
        if _INSTITUTION.search(entry) or not _HONOURED.isdisjoint(lower):
            continue
        beside = any(
            known[k] and known[k + 1] and _capital(words, k) and _pair(lower[k], lower[k + 1])
            for k in range(len(words) - 1)
        )
        titled = len(entry) < 500 and any(n.casefold() in LAST for n in _TITLE.findall(entry))
        if beside or titled:
            pairs.append(i)
        elif len(words) <= 4 and any(
            one and len(w) >= 3 and w not in _ALSO_WORDS
            for w, one in zip(lower, known, strict=True)
        ):
            single.append(i)
    return pairs, single


def _capital(words: Sequence[str], k: int) -> bool:
    return words[k][:1].isupper() and words[k + 1][:1].isupper()


def _pair(one: str, other: str) -> bool:
    return (one in FIRST and other in LAST) or (one in LAST and other in FIRST)
