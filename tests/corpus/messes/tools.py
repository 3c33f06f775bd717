"""What the builders share: tables of text, containers without clocks, and the list of cases."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.corpus.truth import COMPONENTS, OUTCOMES, SCORES, WEEKS, Person, shuffled

Row = list[str]
Id = Callable[[Person], str]
Data = bytes | str


@dataclass
class Case:
    """One mess and what must come out of it.

    Parameters
    ----------
    expect
        ``ok`` is the tidy study, value by value. ``refused`` is an error with all of ``words``.
        ``asked`` is the tidy study, an error, or a finding or question with ``words``: never
        another study in silence; with ``recipe`` it is ``ok``. ``either`` is the tidy study or
        an error with ``words``. ``guarded`` is an error with ``words``, or the column left out
        with a finding that has them. ``said`` is a finding or an error with ``words``.
        ``answered`` is only held with its recipe.
    beside
        Plain files given along.
    scores
        Name in the study to name in the truth; a name that begins with ``?`` may be any, one
        that begins with ``~`` has missing values.
    scale
        ``raw`` as in the truth, ``shifted`` by a constant, ``any`` linear scale.
    weeks, shift, at, within
        Weeks that the files hold, what was added to them, other weeks that the files rightly
        name for some of them (month 6 is 26.09), and how close values must be.
    people, without
        Numbers of the people, if not all; (person, outcome, week) that are not in the files.
    noticed
        Words that a finding must hold although the study is right.
    secrets
        Texts that must not be in any message, finding or table.
    extra, more
        Further covariates, or scores, do not matter.
    """

    name: str
    about: str
    files: dict[str, Data]
    expect: str = "ok"
    beside: tuple[str, ...] = ()
    owner: str = "SOURCE"
    scores: Mapping[str, str] = field(default_factory=dict)
    scale: str = "raw"
    outcomes: tuple[str, ...] = ("PHQ-9",)
    weeks: tuple[int, ...] = WEEKS
    shift: float = 0.0
    at: Mapping[str, float] = field(default_factory=dict)
    within: float = 1e-6
    covariates: tuple[str, ...] = ()
    people: tuple[int, ...] = ()
    without: tuple[tuple[int, str, int], ...] = ()
    extra: bool = False
    more: bool = False
    relatives: int = 0
    recipe: dict[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    noticed: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


CASES: list[Case] = []
ALL_SCORES = {name: name for name in SCORES}


def add(name: str, about: str, files: dict[str, Data], **rest: Any) -> Case:
    """Put a case on the list.

    Raises
    ------
    ValueError
        If another case has the name.
    """
    if any(one.name == name for one in CASES):
        raise ValueError(name)
    case = Case(name, about, files, **rest)
    CASES.append(case)
    return case


def outcome_mess(name: str, about: str, files: dict[str, Data], **rest: Any) -> Case:
    """A case whose mess is in the outcomes; the scores are plain."""
    rest.setdefault("scores", ALL_SCORES)
    return add(name, about, files, **{"beside": ("scores.csv",), **rest})


def score_mess(name: str, about: str, files: dict[str, Data], **rest: Any) -> Case:
    """A case whose mess is in the scores; the outcomes are plain."""
    rest.setdefault("scores", ALL_SCORES)
    rest.setdefault("owner", "SCORES")
    return add(name, about, files, **{"beside": ("outcomes.csv",), **rest})


# Tables as lists of rows of text


def text(rows: Iterable[Sequence[str]], sep: str = ",", end: str = "\n", quote: str = "") -> str:
    """Rows as one text; ``quote="all"`` as write.csv does, otherwise only where needed."""

    def cell(value: str) -> str:
        needs = quote == "all" or (sep in value and sep != " ") or '"' in value or "\n" in value
        return '"' + value.replace('"', '""') + '"' if needs else value

    return "".join(sep.join(cell(c) for c in row) + end for row in rows)


def code(person: Person) -> str:
    """The usual spelling of the study id."""
    return person.code


def padded(person: Person) -> str:
    """Four digits."""
    return person.padded


def long(
    outcomes: Sequence[str] = ("PHQ-9",),
    weeks: Sequence[int] = WEEKS,
    *,
    header: Sequence[str] = (),
    ident: Id = code,
    visit: Callable[[Person, int], str] = lambda _, week: str(week),
    value: Callable[[int], str] = str,
    missing: str = "",
    seed: int = 3,
) -> list[Row]:
    """One row per person and week with a column per outcome; rows without a total are left out."""
    rows = [list(header) or ["person_id", "week", *outcomes]]
    for person in shuffled(seed):
        for week in weeks:
            totals = [person.total(o, week) for o in outcomes]
            if any(t is not None for t in totals):
                cells = [missing if t is None else value(t) for t in totals]
                rows.append([ident(person), visit(person, week), *cells])
    return rows


def wide(
    outcomes: Sequence[str] = ("PHQ-9",),
    weeks: Sequence[int] = WEEKS,
    *,
    name: Callable[[str, int], str] = lambda outcome, week: f"{outcome}_week{week}",
    ident: Id = code,
    id_name: str = "person_id",
    missing: str = "",
    seed: int = 4,
) -> list[Row]:
    """One row per person with a column per outcome and week."""
    cells = [(o, w) for o in outcomes for w in weeks]
    rows = [[id_name, *(name(o, w) for o, w in cells)]]
    for person in shuffled(seed):
        totals = [person.total(o, w) for o, w in cells]
        rows.append([ident(person), *(missing if t is None else str(t) for t in totals)])
    return rows


def score_rows(
    names: Sequence[str] = SCORES,
    *,
    ident: Id = code,
    id_name: str = "person_id",
    titles: Sequence[str] = (),
    number: Callable[[float], str] = lambda x: f"{x:.4f}",
    seed: int = 1,
) -> list[Row]:
    """One row per person with a column per score."""
    rows = [[id_name, *(titles or names)]]
    rows += [[ident(p), *(number(p.scores[s]) for s in names)] for p in shuffled(seed)]
    return rows


BACKGROUND = ("age", "sex", "diagnosis", "batch")


def background_rows(ident: Id = code, id_name: str = "person_id", seed: int = 2) -> list[Row]:
    """Age, sex, diagnosis and batch."""
    rows = [[id_name, *BACKGROUND]]
    rows += [[ident(p), str(p.age), p.sex, p.diagnosis, p.batch] for p in shuffled(seed)]
    return rows


def component_cells(person: Person) -> Row:
    """The principal components of a person."""
    return [f"{person.components[c]:.6f}" for c in COMPONENTS]


def merged(*tables: list[Row], keys: int = 1) -> list[Row]:
    """Tables side by side by their first column, in the order of the first."""
    others = [{row[0]: row[keys:] for row in table} for table in tables[1:]]
    ids = [table[0][0] for table in tables[1:]]
    rows = [tables[0][0] + [c for o, i in zip(others, ids, strict=True) for c in o[i]]]
    for row in tables[0][1:]:
        rows.append(row + [c for other in others for c in other[row[0]]])
    return rows


def decimal_comma(rows: list[Row]) -> list[Row]:
    """Numbers with a decimal comma."""
    return [rows[0]] + [[c.replace(".", ",") if _number(c) else c for c in row] for row in rows[1:]]


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def aligned(rows: list[Row], gap: int = 1) -> str:
    """Right-aligned columns with blanks between them, as PLINK 1.9 writes."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "".join(
        "".join(" " * gap + c.rjust(w) for c, w in zip(row, widths, strict=True)) + " \n"
        for row in rows
    )


