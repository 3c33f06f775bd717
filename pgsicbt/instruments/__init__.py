"""Symptom instruments: what is known of each, and how a site adds its own."""

from pgsicbt.instruments.definitions import Band, Definition, Instrument, Items, Reliability
from pgsicbt.instruments.registry import (
    add_instruments,
    all_instruments,
    find_instrument,
    registry_cache,
    simple_name,
)
from pgsicbt.instruments.wording import folded

__all__ = [
    "Band",
    "Definition",
    "Instrument",
    "Items",
    "Reliability",
    "add_instruments",
    "all_instruments",
    "find_instrument",
    "folded",
    "registry_cache",
    "simple_name",
]
