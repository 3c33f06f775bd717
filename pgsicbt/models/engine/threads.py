"""One BLAS thread for the engine.

Its matrices are small: several threads gain nothing when the machine is idle and, when it is
not, wait for one another (a grid of 24 models then took 20 s instead of 0.2 s).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    """Looking up the loaded libraries takes milliseconds, so it is done once."""
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[Any]:
    """Within this context BLAS uses one thread."""
    limited: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limited
