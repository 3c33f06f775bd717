"""National identity numbers: what each country's looks like and how it is checked.

The checks are those of python-stdnum where it has them. To add a number, add an entry to
:data:`NATIONAL_IDS`; the tests work out its chance of passing by simulation.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum import iban, luhn
from stdnum.ar import cuit
from stdnum.at import vnr
from stdnum.au import tfn
from stdnum.be import bis, nn
from stdnum.bg import egn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.ec import ci
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.exceptions import ValidationError
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.il import idnr as israeli
from stdnum.in_ import aadhaar
from stdnum.is_ import kennitala
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.mx import curp
from stdnum.my import nric
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pk import cnic
from stdnum.pl import pesel
from stdnum.pt import cc, nif
from stdnum.ro import cnp
from stdnum.si import emso
from stdnum.th import pin
from stdnum.tr import tckimlik
from stdnum.us import ssn
from stdnum.za import idnr as south_african


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
        Share of random numbers of the form that pass; at least.
    check
        Share that passes the check digits if the rest, such as a date, is right.
    year
        Where the two digits of the year of birth stand; None if there is no date in it.
    strong
        Whether one in its written form is enough; otherwise a share is needed as for digits.
    """

    name: str
    written: re.Pattern[str] | None
    digits: re.Pattern[str] | None
    valid: Callable[[str], bool]
    chance: float
    check: float = 0.1
    year: slice | None = None
    strong: bool = True


def _passes(*validators: Callable[[str], str]) -> Callable[[str], bool]:
    def valid(number: str) -> bool:
        for validate in validators:
            try:
                return bool(validate(number))
            except (ValidationError, ValueError, KeyError):
                continue
        return False

    return valid


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def swedish(number: str) -> bool:
    """Personnummer and samordningsnummer, with or without century, hyphen or plus sign."""
    digits = re.sub(r"\D", "", number)
    if len(digits) not in (10, 12) or not luhn.is_valid(digits[-10:]):
        return False
    if len(digits) == 12 and digits[:2] not in ("18", "19", "20"):
        return False
    day = int(digits[-6:-4])
    century = digits[:2] if len(digits) == 12 else "20"
    year = int(century + digits[-10:-8])
    return _is_date(year, int(digits[-8:-6]), day - 60 if day > 60 else day)


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


def finnish(number: str) -> bool:
    """HETU, those of people without a permanent one included."""
    try:
        return bool(hetu.validate(number, allow_temporary=True))
    except ValidationError:
        return False


def medicare(number: str) -> bool:
    """Australian Medicare card number: eight digits, a check digit, the issue."""
    digits = [int(ch) for ch in re.sub(r"\D", "", number)]
    if len(digits) not in (10, 11) or not 2 <= digits[0] <= 6 or digits[9] == 0:
        return False
    return sum(w * n for w, n in zip((1, 3, 7, 9) * 2, digits[:8], strict=True)) % 10 == digits[8]


def versichertennummer(number: str) -> bool:
    """German health insurance number: a letter, eight digits, a check digit."""
    body = f"{ord(number[0].upper()) - 64:02d}{number[1:9]}"
    total = 0
    for i, ch in enumerate(body):
        total += sum(divmod(int(ch) * (2 if i % 2 else 1), 10))
    return total % 10 == int(number[9])


def pension_number(number: str) -> bool:
    """German pension insurance number: area, date of birth, letter, serial, check digit."""
    text = re.sub(r"\s", "", number).upper()
    if not 1 <= int(text[4:6]) <= 12 or not 1 <= int(text[2:4]) <= 31:
        return False
    body = f"{text[:8]}{ord(text[8]) - 64:02d}{text[9:11]}"
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    total = sum(sum(divmod(w * int(n), 10)) for w, n in zip(weights, body, strict=True))
    return total % 10 == int(text[11])


def _always(_number: str) -> bool:
    return True


_BEFORE, _AFTER = r"(?<![\w.+-])", r"(?![\w]|[.-]\d)"


def _form(pattern: str) -> re.Pattern[str]:
    """A form within text: not part of a longer number or word."""
    return re.compile(f"{_BEFORE}(?:{pattern}){_AFTER}", re.ASCII)


def _digits(*lengths: int) -> re.Pattern[str]:
    return re.compile("|".join(rf"\d{{{n}}}" for n in lengths), re.ASCII)


