"""Throw damaged and hostile files at the readers, guided by coverage.

    pip install atheris
    python -m fuzzing.fuzz_readers TARGET -runs=200000 -rss_limit_mb=2048 -timeout=20

TARGET is one of ``text``, ``archive``, ``workbook``, ``statistical``, ``arrow``, ``study``. The
first five open one file of that kind; ``study`` reads it beside a table of scores and joins them.
Inputs begin as valid small files and are mutated by libFuzzer; members of archives and workbooks
are mutated before they are packed, so that the damage lies within. Whatever is raised that is not
the package's own error, takes longer than the time limit or more memory than the limit stops the
run and is written to a file. ``python -m fuzzing.run`` runs all targets and stores a summary.
"""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["pgsicbt.ingest", "pgsicbt.deidentify"]):
    from pgsicbt.errors import PgsIcbtError
    from pgsicbt.ingest import Upload
    from pgsicbt.ingest.source.contents import open_contents
    from pgsicbt.ingest.study_files import read_files

from fuzzing.seeds import SEEDS, SHEET, WORKBOOK

SCORES = Upload("scores.csv", SEEDS["scores"])


def _open(data: bytes) -> None:
    try:
        contents = open_contents(Upload("x", data), {})
        for table in (*contents.tables, *contents.unread):
            for name in table.columns:
                _ = table.column(name).numbers
    except PgsIcbtError:
        pass


def text(data: bytes) -> None:
    """A text table."""
    _open(data)


def archive(data: bytes) -> None:
    """A gzip file or a zip archive around damaged tables, or damaged itself."""
    if data[:1] in (b"P", b"\x1f"):
        _open(data)
        return
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for number, part in enumerate(data.split(b"\xff\xfe\xfd")[:4]):
            packed.writestr(f"{number}.csv", part)
    _open(buffer.getvalue() if len(data) % 2 else gzip.compress(data, 1))


def workbook(data: bytes) -> None:
    """A workbook whose sheet, strings and comments are damaged before they are packed."""
    sheet, *others = data.split(b"\xff\xfe\xfd")
    parts = dict(zip(("xl/sharedStrings.xml", "xl/comments1.xml"), others, strict=False))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in {**WORKBOOK, SHEET: sheet, **parts}.items():
            packed.writestr(name, content)
    _open(buffer.getvalue())


def study(data: bytes) -> None:
    """The whole way from a file to a study."""
    reading = read_files([Upload("x.csv", data), SCORES])
    for error in reading.errors:
        if data[:40] and str(error).encode("utf-8", "replace").find(b"\xf0\x9f\x94\x92") >= 0:
            raise RuntimeError("a message repeats what must not be repeated")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "text": text,
    "archive": archive,
    "workbook": workbook,
    "statistical": text,
    "arrow": text,
    "study": study,
}


def main() -> None:
    """Fuzz one target; libFuzzer's own flags follow its name."""
    target = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
