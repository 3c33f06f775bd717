"""National identity numbers, told from other numbers by form, date and check digits.

A number of ten random digits passes some country's check by chance: at 10 % for a check digit
alone, at 1 % or less where it begins with a date as well. A column of digits is therefore taken
for identity numbers only where far more of its entries pass than chance would let through.
Numbers written with their punctuation, or within text, are rare by chance and one is enough.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy.stats import binom
from stdnum import luhn
from stdnum.au import tfn
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.exceptions import ValidationError
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.is_ import kennitala
from stdnum.it import codicefiscale
from stdnum.lt import asmens
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.pt import nif
from stdnum.ro import cnp
from stdnum.us import ssn

BY_DATE = 0.5
"""Share of a column of digits that must pass a check of date and check digits."""
BY_CHECK = 0.8
"""Share that must pass where the check has no date in it."""
BY_FORM = 0.3
"""Share of the entries of one punctuated form within text that must pass its check; where the
form fills three cells or more, so that they may be sample numbers, :data:`BY_DATE` of them."""
_CHANCE = 1e-6


@dataclass(frozen=True)
class NationalId:
    """One country's number.

    Parameters
    ----------
    name
        What it is called in messages.
    written
        Its form with punctuation or letters, as found within text; None if it has none.
    digits
        Its form as digits alone, filling a cell; None if that form says nothing.
    valid
        Whether a number in either form passes the country's checks.
    chance
        Share of random digits that pass; at least.
    dated
        Whether the check includes a date of birth.
    strong
        Whether one in its written form is enough; otherwise a share is needed as for digits.
    """

    name: str
    written: re.Pattern[str] | None
    digits: re.Pattern[str] | None
    valid: Callable[[str], bool]
    chance: float
    dated: bool = False
    strong: bool = True


def _passes(validate: Callable[[str], str]) -> Callable[[str], bool]:
    def valid(number: str) -> bool:
        try:
            return bool(validate(number))
        except (ValidationError, ValueError):
            return False

    return valid


def swedish(number: str) -> bool:
    """Personnummer and samordningsnummer, with or without century, hyphen or plus sign."""
    digits = re.sub(r"\D", "", number)
    if len(digits) not in (10, 12) or not luhn.is_valid(digits[-10:]):
        return False
    if len(digits) == 12 and digits[:2] not in ("18", "19", "20"):
        return False
    day = int(digits[-6:-4])
    return _is_date("20" + digits[-10:-6], day - 60 if day > 60 else day)


def _is_date(year_month: str, day: int) -> bool:
    try:
        dt.date(int(year_month[:4]), int(year_month[4:]), day)
    except ValueError:
        return False
    return True


def danish(number: str) -> bool:
    """CPR number with a date and the check digit that was in use until 2007.

    Later numbers may lack it; a column of adults has it nearly throughout.
    """
    digits = re.sub(r"\D", "", number)
    if len(digits) != 10 or cpr.checksum(digits) != 0:
        return False
    try:
        cpr.get_birth_date(digits)
    except ValidationError:
        return False
    return True


def _form(pattern: str) -> re.Pattern[str]:
    """A form within text: not part of a longer number or word."""
    return re.compile(rf"(?<![\w.+-])(?:{pattern})(?![\w]|[.-]\d)", re.ASCII)


def _digits(*lengths: int) -> re.Pattern[str]:
    return re.compile("|".join(rf"\d{{{n}}}" for n in lengths), re.ASCII)


NATIONAL_IDS: tuple[NationalId, ...] = (
    NationalId("Swedish personal identity numbers", _form(r"(?:18|19|20)?\d{6}[-+ ]\d{4}"),
               _digits(10, 12), swedish, 0.0075, dated=True),
    NationalId("Norwegian birth numbers", _form(r"\d{6}[ -]\d{5}"), _digits(11),
               _passes(fodselsnummer.validate), 0.001, dated=True),
    NationalId("Danish CPR numbers", _form(r"\d{6}-\d{4}"), _digits(10), danish, 0.0035,
               dated=True),
    NationalId("Finnish personal identity codes", _form(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]"), None,
               _passes(hetu.validate), 0.0012, dated=True),
    NationalId("Icelandic kennitala", _form(r"\d{6}-\d{4}"), _digits(10),
               _passes(kennitala.validate), 0.001, dated=True),
    NationalId("NHS numbers", _form(r"\d{3}[ -]\d{3}[ -]\d{4}"), _digits(10),
               _passes(nhs.validate), 0.092),
    NationalId("US social security numbers", _form(r"\d{3}-\d{2}-\d{4}"), None,
               _passes(ssn.validate), 0.09),
    NationalId("Dutch BSN numbers", None, _digits(9), _passes(bsn.validate), 0.092),
    NationalId("German tax numbers", _form(r"\d{2} \d{3} \d{3} \d{3}"), _digits(11),
               _passes(idnr.validate), 0.06),
    NationalId("French social security numbers",
               _form(r"[12] \d{2} \d{2} \d{2} \d{3} \d{3}(?: \d{2})?"), _digits(15),
               _passes(nir.validate), 0.01),
    NationalId("Spanish identity numbers", _form(r"\d{8}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]"), None,
               lambda n: _passes(dni.validate)(n) or _passes(nie.validate)(n), 0.044, strong=False),
    NationalId("Italian tax codes", _form(r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"), None,
               _passes(codicefiscale.validate), 0.001, dated=True),
    NationalId("Polish PESEL numbers", None, _digits(11), _passes(pesel.validate), 0.02,
               dated=True),
    NationalId("Belgian national numbers", _form(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}"), _digits(11),
               _passes(nn.validate), 0.002, dated=True),
    NationalId("Irish PPS numbers", _form(r"\d{7}[A-W][A-IW]?"), None, _passes(pps.validate),
               0.045, strong=False),
    NationalId("Estonian or Lithuanian personal codes", None, _digits(11),
               lambda n: _passes(ik.validate)(n) or _passes(asmens.validate)(n), 0.003,
               dated=True),
    NationalId("Swiss AHV numbers", _form(r"756\.\d{4}\.\d{4}\.\d{2}"), re.compile(r"756\d{10}"),
               _passes(ahv.validate), 0.1),
    NationalId("Canadian social insurance numbers", _form(r"\d{3}[ -]\d{3}[ -]\d{3}"), _digits(9),
               _passes(sin.validate), 0.1),
    NationalId("Australian tax file numbers", None, _digits(9), _passes(tfn.validate), 0.092),
    NationalId("Brazilian CPF numbers", _form(r"\d{3}\.\d{3}\.\d{3}-\d{2}"), _digits(11),
               _passes(cpf.validate), 0.011),
    NationalId("Czech or Slovak birth numbers", _form(r"\d{6}/\d{3,4}"), _digits(10),
               _passes(rc.validate), 0.015, dated=True),
    NationalId("Croatian OIB numbers", None, _digits(11), _passes(oib.validate), 0.1),
    NationalId("Bulgarian EGN numbers", None, _digits(10), _passes(egn.validate), 0.01,
               dated=True),
    NationalId("Romanian CNP numbers", None, _digits(13), _passes(cnp.validate), 0.004,
               dated=True),
    NationalId("Portuguese tax numbers", None, _digits(9), _passes(nif.validate), 0.1),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Entries of a column that carry something that identifies people.

    ``entries`` are positions among the entries looked at. ``weak`` marks what rests on a share of
    a column of plain digits or words, which may be chance: the user may overrule it.
    """

    kind: str
    entries: tuple[int, ...]
    weak: bool = False


