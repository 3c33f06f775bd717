"""Files that a command writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pgsicbt.errors import SpecError


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their names relative to ``folder``.

    Raises
    ------
    SpecError
        If the folder cannot be written to.
    """
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    except OSError as error:
        raise SpecError(
            f"The results cannot be written to {folder}: {error.strerror}.",
            "Choose another folder.",
        ) from None
