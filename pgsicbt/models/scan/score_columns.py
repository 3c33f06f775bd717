"""Which columns of a wide table are scores, and which one names the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pgsicbt.errors import DataError
from pgsicbt.ingest.recognise.formats import suffix_variants
from pgsicbt.ingest.recognise.names import COMPONENT, FAMILY, ID_NAMES, NOT_IDS
from pgsicbt.instruments import simple_name

Kind = Literal["whole", "number", "text", "other"]
"""Whole numbers, other numbers, text, or something that is neither."""

_COUNTS = {"allelect", "namedalleledosagesum", "denom", "cnt", "cnt2", "pheno", "pheno1"}
_PEOPLE = {"age", "sex", "gender"}
_INDEX = "__index_level_"  # what pandas calls an index without a name


@dataclass(frozen=True)
class ChosenColumns:
    """The identifier, scores and principal components in file order, and numbers set aside."""

    id_column: str
    scores: tuple[str, ...]
    components: tuple[str, ...]
    set_aside: tuple[tuple[str, str], ...]


def choose_columns(file: str, kinds: Mapping[str, Kind], roles: Mapping[str, str]) -> ChosenColumns:
    """Choose by name and kind; what the user has said goes first.

    Every column of numbers is a score unless its name says that it is a principal component, an
    identifier, a family, a count of alleles, age or sex, or that it repeats another score
    (``X_SUM`` beside ``X_AVG``).

    Parameters
    ----------
    kinds
        Every column of the file with the kind of its cells.
    roles
        Column to role: ``id``, ``score``, ``component``, or anything else for neither.

    Raises
    ------
    DataError
        If a chosen column is not there, none names the person, or none is a score.
    """
    for name, role in roles.items():
        if name not in kinds:
            raise DataError(
                f"{file} has no column called {name!r}.",
                "Check the spelling against the file's columns.",
                code="unknown_column",
                file=file,
                column=name,
            )
        if role in ("score", "component") and kinds[name] not in ("whole", "number"):
            raise DataError(
                f"{file} has text in column {name!r}, which is chosen as a {role}.",
                "Choose columns of numbers.",
                code="text_for_number",
                file=file,
                column=name,
            )
    id_column = _find_id(file, kinds, roles)
    numbers = [n for n, kind in kinds.items() if kind in ("whole", "number") and n != id_column]
    repeats = {
        variants["SUM"]: variants["AVG"]
        for variants in suffix_variants(numbers).values()
        if {"SUM", "AVG"} <= set(variants) and roles.get(variants["AVG"], "score") == "score"
    }
    scores, components, aside = [], [], []
    for name in numbers:
        role = roles.get(name, "")
        if role == "component" or (not role and COMPONENT.match(simple_name(name))):
            components.append(name)
            continue
        reason = "" if role == "score" else "left out by you" if role else _reason(name, kinds)
        if not role and not reason and name in repeats:
            reason = f"the same score as {repeats[name]}, on another scale"
        if reason:
            aside.append((name, reason))
        else:
            scores.append(name)
    if not scores:
        raise DataError(
            f"{file} has no column of scores.",
            "Give a table with one column of numbers per score beside the person's identifier.",
            code="no_score",
            file=file,
        )
    return ChosenColumns(id_column, tuple(scores), tuple(components), tuple(aside))


def _reason(name: str, kinds: Mapping[str, Kind]) -> str:
    """Why a column of numbers is no score, '' if it is one."""
    simple = simple_name(name)
    if name.startswith(_INDEX):
        return "row numbers"
    if simple in ID_NAMES or (kinds[name] == "whole" and simple.endswith("id")):
        return "named as an identifier"
    if simple in FAMILY:
        return "it tells who is related to whom"
    if simple in _COUNTS:
        return "a count of alleles or a phenotype of PLINK"
    return "it describes people" if simple in _PEOPLE else ""


def _find_id(file: str, kinds: Mapping[str, Kind], roles: Mapping[str, str]) -> str:
    chosen = [name for name, role in roles.items() if role == "id"]
    free = [name for name, kind in kinds.items() if name not in roles and kind != "other"]
    by_name = {simple_name(name): name for name in reversed(free)}
    known = [by_name[wanted] for wanted in ID_NAMES if wanted in by_name]
    ending = [
        name
        for name in free
        if kinds[name] != "number"
        and simple_name(name).endswith("id")
        and not NOT_IDS.search(simple_name(name))
    ]
    texts = [name for name in free if kinds[name] == "text"]
    for name in [*chosen, *known, *ending, *(texts if len(texts) == 1 else [])]:
        return name
    raise DataError(
        f"{file} has no column that names the person.",
        "Say which column it is, on the command line with --id.",
        code="no_id",
        file=file,
    )
