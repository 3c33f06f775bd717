"""E-mail, telephone, addresses on the net and in the street."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

import phonenumbers

from pgsicbt.deidentify.national_ids import Found

_EMAIL = re.compile(
    r"[\w.+%-]+\s?(?:@|[\[({]\s*(?:at|a|snabel-?a|alfakrull)\s*[\])}])\s?[\w-]+"
    r"(?:(?:\.|\s?[\[({]\s*(?:dot|punkt)\s*[\])}]\s?)[\w-]+)+",
    re.IGNORECASE,
)
_WORLD = re.compile(r"(?<![\w.])(?:\+\d|00\d{2,3}[ -])[\d \-./()]{6,18}\d(?!\w)", re.ASCII)
# Parts with a separator: 070-174 06 05, 08/123 456 78, (0)31 12 34 56.
_LOCAL = re.compile(
    r"(?<![\w.:/-])\(?0\d{1,4}\)?[ \-/]\d{2,4}(?:[ \-]?\d{2,4}){1,3}(?![\w]|[.:/-]\d)", re.ASCII
)
_NORTH_AMERICA = re.compile(r"(?<![\w-])\(\d{3}\) ?\d{3}[- ]\d{4}(?![\w-])", re.ASCII)
_REGIONS = ("SE", "NO", "DK", "FI", "GB", "DE", "NL", "BE", "FR", "AT", "CH", "IT", "ES")
_V4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)", re.ASCII)
_V6 = re.compile(r"(?<![\w:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])", re.ASCII)
_STREET = re.compile(
    r"\b[^\W\d_]{3,}(?:gatan|gata|vägen|gränd|stigen|allén|torget|backen|strasse|straße|gasse|"
    r"straat|laan|gade|vej|veien|gaten|katu|tie)\s+\d{1,4}\s?[a-zA-Z]?\b"
    r"|\b\d{1,5} [A-Z][a-z]+ (?:Street|St\.|Road|Rd\.?|Avenue|Ave\.?|Lane|Drive|Boulevard|Close|"
    r"Crescent|Terrace)\b|\b\d{1,4},? (?:rue|avenue|boulevard|calle|via) [A-ZÀ-Ý]\w+"
)  # fmt: skip
_VERSION = re.compile(r"version|release|build|software|oid|code", re.IGNORECASE)
_TELEPHONE = re.compile(
    r"phone|(^|[^a-z])tel([^a-z]|$)|telefon|telephone|mobil|handy|fax|puhelin|telefoon|gsm",
    re.IGNORECASE,
)


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
    found = []
    for kind, hits in (
        ("e-mail addresses", _hits(_EMAIL, joined, entries)),
        ("telephone numbers", _telephones(joined, entries, column)),
        ("IP addresses", _internet(joined, entries, column)),
        ("street addresses", _hits(_STREET, joined, entries)),
    ):
        if hits:
            found.append(Found(kind, tuple(hits)))
    return found


def _hits(pattern: re.Pattern[str], joined: str, entries: Sequence[str]) -> tuple[int, ...]:
    if not pattern.search(joined):
        return ()
    return tuple(i for i, entry in enumerate(entries) if pattern.search(entry))


def _telephones(joined: str, entries: Sequence[str], column: str) -> tuple[int, ...]:
    if _TELEPHONE.search(column):
        digits = [i for i, entry in enumerate(entries) if len(re.sub(r"\D", "", entry)) >= 7]
        if len(digits) >= 0.3 * len(entries):
            return tuple(digits)
    hits: set[int] = set()
    if _WORLD.search(joined):
        for i, entry in enumerate(entries):
            if any(_valid(match[0], None) for match in _WORLD.finditer(entry)):
                hits.add(i)
    for pattern, regions in ((_LOCAL, _REGIONS), (_NORTH_AMERICA, ("US",))):
        if pattern.search(joined):
            of = [i for i, entry in enumerate(entries) if pattern.search(entry)]
            good = {
                i
                for i in of
                if any(_valid(m[0], r) for m in pattern.finditer(entries[i]) for r in regions)
            }
            # Sample numbers of such a form pass in some country now and then; a column of
            # telephones does so throughout, and within words there is hardly anything else.
            worded = {i for i in good if sum(ch.isalpha() for ch in entries[i]) >= 4}
            hits |= good if len(good) >= 0.5 * len(entries) else worded
    return tuple(sorted(hits))


def _valid(number: str, region: str | None) -> bool:
    if region is None and number.startswith("00"):
        number = "+" + number[2:]
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _internet(joined: str, entries: Sequence[str], column: str) -> tuple[int, ...]:
    six: tuple[int, ...] = ()
    if _V6.search(joined):
        six = tuple(i for i, entry in enumerate(entries) if any(map(_is_v6, _V6.findall(entry))))
    if not _V4.search(joined) or _VERSION.search(column):
        return six
    four = tuple(
        i
        for i, entry in enumerate(entries)
        if any(_is_v4(match[0]) for match in _V4.finditer(entry))
    )
    return tuple(sorted({*four, *six}))


def _is_v6(text: str) -> bool:
    """Eight groups, or fewer with a double colon; times and positions have neither."""
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return sum(bool(part) for part in text.split(":")) >= 3


def _is_v4(text: str) -> bool:
    """Four numbers up to 255 that are no version: one of them is large."""
    parts = [int(part) for part in text.split(".")]
    return max(parts) <= 255 and parts[0] > 0 and sum(part >= 10 for part in parts) >= 2
