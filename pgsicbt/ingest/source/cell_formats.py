"""How Excel shows numbers: dates, times, leading zeros; and the text that becomes of them."""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from pgsicbt.ingest.source.cell_text import cell_text, number_text
from pgsicbt.ingest.source.containers import damaged_zip
from pgsicbt.ingest.source.markup import parse_part

_MOST_FORMATS = 200_000
_LONGEST_CODE = 500
_ASIAN_DATES = {*range(27, 37), *range(50, 59)}
_ZEROS = re.compile(r"(?:\"([^\"]{1,20})\"|\\([A-Za-z_-]))?(0{2,})(?:;.*)?")
_WHOLE = re.compile(r"\d{1,15}", re.ASCII)
_LAST_DAY = 2_958_466  # 31 December 9999


@dataclass
class Looks:
    """The number formats of a workbook.

    Parameters
    ----------
    codes
        Format of each style, '' for none.
    from_1904
        Days count from 1904, as in old workbooks of the Macintosh.
    recalculate
        The program that wrote the workbook left all results to be computed on opening.
    """

    codes: list[str] = field(default_factory=list)
    from_1904: bool = False
    recalculate: bool = False

    def code(self, style: str) -> str:
        """The format of a style by its number."""
        at = int(style) if style.isascii() and style.isdigit() and len(style) < 7 else -1
        return self.codes[at] if 0 <= at < len(self.codes) else ""


def read_looks(name: str, archive: zipfile.ZipFile, member: str) -> list[str]:
    """The number format of each style of a workbook.

    Raises
    ------
    DataError
        If the part is damaged or holds more styles than Excel can have.
    """
    formats: dict[str, str] = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    formats |= {str(number): "yyyy-mm-dd" for number in _ASIAN_DATES}
    codes: list[str] = []
    inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            codes.append(formats.get(attributes.get("numFmtId", ""), ""))
        elif tag == "numFmt":
            code = attributes.get("formatCode", "")
            formats[attributes.get("numFmtId", "")] = code if len(code) <= _LONGEST_CODE else ""
        if len(codes) + len(formats) > _MOST_FORMATS:
            raise damaged_zip(name)

    def end(tag: str) -> None:
        nonlocal inside
        inside = inside and tag != "cellXfs"

    parse_part(name, archive, member, start, end, lambda _: None)
    return codes


def excel_text(raw: str, kind: str, style: str, looks: Looks) -> str:
    """The text that a CSV would hold for a cell.

    Parameters
    ----------
    raw
        The cell's content.
    kind
        The cell's type: ``n`` number, ``b`` truth value, ``d`` date, ``e`` error, others text.
    style
        Number of the cell's style.
    """
    if kind == "n":
        return _number(raw.strip(), _shown(looks.code(style)), looks.from_1904)
    if kind == "b":
        return {"1": "TRUE", "0": "FALSE"}.get(raw.strip(), raw.strip())
    if kind == "d":
        return raw.strip().replace("T", " ").removesuffix(" 00:00:00").removesuffix(" 00:00")
    return " ".join(raw.split())


@lru_cache(maxsize=1024)
def _shown(code: str) -> tuple[str, str, int]:
    """How a format shows numbers: ``date``, ``duration``, ``zeros`` with prefix and digits, ''."""
    zeros = _ZEROS.fullmatch(code)
    if zeros:
        return "zeros", zeros[1] or zeros[2] or "", len(zeros[3])
    if is_timedelta_format(code):
        return "duration", "", 0
    return ("date", "", 0) if is_date_format(code) else ("", "", 0)


def _number(raw: str, shown: tuple[str, str, int], from_1904: bool) -> str:
    how, prefix, digits = shown
    if not how and _WHOLE.fullmatch(raw):
        return raw.lstrip("0") or "0"
    try:
        value = float(raw)
    except ValueError:
        return " ".join(raw.split())
    text = number_text(value)
    if how == "zeros":
        # 00123 is kept as the number 123 that is shown with five digits.
        return prefix + text.zfill(digits) if _WHOLE.fullmatch(text) else text
    if how and math.isfinite(value) and 0 <= value < _LAST_DAY:
        if how == "duration":
            return cell_text(from_excel(value, timedelta=True))
        moment = from_excel(value, epoch=MAC_EPOCH if from_1904 else WINDOWS_EPOCH)
        return moment.strftime("%H:%M:%S") if isinstance(moment, dt.time) else cell_text(moment)
    return text
