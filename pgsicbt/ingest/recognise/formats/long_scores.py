"""Tables of any origin with one row per person and score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pgsicbt.ingest.recognise import names
from pgsicbt.ingest.recognise.formats.chromosomes import CHROMOSOME_COLUMNS, chromosome_of
from pgsicbt.ingest.recognise.formats.people import CHOSEN, find_ids, in_order
from pgsicbt.ingest.recognise.formats.scales import one_of, scale_question, scales_note
from pgsicbt.ingest.recognise.layout import Assigned, Layout
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import simple_name

_LABELS = (
    "pgs", "pgsid", "pgsname", "prs", "prsid", "prsname", "grs", "grsname", "pgi", "score",
    "scoreid", "scorename", "polygenicscore", "polygenicscorename", "polygenicscoreid",
    "trait", "gwas", "phenotype", "disorder", "weights", "name", "variable", "accession", "key",
    "measure",
)  # fmt: skip
_SURE = {"gwas", "polygenicscore", "scoreid", "scorename"}
_VALUES = (
    "znorm2", "znorm1", "zmostsimilarpop", "zscore", "z", "pgsz", "prsz", "scorez", "zpgs", "zprs",
    "std", "scaled", "value", "pgsvalue", "prsvalue", "scorevalue", "score", "pgs", "prs", "grs",
    "pgi", "polygenicscore", "avg", "scoreavg", "sum", "scoresum", "rawscore", "raw", "estimate",
)  # fmt: skip
_PEOPLE = ("personid", "patientid", "participantid", "subjectid", "studyid", "recordid", "iid",
           "sampleid", "sample", "person", "patient", "participant", "subject", "id", "idsample",
           "samplename", "individual", "individualid", "eid")  # fmt: skip


def read_long_scores(table: Table, fixed: Mapping[str, str]) -> Layout | None:
    """The layout of a table with one row per person and score, or None.

    A column of few names (``PGS``, ``trait``), each once per person, one of numbers, and one that
    names the person; no column of visits or time. A column chosen as ``instrument`` beside one
    chosen as ``score`` says the same.
    """
    by_name = {simple_name(name): name for name in reversed(table.columns)}
    person = _person(table, by_name, fixed)
    if not person or any(names.time_role(name) for name in table.columns if name not in fixed):
        return None
    if any(role.startswith(("time", "visit")) for role in fixed.values()):
        return None
    label = next((name for name, role in fixed.items() if role == "instrument"), "")
    chosen = bool(label and "score" in fixed.values())
    label = label if chosen else _label(table, by_name, person)
    by_chromosome = not label and _chromosomes(table, by_name, person)
    label = label or by_chromosome or ""
    if not label:
        return None
    values = [by_name[one] for one in _VALUES if one in by_name]
    values = [n for n in values if n not in (label, person) and table.column(n).mostly_numeric]
    values += [n for n, role in fixed.items() if role == "score" and n not in values]
    if not values or (not chosen and not by_chromosome and not _of_scores(table, label, values)):
        return None
    columns = {
        person: Assigned("id", CHOSEN if fixed.get(person) == "id" else "names the person"),
        label: Assigned("ignore", "names the score of each row"),
        **one_of("", {name: name for name in values}, fixed),
    }
    used = next((name for name in values if columns[name].role == "score"), "")
    others = [name for name in values if name != used]
    asked = bool(used and others and used not in fixed)
    return Layout(
        "scores_long",
        in_order(table, columns),
        (scales_note(table.name, used, others),) if used and others else (),
        questions=(scale_question(table.name, used, others),) if asked else (),
        score_names=label,
    )


def _person(table: Table, by_name: Mapping[str, str], fixed: Mapping[str, str]) -> str:
    chosen = next((name for name, role in fixed.items() if role == "id"), "")
    if chosen:
        return chosen
    ids = find_ids(table)
    return ids.person if ids else next((by_name[one] for one in _PEOPLE if one in by_name), "")


def _label(table: Table, by_name: Mapping[str, str], person: str) -> str:
    """The column of names: text of few kinds, every person and name once."""
    people = table.column(person)
    for one in _LABELS:
        name = by_name.get(one, "")
        if not name or name == person:
            continue
        column = table.column(name)
        kinds = len(column.levels)
        if column.mostly_numeric or column.n_missing or kinds > max(2, 0.5 * table.n_rows):
            continue
        pairs = np.unique(people.codes * np.int64(kinds) + column.codes).size
        if pairs >= 0.95 * table.n_rows and len(people.levels) * kinds <= 4 * table.n_rows:
            return name
    return ""


def _chromosomes(table: Table, by_name: Mapping[str, str], person: str) -> str:
    """The column of chromosomes where each person has one row per chromosome, or ''."""
    name = next((by_name[one] for one in CHROMOSOME_COLUMNS if one in by_name), "")
    if not name or name == person:
        return ""
    column, people = table.column(name), table.column(person)
    kinds = len(column.levels)
    chromosomes = all(chromosome_of(f"chr{_bare(level)}") for level in column.levels)
    pairs = np.unique(people.codes * np.int64(kinds) + column.codes).size
    return name if chromosomes and kinds > 1 and pairs == table.n_rows else ""


def _bare(level: str) -> str:
    return str(level).casefold().removeprefix("chr")


def _of_scores(table: Table, label: str, values: list[str]) -> bool:
    """Whether the names are of scores: they or a column say so, and none is a scale."""
    found = [str(level) for level in table.column(label).levels]
    if any(names.instrument_of(one) for one in found):
        return False
    said = [name for name in (label, *values) if not names.plain_score_name(name)]
    if any(names.score_name(name) for name in said) or simple_name(label) in _SURE:
        return True
    return sum(names.score_name(one) for one in found) >= 0.5 * len(found)
