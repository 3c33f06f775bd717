"""Addresses of machines on the net, and links."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from pgsicbt.deidentify.found import Found

_V4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)", re.ASCII)
_V6 = re.compile(r"(?<![\w:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])", re.ASCII)
_EIGHT = re.compile(r"(?:[0-9a-fA-F]{1,4}:){7}", re.ASCII)
_HARDWARE = re.compile(r"(?<![\w:-])(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}(?![\w:-])", re.ASCII)
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s]{4,}", re.IGNORECASE)
_VERSION = re.compile(r"version|release|build|software|firmware|oid|code", re.IGNORECASE)


def find_machines(joined: str, entries: Sequence[str], column: str) -> list[Found]:
    """IP addresses, and addresses of devices in a network.

    Parameters
    ----------
    joined
        The entries on lines of their own, searched first.
    column
        Name of the column: versions of programs look like addresses.
    """
    hits: set[int] = set()
    if "::" in joined or _EIGHT.search(joined):
        of = [i for i, e in enumerate(entries) if "::" in e or _EIGHT.search(e)]
        hits |= {i for i in of if any(map(_is_v6, _V6.findall(entries[i])))}
    if not _VERSION.search(column) and _V4.search(joined):
        hits |= {i for i, e in enumerate(entries) if any(map(_is_v4, _V4.findall(e)))}
    found = [Found("IP addresses", tuple(sorted(hits)))] if hits else []
    if _HARDWARE.search(joined):
        devices = tuple(i for i, entry in enumerate(entries) if _HARDWARE.search(entry))
        found.append(Found("addresses of devices", devices, weak=True))
    return found


def find_links(joined: str, entries: Sequence[str]) -> Found | None:
    """Links, which may lead to a person's own page or survey."""
    if not _LINK.search(joined):
        return None
    return Found("links", tuple(i for i, entry in enumerate(entries) if _LINK.search(entry)))


def _is_v6(text: str) -> bool:
    """Eight groups, or fewer with a double colon; times and positions have neither."""
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return sum(bool(part) for part in text.split(":")) >= 3


def _is_v4(text: str) -> bool:
    """Four numbers up to 255 that are no version or code: no leading zeros, one is large."""
    parts = text.split(".")
    if any(len(part) > 1 and part[0] == "0" for part in parts):
        return False
    numbers = [int(part) for part in parts]
    return max(numbers) <= 255 and numbers[0] > 0 and sum(part >= 10 for part in numbers) >= 2
