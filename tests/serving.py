"""Start the dashboard as a person would and wait until it answers; shared by several tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OFFLINE = Path(__file__).resolve().parent / "offline"
START_SECONDS = 60.0


@dataclass(frozen=True)
class Server:
    """A running dashboard: where it answers, and what it has printed so far."""

    url: str
    log: Path
    outside_log: Path

    def output(self) -> str:
        """Everything that the server has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def outside(self) -> list[str]:
        """Names and addresses beyond this machine that the server has tried to reach."""
        if not self.outside_log.exists():
            return []
        return self.outside_log.read_text(encoding="utf-8").splitlines()


class ServerError(RuntimeError):
    """The server ended, or did not answer in time; the message holds its output."""


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(url: str) -> tuple[int, bytes]:
    """Status and body of a page on this machine."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status, answer.read()


def streamlit_command(port: int, app: str = "app.py") -> list[str]:
    """The README's way to start the dashboard, on another port."""
    return [sys.executable, "-m", "streamlit", "run", app, "--server.port", str(port)]


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    scratch: Path,
    *,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run ``command`` in ``cwd`` until the block ends, once its health address says ok.

    Raises
    ------
    ServerError
        If the process ends early or does not answer within a minute.
    """
    log, outside = scratch / "server.log", scratch / "outside.log"
    # Nothing of the caller's own Streamlit settings or paths may decide how the server runs.
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("STREAMLIT_", "PYTHON"))}
    clean |= environment or {}
    clean |= {"PYTHONPATH": str(OFFLINE), "PGSICBT_OUTSIDE_LOG": str(outside)}
    with log.open("wb") as sink:
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=clean,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", log, outside)
    try:
        _wait(process, server)
        yield server
    finally:
        _stop(process)


def _wait(process: subprocess.Popen[bytes], server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerError(f"The server ended with {process.returncode}:\n{server.output()}")
        with suppress(OSError):
            if fetch(f"{server.url}/_stcore/health") == (200, b"ok"):
                return
        time.sleep(0.1)
    raise ServerError(f"The server gave no answer in {START_SECONDS:.0f} s:\n{server.output()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and the workers it may have started, which share its process group."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
