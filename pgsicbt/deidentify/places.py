"""Where people live: streets, postal codes, places on the map."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pgsicbt.deidentify.found import Found

# One is enough: an ending that only streets have, or a capital name with a word for a street.
_STREET = re.compile(
    r"\b[^\W\d_]{2,40}(?:gatan|vägen|gränden|stigen|allén|backen|strasse|straße|straat|vejen|veien|"
    r"gaten|katu|steenweg|weg|gata|gade|gasse|gracht|plein|puistotie|ntie|kuja)"
    r" \d{1,4} ?[a-zA-Z]?,? (?:[A-Z]{1,2}-)?\d{3} ?\d{1,2}\b"
    r"|\b[^\W\d_]{2,40}(?:gatan|vägen|gränd|gränden|stigen|allén|straße|strasse|straat|veien|gaten)"
    r" \d{1,4} ?[a-zA-Z]?\b"
    r"|\b[A-ZÅÄÖØÆ][^\W\d_]{2,40}(?:gata|backen|torget|gasse|laan|gracht|vej|vejen|katu)"
    r" \d{1,4} ?[a-zA-Z]?\b"
    r"|\b[A-ZÅÄÖØÆ][^\W\d_]{0,40}(?<!Bri)(?<!Rene)(?<!bri)gade \d{1,4}\b"
    r"|\b[A-ZÄÖÜ][^\W\d_]{2,40}str\. ?\d{1,4}\b"
    r"|\b\d{1,5}[a-z]? (?:[A-Z][a-z']+ ){1,3}(?:Street|St\.|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.|"
    r"Boulevard|Blvd\.?|Crescent|Terrace|Gardens|Mews|Court,|Drive,|Close,)(?!\w)"
    r"|\b\d{1,4}(?: bis| ter)?,? (?:rue|avenue|boulevard|allée|impasse|chemin) (?:de la |de |du |"
    r"des |d'|de l')?[A-ZÀ-Ý]\w+|\b[Cc]alle (?:de |del |de la )?[A-Z]\w+,? \d{1,4}\b"
    r"|\b(?:Via|Viale|Piazza|Corso) (?:[A-Z]\w+ ){1,2}\d{1,4}\b|\bul\. [A-ZŁŚŻ]\w+ \d{1,4}\b"
    r"|\bP\.? ?O\.? Box \d{2,}|\bPostboks \d{2,}|\bPostfach \d{2,}",
)  # fmt: skip
_MAY_BE = re.compile(r"[^\W\d_]\.?,? \d|\d[a-z]?,? [^\W\d_]|[Bb]ox", re.IGNORECASE)
# A third of the column, with two different streets at least.
_LIKE_STREET = re.compile(
    r"\b([^\W\d_]{2,40}(?:gatan|vägen|gränd|stigen|allén|backen|torget|gata|vej|gade|gasse|straße|"
    r"strasse|straat|laan|weg|katu|[aiouyäö]ntie|veien|gaten|plein|str\.))\s\d{1,4}\s?[a-z]?\b"
    r"|\b\d{1,5} ((?:[a-z']+ ){1,3})(?:street|st|road|rd|avenue|ave|lane|drive|close|court|way|"
    r"place|crescent|terrace|boulevard|blvd|square|gardens|hill)\b",
    re.IGNORECASE,
)
_NO_STREET = re.compile(r"garantie \d|(?:hjem|bort|still)veg", re.IGNORECASE)
_NAMED_PLACE = re.compile(
    r"^(home_?|post(al)?_?|street_?|mailing_?|gatu_?|bostads_?|besöks_?|wohn_?|adres)?"
    r"(address|adress|adresse|adres|anschrift|street|gata|gatuadress|strasse|straße|straat|osoite|"
    r"katuosoite|direcci[oó]n|indirizzo|endereço)(_?line)?_?\d?$",
    re.IGNORECASE,
)
_NAMED_PLACE = re.compile(
    r"^(home_?|post(al)?_?|street_?|mailing_?|gatu_?|bostads_?|besöks_?|wohn_?)?"
    r"(address|adress|adresse|adres|anschrift|street|gata|gatuadress|strasse|straße|straat|osoite|"
    r"katuosoite|direcci[oó]n|indirizzo|endereço)(_?line)?_?\d?$",
    re.IGNORECASE,
)
_NAMED_TOWN = re.compile(
    r"^(home_?town|place_?of_?residence|bostadsort|hemort|wohnort|woonplaats|bopæl|bosted|"
    r"asuinpaikka|domicile?|birth_?place|place_?of_?birth|födelseort|geburtsort|geboorteplaats)$",
    re.IGNORECASE,
)
_NAMED_POSTAL = re.compile(
    r"^(home_?|patient_?)?(zip|zip_?code|post_?code|postal_?code|postnummer|postnr|post_?nr|plz|"
    r"postleitzahl|code_?postal|cap|cp|codigo_?postal|postinumero|postal|kod_?pocztowy)_?\d?$",
    re.IGNORECASE,
)
_NAMED_MAP = re.compile(
    r"latitude|longitude|(^|[^a-z])(lat|lon|lng|gps|geo|geolocation|coordinates?)([^a-z]|$)",
    re.IGNORECASE,
)
# Only forms that codes of samples and sites do not have.
_POSTAL = re.compile(
    r"GIR 0AA|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|\d{3} \d{2}|[1-9]\d{3} [A-Z]{2}|"
    r"[A-Z]\d[A-Z] \d[A-Z]\d",
    re.ASCII,
)
_POINT = re.compile(
    r"[(\[]?-?\d{1,2}\.\d{3,}°?[NS]?[,; ] ?-?\d{1,3}\.\d{3,}°?[EW]?[)\]]?", re.ASCII
)
_NUMBER = re.compile(r"[+-]?\d{1,3}[.,]\d+|[+-]?\d{1,3}")


def find_streets(joined: str, entries: Sequence[str]) -> Found | None:
    """Entries with a street and a number."""
    if not _MAY_BE.search(joined):
        return None
    if _STREET.search(joined):
        hits = [i for i, e in enumerate(entries) if _STREET.search(e) and not _NO_STREET.search(e)]
        if hits:
            return Found("street addresses", tuple(hits))
    if _LIKE_STREET.search(joined):
        like = [(i, _LIKE_STREET.search(e)) for i, e in enumerate(entries)]
        hits = [i for i, m in like if m is not None and not _NO_STREET.search(entries[i])]
        streets = {m[0].split()[0 if m[1] else 1].casefold() for i, m in like if m is not None}
        if len(hits) >= 3 and len(hits) >= 0.3 * len(entries) and len(streets) >= 3:
            return Found("street addresses", tuple(hits), weak=True)
    return None


def find_by_name(entries: Sequence[str], column: str) -> Found | None:
    """What a column called after an address, a postal code or a place on the map holds."""
    title = re.sub(r"[\s.\-]+", "_", column)
    everything = tuple(range(len(entries)))
    if _NAMED_MAP.search(title) and all(map(_NUMBER.fullmatch, entries[:50])):
        return Found("places on the map", everything)
    if _NAMED_POSTAL.match(title) and any(any(map(str.isdigit, e)) for e in entries[:50]):
        return Found("postal codes", everything)
    if any(any(map(str.isalpha, entry)) for entry in entries[:50]):
        if _NAMED_PLACE.match(title):
            return Found("addresses", everything, weak=True)
        if _NAMED_TOWN.match(title):
            return Found("places of residence", everything)
    return None


def find_codes(entries: Sequence[str]) -> Found | None:
    """Postal codes of a certain form, or points on the map, that fill a column."""
    for kind, pattern in (("postal codes", _POSTAL), ("places on the map", _POINT)):
        head = entries[:: max(1, len(entries) // 200)][:200]
        if sum(pattern.fullmatch(e) is not None for e in head) < 0.8 * len(head):
            continue
        hits = tuple(i for i, entry in enumerate(entries) if pattern.fullmatch(entry))
        if len(hits) >= 3 and len(hits) >= 0.8 * len(entries):
            return Found(kind, hits)
    return None
