"""The files that belong to the repository, for tests that read all of them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.serving import ROOT

CACHES = {".git", ".venv", "venv", "build", "dist", "__pycache__", ".hypothesis"}


def repository_files() -> list[Path]:
    """Files that git tracks or would track; where there is no git, all but caches."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        names = listed.stdout.decode().split("\0")
        return sorted({ROOT / name for name in names if name and (ROOT / name).is_file()})
    found = []
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        cached = any(p in CACHES or p.endswith(("_cache", ".egg-info")) for p in parts)
        if path.is_file() and not cached:
            found.append(path)
    return sorted(found)


def text_of(path: Path) -> str | None:
    """The file's text, or None if it is not text."""
    data = path.read_bytes()
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
