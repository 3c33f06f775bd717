"""What the README tells people to type is there as written, and works."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module

import pytest

from tests.serving import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
RUN = "python -m pip install -r requirements.txt && streamlit run app.py"
TEST = "python -m pip install -r requirements-dev.txt && pytest"


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def shell_lines() -> list[str]:
    return [line for block in blocks("sh") for line in block.replace("\\\n", " ").splitlines()]


@pytest.mark.parametrize("command", [RUN, TEST])
def test_the_two_commands_stand_alone_on_a_line(command: str) -> None:
    assert command in shell_lines()


def test_the_files_of_the_commands_are_there() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "app.py"):
        assert (ROOT / name).is_file()


def test_ci_runs_the_test_command_as_written() -> None:
    script = ROOT / ".ci" / "run"
    lines = [line.strip() for line in script.read_text(encoding="utf-8").splitlines()]
    assert TEST in lines
    assert script.stat().st_mode & 0o111


def test_the_python_example_runs() -> None:
    code = "\n".join(blocks("python"))
    assert "import pgsicbt" in code
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "PGS_EDU" in done.stdout


def test_the_command_line_examples_run(tmp_path) -> None:  # type: ignore[no-untyped-def]
    commands = [line for line in shell_lines() if line.startswith("python -m pgsicbt ")]
    assert {line.split()[3] for line in commands} >= {"check", "fit"}
    for line in commands:
        words = line.replace("--out results", f"--out {tmp_path / 'results'}").split()
        done = subprocess.run(
            [sys.executable, *words[1:]], cwd=ROOT, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"{line}\n{done.stderr[-3000:]}"
    made = {path.name for path in (tmp_path / "results").iterdir()}
    assert {"results.csv", "result.json", "report.html"} <= made


PAGES = {p.name: p.read_text(encoding="utf-8") for p in sorted((ROOT / "docs").glob("*.md"))}


def dotted(text: str) -> set[str]:
    """Every ``pgsicbt.x.y`` of a text, with what is imported from one on its line."""
    names = set(re.findall(r"\bpgsicbt(?:\.[A-Za-z_]\w*)+", text))
    for package, imported in re.findall(r"from (pgsicbt[\w.]*) import ([\w, ]+)", text):
        names |= {f"{package}.{name.strip()}" for name in imported.split(",")}
    return names


def test_the_names_of_the_readme_are_there_after_the_import() -> None:
    names = sorted(dotted(README))
    assert "pgsicbt.presets.run_plan" in names
    code = "\n".join(["import pgsicbt", *names])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("page", PAGES)
def test_the_names_of_the_documentation_are_there(page: str) -> None:
    for name in dotted(PAGES[page]):
        found, at = import_module("pgsicbt"), "pgsicbt"
        for part in name.split(".")[1:]:
            at = f"{at}.{part}"
            # As a reader would: an attribute, or a module that is imported by its full name.
            found = getattr(found, part) if hasattr(found, part) else import_module(at)
