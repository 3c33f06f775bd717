"""Progress of a long run of the command line."""

from __future__ import annotations

import sys
import time

_STEP = 0.2  # seconds between two states of the line


class ProgressLine:
    """One line on standard error: rewritten in a terminal, else written once at the end."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._terminal = sys.stderr.isatty()
        self._last = 0.0
        self._text = ""

    def __call__(self, done: int, of: int) -> None:
        self._text = f"{self._what}: {done:,} of {of:,}"
        now = time.monotonic()
        if self._terminal and now - self._last >= _STEP:
            self._last = now
            print(f"\r{self._text}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Write the last state, if there was any."""
        if self._text:
            start = "\r" if self._terminal else ""
            print(f"{start}{self._text}", file=sys.stderr, flush=True)
