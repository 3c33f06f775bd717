"""The header of a table: names for the columns, and files that have none."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.columns import MISSING, NUMBER
from pgsicbt.ingest.source.genetic_text import (
    identifiers_refusal,
    names_without_header,
    only_identifiers,
)
from pgsicbt.instruments import find_instrument
from pgsicbt.wording import listed

_CHECKED_ROWS = 1_000
_OF_EVERY_FORM = {"complete?", "survey timestamp", "survey identifier", "blank"}


def stands_for_data(titles: list[str]) -> bool:
    """True if a header line holds numbers where names should be: the file has no header."""
    names = [title.strip() for title in titles if title.strip()]
    if names and names[0].lstrip("#").casefold() in ("fid", "iid"):
        return False  # PRSice once called the columns of thresholds 0.001, 0.05, ...
    numbers = [n for n in names if NUMBER.fullmatch(n.replace(",", "."))]
    return bool(names) and len(numbers) >= max(1, 0.3 * len(names))


def header_names(
    file: str, titles: list[str], cells: pd.DataFrame, has_header: bool
) -> tuple[tuple[str, ...], pd.DataFrame]:
    """Names of the columns, and the cells without columns that have neither name nor content.

    Files of principal components and PLINK's ``.fam`` may lack a header; they get one.

    Raises
    ------
    DataError
        If there is no header, or two columns have the same name.
    """
    if not has_header:
        known = names_without_header(file, cells)
        if known is None:
            raise _no_header(file)
        return known, cells
    names = [" ".join(title.split()) for title in titles]
    names[0] = names[0].removeprefix("#").strip()
    unnamed = [i for i, name in enumerate(names) if not name]
    empty = [i for i in unnamed if bool((cells[i].str.strip() == "").all())]
    keep = [i for i in range(len(names)) if i not in empty]
    final = tuple(names[i] or f"column {i + 1}" for i in keep)
    kept = cells[keep].set_axis(range(len(keep)), axis=1)
    if not final or _repeats_in_body(final, cells, keep):
        raise _no_header(file)
    if len(final) == 2 and final[0] == final[1] and only_identifiers(kept):
        raise identifiers_refusal(file)
    final = _numbered(final)
    twice = [name for name, times in Counter(final).items() if times > 1]
    if twice:
        # In a file without a header the "names" are somebody's data.
        at = [str(i + 1) for i, name in enumerate(final) if name == twice[0]]
        plain = not any(ch.isdigit() for ch in twice[0]) or find_instrument(twice[0]) is not None
        called = f"called {twice[0]!r}" if plain else f"of one name, numbers {listed(at)}"
        raise DataError(
            f"{file} has more than one column {called}.",
            "Give every column its own name, or the file a line of names.",
            code="duplicate_column",
            file=file,
            column=twice[0] if plain else "",
        )
    return final, kept


def _numbered(names: tuple[str, ...]) -> tuple[str, ...]:
    """Numbers added to the status of forms, which labelled exports call alike for every form."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        again = name.casefold() in _OF_EVERY_FORM and seen[name] > 1
        found.append(f"{name} ({seen[name]})" if again else name)
    return tuple(found)


def _repeats_in_body(names: tuple[str, ...], cells: pd.DataFrame, keep: list[int]) -> bool:
    """True if a name also stands among the cells of its column, as in a file without header."""
    head = cells.iloc[:_CHECKED_ROWS]
    return any(
        name.casefold() not in MISSING and bool((head[i].str.strip() == name).any())
        for name, i in zip(names, keep, strict=True)
    )


def _no_header(file: str) -> DataError:
    return DataError(
        f"{file} has no header line with the names of its columns.",
        "Put a first line with one name per column above the data.",
        code="no_header",
        file=file,
    )
