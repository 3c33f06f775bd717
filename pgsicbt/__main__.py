"""Entry point of ``python -m pgsicbt``."""

import os
import sys

from pgsicbt.cli import main

_READER_GONE = 141  # 128 + SIGPIPE, as a shell tells it of other programs


def _run() -> int:
    """The exit status; a reader that has seen enough, such as ``head``, is no mistake."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered goes nowhere, so that closing the stream raises nothing either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    return status


if __name__ == "__main__":
    sys.exit(_run())
