"""E-mail, telephone and other ways to reach a person."""

from __future__ import annotations

import re
from collections.abc import Sequence

import phonenumbers

from pgsicbt.deidentify.dates import year_of
from pgsicbt.deidentify.found import Found
from pgsicbt.deidentify.internet import find_machines
from pgsicbt.deidentify.places import find_streets

_AT = r"(?:@|\s?[\[({]\s*(?:at|a|snabel-?a|alfakrull|arroba)\s*[\])}]\s?)"
_DOT = r"(?:\.|\s?[\[({]\s*(?:dot|punkt|point)\s*[\])}]\s?)"
_EMAIL = re.compile(
    rf"[\w.+%-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,4}}?{_DOT}"
    r"[^\W\d_]{2,24}(?!\w)|[\w.+%-]{1,64} at [\w-]{1,63} dot [a-z]{2,6}\b",
    re.IGNORECASE,
)
_SIGN = re.compile(rf"{_AT}| at [\w-]+ dot ", re.IGNORECASE)
_ENDS_OF_FILES = re.compile(
    r"\.(?:csv|tsv|txt|xlsx?|sav|dta|gz|zip|bim|bed|fam|vcf|bam|profile|sscore|best|json|toml)$",
    re.IGNORECASE,
)
_WORLD = re.compile(r"(?<![\w.])\+\d[\d \-./()]{6,18}\d(?!\w)", re.ASCII)
_ZEROS = re.compile(r"(?<![\w.:/-])00\d{2,3}[ -][\d \-./()]{6,18}\d(?!\w)", re.ASCII)
# Parts with a separator: 070-174 06 05, 08/123 456 78, (0)31 12 34 56.
_LOCAL = re.compile(
    r"(?<![\w.:/-])\(?0\d{1,4}\)?[ \-/]\d{2,4}(?:[ \-]?\d{2,4}){1,3}(?![\w]|[.:/-]\d)", re.ASCII
)
_NORTH_AMERICA = re.compile(
    r"(?<![\w-])(?:\(\d{3}\) ?\d{3}[- .]\d{4}|[2-9]\d\d\.[2-9]\d\d\.\d{4})(?![\w-])", re.ASCII
)
_WHOLE = re.compile(r"0\d{8,10}|00\d{9,13}", re.ASCII)
_DASHED = re.compile(r"[2-9]\d\d-[2-9]\d\d-\d{4}", re.ASCII)
_CALL = re.compile(
    r"(?:call|ring|phone|tel|mobile?|sms|text|whatsapp|reach|nummer|number|nås)\w*[ .:]{1,3}"
    r"(?:(?:on|at|på|om|her|him|back|no|nr)[ .:]{1,2}){0,2}(0\d{8,10})(?!\d)",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ](?:\d{4}|\d{2})", re.ASCII)
_REGIONS = ("SE", "NO", "DK", "FI", "GB", "DE", "NL", "BE", "FR", "AT", "CH", "IT", "ES")
_TELEPHONE = re.compile(
    r"phone|(^|[^a-z])(tel|tlf|gsm|sms|cell)([^a-z]|$)|telefon|telephone|mobil|handy|fax|puhelin|"
    r"telefoon|telefono|t(é|e)l(é|e)phone|teléfono|komórka",
    re.IGNORECASE,
)
_HEAD = 400
_FEWEST = 6


def find_contacts(entries: Sequence[str], column: str = "") -> list[Found]:
    """Whatever would reach a person, one entry being enough.

    Parameters
    ----------
    entries
        The different cells of a column, or texts of a file.
    column
        Name of the column, which may say that its numbers are telephones; '' for other text.
    """
    joined = "\n".join(entries)
    found = [
        Found("e-mail addresses", _emails(joined, entries)),
        _telephones(joined, entries, column),
        *find_machines(joined, entries, column),
        find_streets(joined, entries),
    ]
    return [one for one in found if one is not None and one.entries]


def _emails(joined: str, entries: Sequence[str]) -> tuple[int, ...]:
    if not _SIGN.search(joined):
        return ()
    return tuple(
        i
        for i, entry in enumerate(entries)
        if _SIGN.search(entry)
        and any(not _ENDS_OF_FILES.search(match[0]) for match in _EMAIL.finditer(entry))
    )


