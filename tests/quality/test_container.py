"""The Dockerfile's steps without Docker: the files that it copies suffice to run the dashboard.

The packages are those of the running environment, which the pins describe; everything else is
read from the Dockerfile and done in an empty folder.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.serving import ROOT, Server, fetch, free_port, running

PORT = "8501"
OPEN_EVERY_PAGE = """
from pathlib import Path
from streamlit.testing.v1 import AppTest
import pgsicbt
here = Path.cwd().resolve()
assert here in Path(pgsicbt.__file__).resolve().parents, pgsicbt.__file__
app = AppTest.from_file("app.py", default_timeout=60).run()
assert not app.exception, [e.message for e in app.exception]
for page in sorted(Path("pages").glob("[a-z]*.py")):
    app.switch_page(str(page)).run()
    assert not app.exception, (page, [(e.message, *e.stack_trace[-2:]) for e in app.exception])
print("opened")
"""


@dataclass(frozen=True)
class Image:
    """The folder that the Dockerfile would have filled, and how it is run."""

    folder: Path
    environment: dict[str, str]
    command: list[str]
    health: list[str]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, argument), continued lines joined, comments dropped."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [
        (name, rest.strip()) for name, _, rest in (x.partition(" ") for x in joined.split("\n"))
    ]


def ignored(name: str) -> bool:
    """Whether .dockerignore keeps ``name`` out; the last rule that matches decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        rule = line.strip()
        if not rule or rule.startswith("#"):
            continue
        pattern = rule.lstrip("!").rstrip("/")
        parts = name.split("/")
        prefixes = ["/".join(parts[: i + 1]) for i in range(len(parts))]
        if pattern.startswith("**/"):
            hit = any(fnmatch.fnmatchcase(part, pattern[3:]) for part in parts)
        else:
            hit = any(
                p.count("/") == pattern.count("/") and fnmatch.fnmatchcase(p, pattern)
                for p in prefixes
            )
        if hit:
            out = not rule.startswith("!")
    return out


def copy(sources: list[str], target: Path, into_folder: bool) -> None:
    for source in sources:
        origin = ROOT / source
        assert origin.exists(), f"the Dockerfile copies {source}, which is not there"
        files = [p for p in origin.rglob("*") if p.is_file()] if origin.is_dir() else [origin]
        for file in files:
            name = file.relative_to(ROOT).as_posix()
            if ignored(name):
                assert origin.is_dir(), f".dockerignore keeps {name} from being copied"
                continue
            inside = file.relative_to(origin) if origin.is_dir() else Path(file.name)
            place = target / inside if into_folder or origin.is_dir() else target
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Perform the steps of the Dockerfile in an empty folder."""
    top = tmp_path_factory.mktemp("image")
    folder, environment = top, {}
    command: list[str] = []
    health: list[str] = []
    for name, argument in instructions():
        if name == "WORKDIR":
            folder = top / argument.lstrip("/")
            folder.mkdir(parents=True, exist_ok=True)
        elif name == "ENV":
            environment |= dict(pair.split("=", 1) for pair in shlex.split(argument))
        elif name == "COPY":
            *sources, target = shlex.split(argument)
            copy(sources, folder / target, target.endswith("/"))
        elif name == "RUN" and "pip install" in argument:
            for file in re.findall(r"-r\s+(\S+)", argument):
                assert (folder / file).is_file(), f"{file} is not copied before it is installed"
        elif name == "HEALTHCHECK":
            health = json.loads(argument.partition("CMD")[2])
        elif name == "CMD":
            command = json.loads(argument)
    return Image(folder, environment, command, health)


def _here(words: list[str], port: int) -> list[str]:
    """The container's command with this environment's Python and a free port."""
    assert words[0] == "python"
    return [sys.executable, *(word.replace(PORT, str(port)) for word in words[1:])]


@pytest.fixture(scope="module")
def container(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The command of the image, running in the image's folder."""
    scratch = tmp_path_factory.mktemp("container")
    port = free_port()
    environment = image.environment | {"MPLCONFIGDIR": str(scratch / "matplotlib")}
    environment |= compose()["environment"]
    command = _here(image.command, port)
    with running(command, port, scratch, cwd=image.folder, environment=environment) as server:
        yield server


def compose() -> dict:  # type: ignore[type-arg]
    """The one service of compose.yaml, variables at their defaults."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))["services"]["dashboard"]


def test_the_page_and_the_health_check_answer(container: Server, image: Image) -> None:
    status, body = fetch(container.url)
    assert status == 200
    assert b"<html" in body
    port = int(container.url.rpartition(":")[2])
    checked = subprocess.run(_here(image.health, port), capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0, checked.stderr


def test_the_health_check_fails_where_nothing_answers(image: Image) -> None:
    checked = subprocess.run(_here(image.health, free_port()), capture_output=True, timeout=30)
    assert checked.returncode != 0


def test_the_container_reaches_for_nothing_outside(container: Server) -> None:
    fetch(container.url)
    assert container.outside() == []
    assert "Traceback" not in container.output()


def test_every_page_opens_with_the_copied_files_alone(image: Image) -> None:
    opened = subprocess.run(
        [sys.executable, "-c", OPEN_EVERY_PAGE],
        cwd=image.folder,
        # The details of an error are for the person who reads the failed test.
        env=os.environ | {"STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert opened.returncode == 0, opened.stderr[-3000:]
    assert opened.stdout.strip().endswith("opened")


def test_the_image_holds_no_data_tests_or_secrets(image: Image) -> None:
    names = {p.relative_to(image.folder).as_posix() for p in image.folder.rglob("*")}
    assert {"app.py", ".streamlit/config.toml", "pgsicbt/__init__.py"} <= names
    tops = {name.split("/")[0] for name in names}
    assert not tops & {"tests", "sample_data", "docs", ".git", ".ci", "requirements-dev.txt"}
    assert not any(name.endswith((".csv", ".gz", "secrets.toml", ".pyc")) for name in names)


def test_dockerignore_lets_in_only_what_is_named() -> None:
    assert ignored("data/scores.csv")
    assert ignored(".git/config")
    assert ignored(".streamlit/secrets.toml")
    assert ignored("pgsicbt/models/__pycache__/lmm.cpython-311.pyc")
    assert not ignored("pgsicbt/models/engine/lmm.py")
    assert not ignored(".streamlit/config.toml")


def test_the_container_runs_as_a_user_without_rights() -> None:
    steps = instructions()
    users = [argument for name, argument in steps if name == "USER"]
    assert users
    assert users[-1] not in {"root", "0"}
    names = [name for name, _ in steps]
    assert names.index("USER") < names.index("CMD")


def test_compose_lets_only_this_machine_in_and_gives_no_rights() -> None:
    service = compose()
    assert service["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert [entry.partition(":")[0] for entry in service["tmpfs"]] == ["/tm" + "p"]
    assert service["mem_limit"]
    assert "volumes" not in service
