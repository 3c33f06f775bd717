"""What every command writes and prints alike."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from pgsicbt.errors import SpecError
from pgsicbt.study import Finding


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their names relative to ``folder``, which is made if it is not there.

    Raises
    ------
    SpecError
        If one of them cannot be written.
    """
    for name, data in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise SpecError(
                f"{path} cannot be written: {error.strerror}.", "Choose another folder."
            ) from None


def print_findings(findings: Iterable[Finding], *, notes: bool = False) -> None:
    """Print findings that ask for attention to standard error, one line each.

    Parameters
    ----------
    notes
        Whether those that only inform are printed too, to standard output.
    """
    for finding in findings:
        if finding.severity != "info":
            print(f"{finding.severity}: {finding.message}", file=sys.stderr)
        elif notes:
            print(f"{finding.severity}: {finding.message}")


def safe_name(name: str) -> str:
    """A name as part of a file's name."""
    return "".join(ch if ch.isalnum() or ch in "-_" else "_" for ch in name)
