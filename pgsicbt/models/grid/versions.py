"""Which versions of which programs made a result."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata

from pgsicbt.version import __version__

_PACKAGES = ("numpy", "scipy", "pandas", "pyarrow")


@cache
def versions() -> dict[str, str]:
    """Versions of this package, of Python and of the packages that compute."""
    found = {"pgsicbt": __version__, "python": platform.python_version()}
    return found | {name: metadata.version(name) for name in _PACKAGES}