def _telephones(joined: str, entries: Sequence[str], column: str) -> Found | None:
    kind = "telephone numbers"
    if _TELEPHONE.search(column):
        digits = [i for i, entry in enumerate(entries) if len(re.sub(r"\D", "", entry)) >= 7]
        if len(digits) >= 0.3 * len(entries) and digits:
            return Found(kind, tuple(digits), weak=not _valid_ones(entries))
    hits: set[int] = set()
    if _WORLD.search(joined):
        for i, entry in enumerate(entries):
            if any(_valid(match[0], None) for match in _WORLD.finditer(entry)):
                hits.add(i)
    forms = ((_LOCAL, _REGIONS), (_NORTH_AMERICA, ("US",)), (_ZEROS, (None,)))
    for pattern, regions in forms:
        if pattern.search(joined):
            hits |= _local(entries, pattern, regions)
    if hits:
        return Found(kind, tuple(sorted(hits)))
    if _CALL.search(joined):
        called = tuple(
            i
            for i, entry in enumerate(entries)
            if any(_valid(number, one) for number in _CALL.findall(entry) for one in _REGIONS)
        )
        if called:
            return Found(kind, called)
    whole = _undivided(entries) or _dashed(entries)
    return Found(kind, whole, weak=True) if whole else None


def _local(
    entries: Sequence[str], pattern: re.Pattern[str], regions: Sequence[str | None]
) -> set[int]:
    """Entries with a number that is valid in one of some countries.

    Sample numbers of such a form pass in some country now and then; a column of telephones does
    so throughout, and within words there is hardly anything else.
    """
    of = [i for i, entry in enumerate(entries) if pattern.search(entry)]
    head = of[:: max(1, len(of) // _HEAD)][:_HEAD]

    def good(i: int) -> bool:
        return any(
            _valid(m[0], region)
            for m in pattern.finditer(entries[i])
            if len(re.sub(r"\D", "", m[0])) >= 9
            and not (_DATE.fullmatch(m[0]) and year_of(m[0]) > 0)
            for region in regions
        )

    if len(of) > _HEAD and sum(map(good, head)) < 0.5 * len(head):
        return set()
    hits = {i for i in of if good(i)}
    parted = any(len(re.findall(r"[ /-]", entries[i])) >= 2 for i in hits)
    if len(hits) >= 0.8 * len(entries) and (len(hits) >= 4 or parted):
        return hits
    return {i for i in hits if sum(map(str.isalpha, entries[i])) >= 4}


def _undivided(entries: Sequence[str]) -> tuple[int, ...]:
    """Mobile numbers as plain digits that fill a column; running numbers are none."""
    head = entries[:: max(1, len(entries) // _HEAD)][:_HEAD]
    if sum(_WHOLE.fullmatch(entry) is not None for entry in head) < 0.8 * len(head):
        return ()
    of = [i for i, entry in enumerate(entries) if _WHOLE.fullmatch(entry)]
    if len(of) < _FEWEST:
        return ()
    numbers = sorted(int(entries[i]) for i in of)
    if numbers[-1] - numbers[0] < 10_000 * len(of):
        return ()
    for region in _REGIONS:
        if sum(_mobile(entries[i], region) for i in of[:_HEAD]) >= 0.8 * min(len(of), _HEAD):
            return tuple(i for i in of if _mobile(entries[i], region))
    return ()


def _dashed(entries: Sequence[str]) -> tuple[int, ...]:
    """A column of 212-555-2368, nearly all of them valid; a third of such codes are by chance."""
    if any(_DASHED.fullmatch(entry) is None for entry in entries[:5]):
        return ()
    head = entries[:: max(1, len(entries) // _HEAD)][:_HEAD]
    good = sum(bool(_DASHED.fullmatch(entry)) and _valid(entry, "US") for entry in head)
    if good < max(10.0, 0.9 * len(head)):
        return ()
    return tuple(i for i, entry in enumerate(entries) if _DASHED.fullmatch(entry))


def _mobile(number: str, region: str) -> bool:
    number = "+" + number[2:] if number.startswith("00") else number
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE


def _valid_ones(entries: Sequence[str]) -> bool:
    """Whether any of some entries is a telephone number beyond doubt."""
    return any(_valid(e, region) for e in entries[:50] for region in (None, *_REGIONS, "US"))


def _valid(number: str, region: str | None) -> bool:
    if region is None and number.startswith("00"):
        number = "+" + number[2:]
    if re.fullmatch(r"\+\d\.\d+", number):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
