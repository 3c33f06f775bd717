"""Progress of a long run of the command line."""

from __future__ import annotations

import sys
import time

_STEP = 0.2  # seconds between two states of the line
_PATIENCE = 0.5  # seconds that pass before anything is shown


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


class StepLine:
    """What reading is doing, on one line of a terminal that is cleared at the end.

    Parameters
    ----------
    at_once
        Whether to show it from the start, for files that will take long; otherwise it is shown
        once half a second has passed.
    """

    def __init__(self, *, at_once: bool) -> None:
        self._terminal = sys.stderr.isatty()
        self._start = time.monotonic() - (_PATIENCE if at_once else 0.0)
        self._width = 0

    def __call__(self, what: str, share: float) -> None:
        if not self._terminal or time.monotonic() - self._start < _PATIENCE:
            return
        text = f"{what} ({share:.0%})".replace("%", " %")
        print(f"\r{text:<{self._width}}", end="", file=sys.stderr, flush=True)
        self._width = len(text)

    def end(self) -> None:
        """Clear the line."""
        if self._width:
            print(f"\r{'':<{self._width}}\r", end="", file=sys.stderr, flush=True)
            self._width = 0