# Containers without clocks


def gz(data: Data) -> bytes:
    """gzip without a time stamp."""
    return gzip.compress(_bytes(data), mtime=0)


def bz(data: Data) -> bytes:
    """bzip2."""
    return bz2.compress(_bytes(data))


def xz(data: Data) -> bytes:
    """xz."""
    return lzma.compress(_bytes(data))


def zst(data: Data) -> bytes:
    """Zstandard."""
    import pyarrow as pa

    return bytes(pa.Codec("zstd").compress(_bytes(data), asbytes=True))


def zipped(members: Mapping[str, Data]) -> bytes:
    """A zip archive with a fixed date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, _bytes(data))
    return buffer.getvalue()


def _bytes(data: Data) -> bytes:
    return data.encode() if isinstance(data, str) else data


def generator(name: str) -> random.Random:
    """A generator of its own for each case."""
    return random.Random(f"corpus {name}")


PLAIN: dict[str, Data] = {
    "scores.csv": text(score_rows()),
    "scores_padded.csv": text(score_rows(ident=padded)),
    "outcomes.csv": text(long()),
    "outcomes_padded.csv": text(long(ident=padded)),
    "background.csv": text(background_rows()),
}
"""Tidy files that stand beside a messy one."""

THREE = tuple(OUTCOMES)
