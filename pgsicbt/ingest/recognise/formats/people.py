"""Who a row of a genetic file is about, and what the file is called after."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pgsicbt.ingest.recognise.layout import Assigned
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import simple_name

CHOSEN = "chosen by you"
_FAMILY = ("fid", "familyid", "famid", "family")
_PERSON = ("iid", "sampleid", "individualid", "indid")
_ENDINGS = re.compile(
    r"\.(gz|bgz|bz2|xz|zst|txt|tsv|csv|tab|dat|sscore|profiles?|best|all[._]?score|prs|xlsx|xlsm|sav|"
    r"zsav|dta|sas7bdat|xpt|parquet|feather|arrow|zip)$",
    re.IGNORECASE,
)
_INSIDE = re.compile(r".*\[(.+)\]$", re.DOTALL)


@dataclass(frozen=True)
class Ids:
    """The columns that name the person and the family; ``family`` may be ''."""

    person: str
    family: str = ""

    def columns(self) -> dict[str, Assigned]:
        """Their roles."""
        columns = {self.person: Assigned("id", "the person's identifier in genetic files")}
        if self.family:
            columns[self.family] = Assigned(
                "ignore", f"family identifier; people are joined on {self.person}"
            )
        return columns


def find_ids(table: Table, *, plain: bool = False) -> Ids | None:
    """The identifiers of a genetic file, or None.

    A file of PLINK and its like names the person ``IID``; other programs write ``sample.ID``
    beside ``family.ID``, ``ID2`` beside ``ID1``, or spell it in small letters.

    Parameters
    ----------
    plain
        Whether an identifier of the person alone, other than ``IID``, is enough.
    """
    by_name = {simple_name(name): name for name in reversed(table.columns)}
    family = next((by_name[name] for name in _FAMILY if name in by_name), "")
    person = by_name.get("iid") or next(
        (by_name[name] for name in _PERSON if name in by_name and (family or plain)), ""
    )
    if not person and {"id1", "id2"} <= set(by_name) and "covariates" in by_name:
        family, person = by_name["id1"], by_name["id2"]  # LDAK
    if not person or person == family:
        return None
    return _the_one_that_differs(table, Ids(person, family))


def _the_one_that_differs(table: Table, ids: Ids) -> Ids:
    """Families of one: where IID is the number within a family, the family names the person."""
    if not ids.family:
        return ids
    person, family = table.column(ids.person), table.column(ids.family)
    few = len(person.present_levels) < 0.1 * table.n_rows
    if few and not family.n_missing and len(family.levels) == table.n_rows:
        return Ids(ids.family, ids.person)
    return ids


def in_order(table: Table, columns: Mapping[str, Assigned]) -> dict[str, Assigned]:
    """The roles in file order; what has none is ignored."""
    rest = Assigned("ignore", "not a score")
    return {name: columns.get(name, rest) for name in table.columns}


def label_of(file: str) -> str:
    """What a score without a name of its own is called: its file without endings.

    ``MDD.sscore.zst`` and ``scores.zip [MDD.profile]`` give ``MDD``.
    """
    inside = _INSIDE.match(file)
    name = (inside[1] if inside else file).replace("\\", "/").rsplit("/", 1)[-1]
    while shorter := _ENDINGS.sub("", name):
        if shorter == name:
            break
        name = shorter
    return name.replace(".", "_").strip("_ ")
