"""From bytes to text: recognising what is not a table, and the encoding."""

from __future__ import annotations

import codecs
import re
from itertools import islice

from pgsicbt.errors import DataError

_NOT_TABLES: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "an archive or Excel workbook", "Save the sheet as CSV and load that."),
    (b"%PDF", "a PDF document", "Load the table it was made from, as CSV."),
    (b"\x89PNG", "a picture", "Load the table it was made from, as CSV."),
    (b"\xff\xd8\xff", "a picture", "Load the table it was made from, as CSV."),
    (b"GIF8", "a picture", "Load the table it was made from, as CSV."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
    (b"SQLite format 3", "a database", "Export the table as CSV and load that."),
    (b"Rar!", "a RAR archive", "Unpack it and load the tables themselves."),
    (b"RDX", "an R data file", "Write the table as CSV in R and load that."),
    (b"X\n\x00\x00", "an R data file", "Write the table as CSV in R and load that."),
    (b"\x6c\x1b\x01", "a file of genotypes", "Load scores per person, not genotypes."),
    (b"##fileformat=VCF", "a file of genotypes", "Load scores per person, not genotypes."),
    (b"{\\rtf", "a text document", "Load the table as CSV."),
    (
        b"\x1c\x00\x00\x00\x00\x00\x00\x00ENCRYPTEDSAV",
        "an SPSS file protected by a password",
        "Save it without a password; it stays in the memory of your session.",
    ),
    (b"MATLAB 5.0", "a MATLAB file", "Write the table as CSV in MATLAB and load that."),
    (b"\x00\x01\x00\x00Standard ", "an Access database", "Export the table as CSV and load that."),
    (
        b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x63",
        "a SAS catalogue of labels",
        "Load the data set itself (sas7bdat or xpt).",
    ),
)
_OFFICE = b"\xd0\xcf\x11\xe0"
_TAR = slice(257, 262)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_CONTROL = bytes(range(9)) + bytes(range(14, 32)) + b"\x7f"


# Letters that words of Western languages hold, most frequent first: two points for the first ten.
_FREQUENT = frozenset("åäöøæÅÄÖØÆ")
_LETTERS = frozenset("éüßèáíóúñçêëïôâîûàìòùÉÜ")
_LEGACY = (("cp1252", "Windows-1252"), ("mac_roman", "Mac Roman"), ("cp850", "DOS (850)"))
_HIGH = re.compile(rb"[A-Za-z]?[\x80-\xff]+")
_ESCAPED = re.compile("[\udc80-\udcff]+")
_ABOVE = re.compile("[\u0080-\ud7ff\ue000-\U0010ffff]+")
_MOST_SEEN = 20_000


def refuse_other_files(name: str, data: bytes) -> None:
    """Refuse what is no table by its first bytes.

    Raises
    ------
    DataError
        Says what the file is and what to load instead.
    """
    for magic, what, hint in _NOT_TABLES:
        if data.startswith(magic):
            raise DataError(f"{name} is {what}, not a table.", hint, code="not_a_table", file=name)
    if data.startswith(_OFFICE):
        raise _office(name, data)
    if data[_TAR] == b"ustar":
        raise DataError(
            f"{name} is a tar archive, not a table.",
            "Unpack it and load the tables themselves.",
            code="not_a_table",
            file=name,
        )


def _office(name: str, data: bytes) -> DataError:
    """The error for files of old Office programs, and of new ones behind a password."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        what, hint = "an Excel or Office file protected by a password", "Save it without a password"
    elif any(part.encode("utf-16-le") in data for part in ("Workbook", "Book")):
        what, hint = "an old Excel file (xls)", "Save it as xlsx or CSV"
    else:
        what = "an old or password-protected Excel or Office file"
        hint = "Save it as xlsx or CSV, without a password,"
    return DataError(
        f"{name} is {what}, which is not read.",
        f"{hint} and load that.",
        code="not_a_table",
        file=name,
    )


def decode(name: str, data: bytes) -> tuple[str, str]:
    """The text of a file and the name of its encoding; line ends become line feeds.

    UTF-8 or UTF-16 with or without a mark, UTF-32 with one, otherwise Windows-1252, or Mac Roman
    or the code page of DOS where these give more letters. Single bytes in UTF-8 that are none of
    it, as pasting leaves them, are taken for Windows-1252.

    Raises
    ------
    DataError
        If the file is empty or not text.
    """
    data = data.rstrip(b"\x1a")  # end-of-file mark of old DOS programs
    if not data.strip(b"\x00 \t\r\n"):
        raise DataError(
            f"{name} is empty.", "Export the table again and load that.", code="empty", file=name
        )
    text, encoding = _decoded(name, data)
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _decoded(name: str, data: bytes) -> tuple[str, str]:
    try:
        for mark, codec, label in _BOMS:
            if data.startswith(mark):
                return _text(name, data.decode(codec)), label
        guess = _utf16_without_mark(data[:4096])
        if guess:
            return _text(name, data.decode(guess)), "UTF-16"
        if len(data[:8192].translate(None, _CONTROL)) < len(data[:8192]):
            raise _not_text(name)
        try:
            return _text(name, data.decode("utf-8")), "UTF-8"
        except UnicodeDecodeError:
            text, label = _legacy(data)
            return _text(name, text), label
    except UnicodeDecodeError:
        raise _not_text(name) from None


def _legacy(data: bytes) -> tuple[str, str]:
    """Text that is not UTF-8 throughout, and its encoding.

    Raises
    ------
    UnicodeDecodeError
        If no encoding fits.
    """
    mixed = data.decode("utf-8", "surrogateescape")
    astray = _ESCAPED.findall(mixed)
    if sum(map(len, astray)) < sum(map(len, _ABOVE.findall(mixed))):
        return _ESCAPED.sub(lambda found: _single(found[0]), mixed), "UTF-8 with other bytes"
    sample = b" ".join(found[0] for found in islice(_HIGH.finditer(data), _MOST_SEEN))
    points = {codec: _points(sample.decode(codec, "replace")) for codec, _ in _LEGACY}
    codec, label = max(_LEGACY, key=lambda one: points[one[0]])
    return data.decode(codec), label


def _single(escaped: str) -> str:
    """Bytes that are no UTF-8 as the letters that they are in Windows-1252."""
    return escaped.encode("utf-8", "surrogateescape").decode("cp1252", "replace")


def _points(text: str) -> int:
    """How much a text looks like words: letters count, signs and capitals within words cost."""
    points = 0
    for before, this in zip(" " + text, text, strict=False):
        if this in _FREQUENT:
            points += 2
        elif this in _LETTERS:
            points += 1
        elif not this.isascii() and not this.isalpha():
            points -= 1
        if not this.isascii() and this.isupper() and before.islower():
            points -= 3
    return points


def _utf16_without_mark(head: bytes) -> str:
    """The UTF-16 codec if every second byte of mostly Latin text is zero, otherwise ''."""
    even, odd = head[0::2], head[1::2]
    if len(odd) > 1 and odd.count(0) > 0.8 * len(odd) and even.count(0) == 0:
        return "utf-16-le"
    if len(odd) > 1 and even.count(0) > 0.8 * len(even) and odd.count(0) == 0:
        return "utf-16-be"
    return ""


def _text(name: str, text: str) -> str:
    if "\x00" in text:
        raise _not_text(name)
    return text.removeprefix("\ufeff")


def _not_text(name: str) -> DataError:
    return DataError(
        f"{name} is not a text file.",
        "Save the table as CSV and load that.",
        code="not_a_table",
        file=name,
    )