_EIGHT = r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"

NATIONAL_IDS: tuple[NationalId, ...] = (
    NationalId("Swedish personal identity numbers", _form(r"(?:18|19|20)?\d{6} ?[-+ ] ?\d{4}"),
               _digits(10, 12), swedish, 0.008, year=slice(-10, -8)),
    NationalId("Norwegian birth numbers", _form(r"\d{6}[ -]\d{5}|\d{2}\.\d{2}\.\d{2} ?\d{5}"),
               _digits(11), _passes(fodselsnummer.validate), 0.001, 0.01, slice(4, 6)),
    NationalId("Danish CPR numbers", _form(r"\d{6}[- ]\d{4}"), _digits(10), danish, 0.0035,
               year=slice(4, 6)),
    NationalId("Finnish personal identity codes", _form(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]"), None,
               finnish, 0.0015,
               0.033),
    NationalId("Icelandic kennitala", _form(r"\d{6}-\d{4}"), _digits(10),
               _passes(kennitala.validate), 0.0015, year=slice(4, 6)),
    NationalId("NHS numbers", _form(r"\d{3}[ -]\d{3}[ -]\d{4}"), _digits(10),
               _passes(nhs.validate), 0.092),
    NationalId("National Insurance numbers", _form(rf"{_EIGHT} \d{{2}} \d{{2}} \d{{2}} [A-D]"),
               None, _always, 0.01, 0.01),
    NationalId("US social security numbers", _form(r"\d{3}-\d{2}-\d{4}"), None,
               _passes(ssn.validate), 0.09),
    NationalId("Dutch BSN numbers", _form(r"\d{4}[. ]\d{2}[. ]\d{3}"), _digits(9),
               _passes(bsn.validate), 0.092),
    NationalId("German tax numbers", _form(r"\d{2} \d{3} \d{3} \d{3}"), _digits(11),
               _passes(idnr.validate), 0.006),
    NationalId("German health insurance numbers", _form(r"[A-Z]\d{9}"), None,
               versichertennummer, 0.1, strong=False),
    NationalId("German pension insurance numbers", _form(r"\d{2} ?\d{6} ?[A-Z] ?\d{3}"), None,
               pension_number, 0.038, strong=False),
    NationalId("French social security numbers",
               _form(r"[12] \d{2} \d{2} \d[\dAB] \d{3} \d{3}(?: ?\d{2})?"), _digits(15),
               _passes(nir.validate), 0.0105, 0.0105),
    NationalId("Spanish identity numbers", _form(r"\d{8}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]"), None,
               _passes(dni.validate, nie.validate), 0.044, 0.044, strong=False),
    NationalId("Italian tax codes", _form(r"[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]"), None,
               _passes(codicefiscale.validate), 0.03, 0.04),
    NationalId("Polish PESEL numbers", None, _digits(11), _passes(pesel.validate), 0.02,
               year=slice(0, 2)),
    NationalId("Belgian national numbers", _form(r"\d{2}\.\d{2}\.\d{2}[- ]\d{3}[.-]\d{2}"),
               _digits(11), _passes(nn.validate, bis.validate), 0.006, 0.021, slice(0, 2)),
    NationalId("Irish PPS numbers", _form(r"\d{7}[A-W][A-IW]?"), None, _passes(pps.validate),
               0.045, 0.045, strong=False),
    NationalId("Estonian or Lithuanian personal codes", None, _digits(11),
               _passes(ik.validate, asmens.validate), 0.015, year=slice(1, 3)),
    NationalId("Latvian personal codes", _form(r"\d{6}-[012]\d{4}"), None, _passes(pvn.validate),
               0.004, year=slice(4, 6)),
    NationalId("Swiss AHV numbers", _form(r"756\.\d{4}\.\d{4}\.\d{2}"),
               re.compile(r"756\d{10}", re.ASCII), _passes(ahv.validate), 0.1),
    NationalId("Austrian insurance numbers", _form(r"\d{4} \d{6}"), _digits(10),
               lambda n: _passes(vnr.validate)(n) and _ends_with_date(n), 0.0035,
               year=slice(8, 10)),
    NationalId("Canadian social insurance numbers", _form(r"\d{3}[ -]\d{3}[ -]\d{3}"), _digits(9),
               _passes(sin.validate), 0.1),
    NationalId("Australian tax file numbers", None, _digits(9), _passes(tfn.validate), 0.092),
    NationalId("Australian Medicare numbers", _form(r"[2-6]\d{3} \d{5} \d(?:[ /-]\d)?"),
               _digits(10), medicare, 0.05),
    NationalId("Brazilian CPF numbers", _form(r"\d{3}\.\d{3}\.\d{3}-\d{2}"), _digits(11),
               _passes(cpf.validate), 0.011, 0.011),
    NationalId("Czech or Slovak birth numbers", _form(r"\d{6}/\d{3,4}"), _digits(10),
               _passes(rc.validate), 0.023, year=slice(0, 2)),
    NationalId("Croatian OIB numbers", None, _digits(11), _passes(oib.validate), 0.105),
    NationalId("Bulgarian EGN numbers", None, _digits(10), _passes(egn.validate), 0.013,
               year=slice(0, 2)),
    NationalId("Romanian CNP numbers", None, _digits(13), _passes(cnp.validate), 0.004,
               year=slice(1, 3)),
    NationalId("Portuguese tax numbers", None, _digits(9), _passes(nif.validate), 0.1),
    NationalId("Portuguese citizen numbers", _form(r"\d{8} \d [A-Z0-9]{2}\d"), None,
               _passes(cc.validate), 0.1),
    NationalId("Greek AMKA numbers", None, _digits(11), _passes(amka.validate), 0.004,
               year=slice(4, 6)),
    NationalId("Yugoslav citizen numbers", None, _digits(13), _passes(emso.validate), 0.004,
               year=slice(5, 7)),
    NationalId("Turkish identity numbers", None, _digits(11), _passes(tckimlik.validate), 0.011,
               0.011),
    NationalId("Israeli identity numbers", None, _digits(9), _passes(israeli.validate), 0.1),
    NationalId("South African identity numbers", _form(r"\d{6} \d{4} \d{3}"), _digits(13),
               _passes(south_african.validate), 0.002, year=slice(0, 2)),
    NationalId("Indian Aadhaar numbers", _form(r"\d{4} \d{4} \d{4}"), _digits(12),
               _passes(aadhaar.validate), 0.082),
    NationalId("Chinese resident numbers", _form(r"\d{17}[\dX]"), None, _passes(ric.validate),
               0.001, 0.091, slice(8, 10)),
    NationalId("Korean resident numbers", _form(r"\d{6}-\d{7}"), _digits(13),
               _passes(rrn.validate), 0.004, year=slice(0, 2)),
    NationalId("Malaysian identity numbers", _form(r"\d{6}-\d{2}-\d{4}"), None,
               _passes(nric.validate), 0.03, 0.8),
    NationalId("Pakistani identity numbers", _form(r"\d{5}-\d{7}-\d"), None,
               _passes(cnic.validate), 0.11),
    NationalId("Thai identity numbers", _form(r"\d-\d{4}-\d{5}-\d{2}-\d"), _digits(13),
               _passes(pin.validate), 0.082),
    NationalId("Chilean RUT numbers", _form(r"\d{1,2}\.\d{3}\.\d{3}-[\dKk]"), None,
               _passes(rut.validate), 0.1),
    NationalId("Argentine CUIL numbers", _form(r"\d{2}-\d{8}-\d"), None, _passes(cuit.validate),
               0.1),
    NationalId("Ecuadorian identity numbers", None, _digits(10), _passes(ci.validate), 0.02,
               0.1),
    NationalId("Mexican CURP codes", _form(r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d"), None,
               _passes(curp.validate), 0.01),
    NationalId("bank account numbers",
               _form(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"), None,
               _passes(iban.validate), 0.011, 0.011),
)  # fmt: skip

ANY_FORM = re.compile(
    _BEFORE
    + r"(?=(?:[A-Z /.+-]{0,8}\d){6})(?:"
    + "|".join(
        one.written.pattern.removeprefix(_BEFORE).removesuffix(_AFTER)
        for one in NATIONAL_IDS
        if one.written
    )
    + ")"
    + _AFTER,
    re.ASCII,
)
"""All written forms at once, for a first look."""


def _ends_with_date(number: str) -> bool:
    """Austrian numbers end in a date of birth, with months up to 15 where a day has run out."""
    digits = re.sub(r"\D", "", number)
    return 1 <= int(digits[4:6]) <= 31 and 1 <= int(digits[6:8]) <= 15
