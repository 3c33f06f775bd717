"""The pins are complete, free of addresses, and agree with the ranges of pyproject.toml."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.serving import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME, DEV = "requirements.txt", "requirements-dev.txt"


def _pins(name: str) -> dict[str, Version]:
    pins = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text:
            match = re.fullmatch(r"([a-z0-9-]+)==([\w.]+)", text)
            assert match, f"{name} holds more than pins: {text}"
            pins[canonicalize_name(match[1])] = Version(match[2])
    return pins


@pytest.mark.parametrize(
    ("name", "ranges"),
    [
        (RUNTIME, PROJECT["dependencies"]),
        (DEV, PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]),
    ],
)
def test_pins_lie_in_the_ranges(name: str, ranges: list[str]) -> None:
    pins = _pins(name)
    for text in ranges:
        wanted = Requirement(text)
        pin = pins[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(pin), f"{name}: {pin} is not {text}"


def test_dev_pins_hold_the_runtime_pins() -> None:
    runtime, dev = _pins(RUNTIME), _pins(DEV)
    assert len(runtime) > 30
    assert {k: dev.get(k) for k in runtime} == runtime


@pytest.mark.parametrize("name", [RUNTIME, DEV])
def test_the_file_says_how_it_was_made(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.search(rf"^#    pip-compile .*--output-file={name} .*pyproject\.toml$", text, re.M)


def test_python_of_the_image_is_supported() -> None:
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    version = re.search(r"^FROM python:(\d+\.\d+)-slim$", docker, re.M)
    assert version
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(version[1])