def find_in_cells(entries: Sequence[str]) -> Found | None:
    """Identity numbers that fill the cells of a column as plain digits.

    Parameters
    ----------
    entries
        The different cells of a column.
    """
    digits = [_bare(entry) for entry in entries]
    by_length: dict[int, list[int]] = {}
    for i, entry in enumerate(digits):
        if 9 <= len(entry) <= 15:
            by_length.setdefault(len(entry), []).append(i)
    for numbers in by_length.values():
        for one in NATIONAL_IDS:
            if one.digits is None or not one.digits.fullmatch(digits[numbers[0]]):
                continue
            share = BY_DATE if one.dated else BY_CHECK
            hits = _enough(digits, numbers, one, share, _CHANCE)
            if hits:
                return Found(one.name, hits, weak=True)
    dated = tuple(i for i, entry in enumerate(entries) if _initials_and_birth(entry))
    if len(dated) >= 5 and len(dated) >= BY_CHECK * len(entries):
        return Found("initials with dates of birth", dated, weak=True)
    return None


_BARE = re.compile(r"[A-Za-z]{0,4}[-_ ]?(\d{9,15})(?:[.,]0+)?", re.ASCII)
_INITIALS = re.compile(r"[A-Za-zÅÄÖåäö]{1,3}[-_ ]?(?:19|20)?(\d{2})(\d{2})(\d{2})")


def _bare(entry: str) -> str:
    """The digits of an entry that is a number, behind a few letters or with a decimal zero."""
    found = _BARE.fullmatch(entry)
    return found[1] if found else ""


def _initials_and_birth(entry: str) -> bool:
    found = _INITIALS.fullmatch(entry)
    return found is not None and _is_date("20" + found[1] + found[2], int(found[3]))


def _enough(
    entries: Sequence[str], of: Sequence[int], one: NationalId, share: float, chance: float
) -> tuple[int, ...]:
    """Entries that pass, if there are more than ``share`` of them and chance cannot explain it."""
    # A first look at some of them spares the check of a hundred thousand barcodes.
    head = of[:: max(1, len(of) // 400)][:400]
    if sum(one.valid(entries[i]) for i in head) < 0.5 * share * len(head):
        return ()
    hits = tuple(i for i in of if one.valid(entries[i]))
    if len(hits) < share * len(of):
        return ()
    return hits if binom.sf(len(hits) - 1, len(of), one.chance) < chance else ()


_DASHES = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"\u00a0": " "}
)


def find_in_text(entries: Sequence[str]) -> list[Found]:
    """Identity numbers in their written form, alone in a cell or within text.

    Parameters
    ----------
    entries
        The different cells of a column, or texts of a file.
    """
    found: list[Found] = []
    entries = [entry.translate(_DASHES) for entry in entries]
    joined = "\n".join(entries)
    for one in NATIONAL_IDS:
        if one.written is None or not one.written.search(joined):
            continue
        of = [i for i, entry in enumerate(entries) if one.written.search(entry)]
        hits = tuple(
            i for i in of if any(one.valid(match[0]) for match in one.written.finditer(entries[i]))
        )
        if not hits:
            continue
        by_chance = float(binom.sf(len(hits) - 1, len(of), min(one.chance, 1.0)))
        filling = sum(one.written.fullmatch(entries[i]) is not None for i in of)
        share, rare = (BY_DATE, 1e-3) if filling >= 3 else (BY_FORM, 0.11)
        # Sample numbers may begin with a true date, so only their check digit is by chance.
        by_digit = binom.sf(len(hits) - 1, len(of), 0.1) if filling >= 3 else by_chance
        if one.strong and len(hits) >= share * len(of) and by_digit < rare:
            found.append(Found(one.name, hits))
        elif not one.strong and len(hits) >= BY_CHECK * len(of) and by_chance < _CHANCE:
            found.append(Found(one.name, hits, weak=True))
    return found
