"""Write the messy files and ``cases.toml``: ``python -m tests.corpus.make``.

Texts and archives come out the same each time, byte by byte. Files that a third-party library
writes (workbooks, SPSS, Stata, Parquet, Zstandard) may change with its version; those that exist
are left alone unless ``--all`` is given.
"""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from tests.corpus.messes.tools import CASES, PLAIN, Case, Data

HERE = Path(__file__).parent
FILES = HERE / "files"
KINDS = (
    "texts", "broken", "containers", "layouts", "dates", "codes", "surveys", "items", "identifiers",
    "genetics", "score_programs", "components", "variants", "workbooks", "cells", "hidden",
    "programs", "frames", "identifying", "disguised", "harmless", "leaks",
    "silent", "confusions", "answers",
)  # fmt: skip
MOST_BYTES = 60_000
BY_LIBRARIES = (".xlsx", ".sav", ".zsav", ".por", ".dta", ".xpt", ".sas7bdat", ".parquet",
                ".feather", ".zst", ".xz", ".dat")  # fmt: skip
ABOUT = (
    "# Written by make.py; what must come out of each file. messes/tools.py says what it means.\n"
)


def cases() -> list[Case]:
    """All cases by name."""
    for kind in KINDS:
        importlib.import_module(f"tests.corpus.messes.{kind}")
    return sorted(CASES, key=lambda case: case.name)


def written() -> Iterator[tuple[str, bytes]]:
    """Path below ``files`` and bytes of every file."""
    for name, data in PLAIN.items():
        yield f"plain/{name}", _bytes(data)
    for case in cases():
        for name, data in case.files.items():
            yield f"{case.name}/{name}", _bytes(data)


def by_library(path: str, data: bytes) -> bool:
    """Whether a library wrote the file whose version may change the bytes."""
    return path.endswith(BY_LIBRARIES) or data[:4] == b"PK\x03\x04" or data[:2] == b"\x1f\x8b"


def catalogue() -> str:
    """The text of ``cases.toml``."""
    blank = Case("", "", {})
    parts = [ABOUT]
    for case in cases():
        lines = ["\n[[case]]"]
        for one in fields(Case):
            value: Any = getattr(case, one.name)
            if one.name == "files":
                value = list(case.files)
            elif value == getattr(blank, one.name):
                continue
            elif one.name == "recipe":
                value = json.dumps(_recipe(value), ensure_ascii=False)
            lines.append(f"{one.name} = {_toml(value)}")
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


def _recipe(recipe: dict[str, Any]) -> dict[str, Any]:
    return {"roles": {}, "missing": {}, "times": {}, **recipe}


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


def _bytes(data: Data) -> bytes:
    return data.encode() if isinstance(data, str) else data


def main() -> None:
    """Write what has changed, and remove what no case names any more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="files of third-party libraries too")
    everything = parser.parse_args().all
    kept = set()
    for path, data in written():
        if len(data) > MOST_BYTES:
            raise SystemExit(f"{path} has {len(data)} bytes")
        target = FILES / path
        kept.add(target)
        if target.exists() and by_library(path, data) and not everything:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    for old in sorted(FILES.rglob("*")):
        if old.is_file() and old not in kept:
            old.unlink()
    for folder in FILES.iterdir():
        if folder.is_dir() and not any(folder.iterdir()):
            shutil.rmtree(folder)
    (HERE / "cases.toml").write_text(catalogue(), encoding="utf-8")


if __name__ == "__main__":
    main()
