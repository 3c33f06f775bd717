"""XML parts of workbooks, read as a stream: no entities, no depth, no endless text.

The parts of xlsx and ods files come from strangers. The parser sees a megabyte at a time, refuses
declarations of entities, elements nested deeper than any workbook nests them, and more text than
the limits allow; what it hands out goes to the handlers of the part.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.parsers.expat import ExpatError, ParserCreate

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.containers import DAMAGED, damaged_zip
from pgsicbt.ingest.uploads import MAX_BYTES, too_large

_CHUNK = 2**20
MOST_DEEP = 100
"""Elements within elements; sheets nest to about ten."""
LONGEST_CELL = 1_000_000
"""Letters in one cell or other text; Excel allows 32,767 in a cell."""
MOST_CELLS = 15_000_000
"""Cells of all sheets together that are read at most, empty ones between others included."""


@dataclass
class Budget:
    """What may still be read of a workbook.

    Parameters
    ----------
    cells
        Cells, or entries of a list of strings.
    letters
        Bytes that the text of the cells takes.
    """

    name: str
    cells: int = MOST_CELLS
    letters: int = MAX_BYTES

    def take(self, cells: int, letters: int) -> None:
        """Count what was read.

        Raises
        ------
        DataError
            If there is more of it than is read.
        """
        self.cells -= cells
        self.letters -= letters
        if self.cells < 0 or self.letters < 0:
            raise DataError(
                f"{self.name} has more cells than are read from a workbook.",
                "Save the sheet as CSV and load that.",
                code="too_large",
                file=self.name,
            )


def size_of(text: str) -> int:
    """Bytes that a text takes in memory at most."""
    return len(text) if text.isascii() else 4 * len(text)


class _DepthError(ValueError):
    pass


def parse_part(
    name: str,
    archive: zipfile.ZipFile,
    member: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Parse one part of an archive.

    Parameters
    ----------
    start, end, text
        Told of each element and its attributes by their names without prefix, of its end, and of
        text in pieces.

    Raises
    ------
    DataError
        If the part is missing or damaged, declares entities or nests too deep.
    """
    parser = ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 2**16
    depth = 0

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEEP:
            raise _DepthError
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        start(tag, attributes)

    def closed(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(tag.rpartition(":")[2] if ":" in tag else tag)

    def declared(*_: object) -> None:
        raise _DepthError

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    try:
        with archive.open(member) as stream:
            while part := stream.read(_CHUNK):
                parser.Parse(part, False)
        parser.Parse(b"", True)
    except (ExpatError, LookupError, ValueError, *DAMAGED):
        raise damaged_zip(name) from None


def local(attributes: Mapping[str, str], key: str) -> str:
    """An attribute by its name without prefix, '' where there is none."""
    if key in attributes:
        return attributes[key]
    return next((v for k, v in attributes.items() if k.rpartition(":")[2] == key), "")


_TELLING = {
    "name", "displayname", "val", "value", "v", "author", "userid", "caption", "tooltip",
    "display", "location", "prompt", "prompttitle", "error", "errortitle", "title", "descr",
    "alt", "comment", "description", "text", "initials", "sourcename", "uniquename", "string",
    "content", "href", "desktop", "filter", "condition", "string-value", "formula", "o:title",
}  # fmt: skip
_LINKS = "Target"


def strings(name: str, archive: zipfile.ZipFile, member: str, most: int = 200_000) -> list[str]:
    """All text of a part, and attributes that hold what people typed; each text once.

    Raises
    ------
    DataError
        If the part is damaged or holds more texts than ``most``.
    """
    found: dict[str, None] = {}
    pieces: list[str] = []
    size = 0

    def keep(text: str) -> None:
        nonlocal size
        text = " ".join(text.split())
        if text and text not in found:
            found[text] = None
            size += size_of(text)
            if len(found) > most or size > MAX_BYTES // 8:
                raise too_large(name)

    def flush() -> None:
        if pieces:
            keep("".join(pieces))
            pieces.clear()

    def opened(tag: str, attributes: dict[str, str]) -> None:
        # Runs of one paragraph belong together; a name may change its looks midway.
        if tag not in ("r", "t", "span", "rPr"):
            flush()
        for key, value in attributes.items():
            plain = key.rpartition(":")[2].casefold()
            outside = key == _LINKS and attributes.get("TargetMode") == "External"
            if plain in _TELLING or outside:
                keep(value)

    def closed(tag: str) -> None:
        if tag not in ("r", "t", "span", "rPr"):
            flush()

    def letters(text: str) -> None:
        pieces.append(text)
        if len(pieces) > 1000:
            flush()

    parse_part(name, archive, member, opened, closed, letters)
    flush()
    return list(found)
