"""The registry: one data file of the program, and files that a site adds."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pgsicbt.errors import DataError
from pgsicbt.instruments.checks import check_instruments
from pgsicbt.instruments.definitions import (
    Band,
    Block,
    Definition,
    Instrument,
    Items,
    Reliability,
)
from pgsicbt.instruments.wording import folded_steps, wordings

VARIABLE = "PGSICBT_INSTRUMENTS"
"""Environment variable with the paths of a site's own files, separated as in PATH."""
_added: list[tuple[str, str]] = []
_caches: list[Callable[[], None]] = []
_F = TypeVar("_F", bound=Callable[..., Any])


def registry_cache(function: _F) -> _F:
    """``functools.cache`` for what depends on the registry; emptied when the registry grows."""
    cached = cache(function)
    _caches.append(cached.cache_clear)
    return cached  # type: ignore[return-value]


def simple_name(text: str) -> str:
    """Lower case, letters and digits only: how names are compared."""
    return "".join(ch for ch in text.casefold() if ch.isalnum())


@registry_cache
def all_instruments() -> tuple[Instrument, ...]:
    """Every instrument: those of the program in file order, then those of the site.

    Raises
    ------
    DataError
        If a site's file cannot be read or does not describe instruments.
    """
    text = resources.files(__package__).joinpath("instruments.toml").read_text(encoding="utf-8")
    found = parse_instruments(text, "instruments.toml")
    for path in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        found = _joined(found, parse_instruments(_text(Path(path)), Path(path).name))
    for text, name in _added:
        found = _joined(found, parse_instruments(text, name))
    return found


@registry_cache
def find_instrument(name: str) -> Instrument | None:
    """The instrument that ``name`` means, or None. ``phq9``, ``PHQ-9`` and ``Phq_9`` agree."""
    wanted = simple_name(name)
    for instrument in all_instruments():
        if wanted == simple_name(instrument.id) or wanted in instrument.aliases:
            return instrument
    return None


def add_instruments(source: str | Path) -> tuple[Instrument, ...]:
    """Add a site's own instruments for as long as the program runs.

    Parameters
    ----------
    source
        Path of a TOML file of the same form as the registry's, or its text.

    Returns
    -------
    tuple of Instrument
        What was added. An instrument of the same ``id`` as one of the registry replaces it.

    Raises
    ------
    DataError
        If the file cannot be read, or one sentence about what is wrong in it.
    """
    is_text = isinstance(source, str) and "[[instrument]]" in source
    text = str(source) if is_text else _text(Path(source))
    name = "the text" if is_text else Path(source).name
    new = parse_instruments(text, name)
    _joined(all_instruments(), new)
    _added.append((text, name))
    for clear in _caches:
        clear()
    return new


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        raise DataError(
            f"There is no readable file of instruments called {path.name!r}.",
            "Check the name and the folder.",
            code="no_file",
            file=path.name,
        ) from None


def _joined(old: tuple[Instrument, ...], new: tuple[Instrument, ...]) -> tuple[Instrument, ...]:
    replaced = {simple_name(one.id) for one in new}
    kept = tuple(one for one in old if simple_name(one.id) not in replaced)
    check_instruments((*kept, *new), "the instruments of this site")
    return (*kept, *new)


def parse_instruments(text: str, file: str) -> tuple[Instrument, ...]:
    """Read and check a file of instruments.

    Raises
    ------
    DataError
        If it is not TOML, an entry lacks something, or its numbers contradict each other.
    """
    try:
        rows = tomllib.loads(text)["instrument"]
        found = tuple(_instrument(row) for row in rows)
    except tomllib.TOMLDecodeError:
        raise _bad(file, "is not valid TOML") from None
    except KeyError as missing:
        raise _bad(file, f"lacks {missing.args[0]!r} in an entry") from None
    except (TypeError, ValueError, AttributeError):
        raise _bad(file, "holds an entry that does not describe an instrument") from None
    check_instruments(found, file)
    return found


def _bad(file: str, what: str) -> DataError:
    return DataError(
        f"{file} {what}.",
        "Compare it with the example in the documentation on adding things.",
        code="instruments",
        file=file,
    )


def _instrument(row: dict[str, Any]) -> Instrument:
    bands = row.get("bands", {})
    low, high = (float(end) for end in row["range"])
    return Instrument(
        id=str(row["id"]),
        name=str(row["name"]),
        measures=str(row["measures"]),
        minimum=low,
        maximum=high,
        step=float(row["step"]),
        higher_is_worse=bool(row["higher_is_worse"]),
        aliases=tuple(simple_name(str(alias)) for alias in row["aliases"]),
        source=str(row["source"]),
        confidence=row.get("confidence", "M"),
        self_report=bool(row.get("self_report", True)),
        doubtful=tuple(simple_name(str(alias)) for alias in row.get("doubtful", ())),
        other=str(row.get("other", "")),
        items=_items(row.get("items")),
        prorate=int(row.get("prorate", 0)),
        block=_block(row.get("block")),
        bands=_bands(bands, high, float(row["step"])),
        bands_for=str(bands.get("for", "")),
        bands_source=str(bands.get("source", "")),
        bands_confidence=bands.get("confidence", "M"),
        definitions=tuple(Definition(**one) for one in row.get("definitions", ())),
        reliabilities=tuple(Reliability(**one) for one in row.get("reliabilities", ())),
        note=str(row.get("note", "")),
    )


def _items(row: dict[str, Any] | None) -> Items | None:
    if row is None:
        return None
    said = row.get("answers", [])
    answers = wordings(said) if isinstance(said, str) else folded_steps(said)
    return Items(**{**row, "reversed": tuple(row.get("reversed", ())), "answers": answers})


def _block(row: dict[str, Any] | None) -> Block | None:
    if row is None:
        return None
    aliases = tuple(simple_name(str(alias)) for alias in row["aliases"])
    return Block(aliases, int(row["count"]), tuple(map(int, row["numbers"])))


def _bands(row: dict[str, Any], highest: float, step: float) -> tuple[Band, ...]:
    """Bands from the total at which each begins; each ends one step before the next."""
    starts, labels = [float(start) for start in row.get("from", ())], row.get("labels", ())
    if not starts and not labels:
        return ()
    ends = [*(start - step for start in starts[1:]), highest]
    return tuple(
        Band(str(label), start, end) for label, start, end in zip(labels, starts, ends, strict=True)
    )
