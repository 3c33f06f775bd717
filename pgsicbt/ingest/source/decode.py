"""From bytes to text: recognising what is not a table, and the encoding."""

from __future__ import annotations

import codecs

from pgsicbt.errors import DataError

_NOT_TABLES: tuple[tuple[bytes, str, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0",
        "an old or password-protected Excel or Office file",
        "Save it as xlsx or CSV, without a password, and load that.",
    ),
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
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_CONTROL = bytes(range(9)) + bytes(range(14, 32)) + b"\x7f"


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


def decode(name: str, data: bytes) -> tuple[str, str]:
    """The text of a file and the name of its encoding; line ends become line feeds.

    UTF-8 with or without a mark, UTF-16 with or without a mark, otherwise Windows-1252.

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
            return _text(name, data.decode("cp1252")), "Windows-1252"
    except UnicodeDecodeError:
        raise _not_text(name) from None


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
