"""Files of SPSS, Stata, SAS and of data frames, with labels and codes for missing answers."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from tests.corpus.messes.tools import (
    ALL_SCORES,
    Row,
    add,
    background_rows,
    long,
    merged,
    outcome_mess,
    score_rows,
    wide,
)
from tests.corpus.truth import WEEKS, shuffled

CLOCK = datetime(2024, 1, 1)


def frame(rows: list[Row]) -> pd.DataFrame:
    """A frame with numbers where a whole column is of numbers."""
    made = pd.DataFrame(rows[1:], columns=rows[0]).replace({"": None})
    for name in made.columns:
        numbers = pd.to_numeric(made[name], errors="coerce")
        padded = any(len(c) > 1 and c.isdigit() and c[0] == "0" for c in map(str, made[name]))
        if not padded and bool(numbers.notna().eq(made[name].notna()).all()):
            made[name] = numbers.astype(float)
    return made


def _written(write: Callable[[str], object], suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{suffix}"
        write(str(path))
        return path.read_bytes()


def sav(table: pd.DataFrame, suffix: str = ".sav", **rest: Any) -> bytes:
    """SPSS, with its clock set back."""
    data = bytearray(_written(lambda p: pyreadstat.write_sav(table, p, **rest), suffix))
    data[92:109] = b"01 Jan 2412:00:00"
    return bytes(data)


def dta(table: pd.DataFrame, **rest: Any) -> bytes:
    """Stata 118, without index."""
    buffer = io.BytesIO()
    table.to_stata(buffer, write_index=False, time_stamp=CLOCK, version=118, **rest)
    return buffer.getvalue()


def xpt(table: pd.DataFrame, **rest: Any) -> bytes:
    """SAS transport, with its clock set back."""
    data = _written(lambda p: pyreadstat.write_xport(table, p, **rest), ".xpt")
    return re.sub(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d", b"01JAN24:12:00:00", data)


def _add(name: str, about: str, file: str, data: bytes, **rest: object) -> None:
    outcome_mess(name, about, {file: data}, **rest)


LABELS = {"person_id": "Studie-id", "week": "Vecka från start", "phq9": "PHQ-9 summa"}
LONG = long(header=("person_id", "week", "phq9"))
WIDE = wide(name=lambda _, w: f"phq9_{w}")

_add("sav_long", "SPSS, long", "utfall.sav", sav(frame(LONG), column_labels=LABELS))
_add("zsav_long", "SPSS, compressed", "utfall.zsav", sav(frame(LONG), ".zsav", compress=True))
_add("sav_as_dat", "SPSS, but called .dat", "utfall.dat", sav(frame(LONG)))
_coded = frame(wide(name=lambda _, w: f"phq9_{w}", missing="-9"))
_columns = [c for c in _coded.columns if c != "person_id"]
_add(
    "sav_user_missing",
    "SPSS, wide; -9 declared as missing by the user",
    "bred.sav",
    sav(_coded, missing_ranges={c: [-9] for c in _columns}),
)
_add(
    "sav_user_missing_range",
    "SPSS; a range of missing codes from -99 to -1, several in use",
    "intervall.sav",
    sav(
        _coded.mask(_coded == -9, -77.0).where(
            pd.DataFrame({c: [True] * 30 + [False] * 30 for c in _coded.columns}), _coded
        ),
        missing_ranges={c: [{"lo": -99, "hi": -1}] for c in _columns},
    ),
)
_add(
    "sav_missing_not_declared",
    "SPSS; -9 not declared, only labelled 'saknas'",
    "etikett.sav",
    sav(_coded, variable_value_labels={c: {-9: "saknas"} for c in _columns}),
    expect="asked",
    words=("phq9",),
    recipe={"missing": {"PHQ-9": [-9]}},
    owner="OUTCOMES",
)
_labelled = frame(
    [
        [
            *r[:2],
            {"female": "2", "male": "1"}.get(r[2], r[2]),
            {"depression": "1", "panic disorder": "2", "social anxiety": "3"}.get(r[3], r[3]),
            r[4],
        ]
        for r in background_rows()
    ]
)
_VALUES = {
    "sex": {1: "Man", 2: "Kvinna"},
    "diagnosis": {1: "Depression", 2: "Paniksyndrom", 3: "Social ångest"},
}
for _kind, _data in (
    ("sav", sav(_labelled, variable_value_labels=_VALUES)),
    ("dta", dta(_labelled, value_labels=_VALUES)),
):
    add(
        f"{_kind}_value_labels",
        f"background in {_kind} with value labels for sex and diagnosis",
        {f"bakgrund.{_kind}": _data},
        beside=("scores.csv", "outcomes.csv"),
        scores=ALL_SCORES,
        covariates=("age", "sex", "diagnosis", "batch"),
        owner="OUTCOMES",
    )
_add(
    "sav_one_table",
    "SPSS: everything in one wide table, names of at most 64 characters",
    "allt.sav",
    sav(frame(merged(WIDE, score_rows()))),
    beside=(),
)
_add(
    "sav_ids_numbers",
    "SPSS: ids are numbers, zeros are gone",
    "numeriska.sav",
    sav(frame(long(ident=lambda p: str(p.number), header=("id", "week", "phq9")))),
    beside=("scores_padded.csv",),
    expect="asked",
    words=("zero",),
    recipe={"ids": "zeros"},
    owner="DATA",
)
_add(
    "sav_ids_strings_padded",
    "SPSS: ids are strings filled up with blanks",
    "strangar.sav",
    sav(frame([[(r[0].ljust(20) if i else r[0]), *r[1:]] for i, r in enumerate(LONG)])),
)


def _sav_dates() -> bytes:
    table = frame(
        [
            ["id", "phq9"],
            *(
                [p.code, str(t)]
                for p in shuffled(70)
                for w in WEEKS
                if (t := p.total("PHQ-9", w)) is not None
            ),
        ]
    )
    pairs = [
        (p.start, p.date(w)) for p in shuffled(70) for w in WEEKS if p.total("PHQ-9", w) is not None
    ]
    table["start"] = [a for a, _ in pairs]
    table["datum"] = [b for _, b in pairs]
    return sav(table)


_add(
    "sav_dates",
    "SPSS: dates as seconds since 1582",
    "datum.sav",
    _sav_dates(),
    within=1e-3,
    recipe={"roles": {"datum.sav": {"start": "start:date", "datum": "time:date"}}},
    owner="OUTCOMES",
)
_add(
    "sav_truncated",
    "SPSS, half of it",
    "halv.sav",
    sav(frame(LONG))[:2500],
    expect="refused",
    words=("halv.sav",),
)
_names = frame(
    [
        ["person_id", "week", "phq9", "behandlare"],
        *([*r, str(i % 3 + 1)] for i, r in enumerate(LONG[1:])),
    ]
)
_add(
    "sav_names_in_labels",
    "SPSS: therapists as numbers whose labels are names and an address",
    "behandlare.sav",
    sav(
        _names,
        variable_value_labels={
            "behandlare": {1: "Anna Lindqvist", 2: "Erik Johansson", 3: "maria.nystrom@example.org"}
        },
    ),
    expect="guarded",
    words=("behandlare.sav", "behandlare"),
    secrets=("Anna Lindqvist", "maria.nystrom@example.org"),
    owner="GATE",
)
_add(
    "por_long",
    "SPSS portable",
    "utfall.por",
    _written(lambda p: pyreadstat.write_por(frame(long(header=("ID", "WEEK", "PHQ9"))), p), ".por"),
    expect="either",
    words=("utfall.por",),
)
