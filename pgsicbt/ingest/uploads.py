"""Files as they arrive: a name and bytes in memory, from a path, a browser or another module."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pgsicbt.errors import DataError

MAX_BYTES = 512 * 2**20
"""Largest file that is read, in bytes, after decompression."""


@dataclass(frozen=True)
class Upload:
    """A file in memory: what it is called and its bytes. Nothing is written to disk."""

    name: str
    data: bytes


Progress = Callable[[str, float], None]
"""Told what is being done, and the share of the work that is done, from 0 to 1."""

FileLike = str | Path | Upload | tuple[str, bytes]


def too_large(name: str) -> DataError:
    """The error for a file beyond :data:`MAX_BYTES`."""
    return DataError(
        f"{name} is larger than {MAX_BYTES // 2**20} MB when unpacked, which is more than is read.",
        "Leave out the columns and rows that the analysis does not need.",
        code="too_large",
        file=name,
    )


def as_upload(file: FileLike) -> Upload:
    """Bring a path, a ``(name, bytes)`` pair or an upload into one form.

    Only the last part of a path becomes the name, so that no message carries a folder.

    Raises
    ------
    DataError
        If there is no such file, it cannot be read, or it is too large.
    """
    if isinstance(file, Upload):
        return file
    if isinstance(file, tuple):
        return Upload(*file)
    path = Path(file)
    try:
        if path.is_dir():
            raise DataError(
                f"{path.name} is a folder, not a file.", "Name the files in it.", file=path.name
            )
        if path.stat().st_size > MAX_BYTES:
            raise too_large(path.name)
        return Upload(path.name, path.read_bytes())
    except (OSError, ValueError):
        raise DataError(
            f"There is no readable file called {path.name!r}.",
            "Check the name and the folder.",
            code="no_file",
            file=path.name,
        ) from None


def as_uploads(files: Iterable[FileLike]) -> tuple[Upload, ...]:
    """All files in one form; files of the same name are told apart by a number.

    Raises
    ------
    DataError
        If a file cannot be read.
    """
    uploads: list[Upload] = []
    taken: set[str] = set()
    for file in files:
        upload = as_upload(file)
        name, count = upload.name, 1
        while name in taken:
            count += 1
            name = f"{upload.name} ({count})"
        taken.add(name)
        uploads.append(Upload(name, upload.data))
    return tuple(uploads)
