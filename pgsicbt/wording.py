"""Wording that sentences of every floor share."""

from __future__ import annotations

from collections.abc import Iterable


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    items = list(words)
    return " and ".join([*filter(None, [", ".join(items[:-1])]), *items[-1:]])
