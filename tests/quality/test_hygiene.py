"""What no file of the repository may hold, and how long a module may be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.quality.repository import repository_files, text_of
from tests.serving import ROOT

# Written in pieces, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(
    "|".join(
        [
            r"(?<![\w.~-])/(?:work|root|home/\w|Users/\w)(?:/|\b)",
            "/opt" + r"/(?:venv|pypi|wheels)",
            "file" + "://",
            r"[A-Z]:\\" + "Users",
        ]
    )
)
REGISTRIES = re.compile(
    "|".join(
        [
            "py" + r"pi\.org",
            "python" + r"hosted\.org",
            "npm" + r"js\.(?:org|com)",
            "deb" + r"ian\.org",
            "--(?:extra-)?index" + "-url[ =]",
            "--find" + "-links[ =]",
            "--trusted" + "-host[ =]",
        ]
    )
)
TEMPORARY = re.compile(r"(?<![\w.])/tm" + r"p\b")
TEMPORARY_OF_THE_CONTAINER = frozenset({"Dockerfile", "compose.yaml", "docs/deployment.md"})
UNFINISHED = re.compile(r"\b(?:TO" + "DO|FIX" + r"ME|XX" + r"X)\b")

TEXTS = {
    path.relative_to(ROOT).as_posix(): text
    for path in repository_files()
    if (text := text_of(path)) is not None
}
MODULES = sorted(name for name in TEXTS if name.endswith(".py"))


def _found(pattern: re.Pattern[str], *, without: frozenset[str] = frozenset()) -> list[str]:
    return [
        f"{name}:{number}"
        for name, text in TEXTS.items()
        if name not in without
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_the_patterns_find_what_they_are_for() -> None:
    assert MACHINE_PATHS.search("in /" + "work/main")
    assert MACHINE_PATHS.search("/" + "root/.cache")
    assert not MACHINE_PATHS.search("pages/work/part")
    assert REGISTRIES.search("--index" + "-url https://example.org")
    assert not REGISTRIES.search("--no-emit-index" + "-url --strip-extras")
    assert TEMPORARY.search("/tm" + "p/x")


def test_no_path_of_one_machine() -> None:
    assert _found(MACHINE_PATHS) == []
    assert _found(TEMPORARY, without=TEMPORARY_OF_THE_CONTAINER) == []


def test_no_address_of_a_package_registry() -> None:
    assert _found(REGISTRIES) == []


def test_nothing_is_left_unfinished() -> None:
    assert _found(UNFINISHED) == []


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith(("pgsicbt/", "pages/"))])
def test_a_module_is_no_longer_than_400_lines(name: str) -> None:
    assert len(TEXTS[name].splitlines()) <= 400


def test_no_large_file() -> None:
    large = [str(p.relative_to(ROOT)) for p in repository_files() if p.stat().st_size > 5_000_000]
    assert large == []


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {Path(name).parent for name in MODULES if Path(name).name.startswith("test_")}
    assert [str(f) for f in sorted(folders) if not (ROOT / f / "__init__.py").exists()] == []
