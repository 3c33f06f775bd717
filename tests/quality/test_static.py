"""The checks that need no run of the program: style, types, and the floors of the house."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import ROOT

BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        pytest.param([sys.executable, "-m", "ruff", "check", "."], id="ruff check"),
        pytest.param([sys.executable, "-m", "ruff", "format", "--check", "."], id="ruff format"),
        pytest.param([sys.executable, "-m", "mypy"], id="mypy --strict"),
        pytest.param([str(BIN / "lint-imports"), "--no-cache"], id="lint-imports"),
    ],
)
def test_static_check_is_clean(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def test_mypy_is_strict_on_the_package() -> None:
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = settings.split("[tool.mypy]")[1].split("[")[0]
    assert "strict = true" in section
    assert 'packages = ["pgsicbt", "pages"]' in settings.split("[tool.mypy]")[1]
