"""Stata, SAS transport, Parquet and Feather."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pyreadstat

from tests.corpus.messes.programs import (
    CLOCK,
    LABELS,
    LONG,
    WIDE,
    _add,
    _coded,
    _written,
    dta,
    frame,
    xpt,
)
from tests.corpus.messes.tools import (
    long,
    padded,
    wide,
)
from tests.corpus.truth import WEEKLY

_add(
    "dta_long",
    "Stata, long, with labels of variables",
    "utfall.dta",
    dta(frame(LONG), variable_labels=LABELS),
)
_add(
    "dta_wide_underscore",
    "Stata after reshape wide: phq90 phq91 ... phq934",
    "bred.dta",
    dta(frame(wide(name=lambda _, w: f"phq9{w}"))),
    expect="asked",
    words=("bred.dta",),
    owner="OUTCOMES",
)
_add(
    "dta_extended_missing",
    "Stata's .a for refused",
    "utokad.dta",
    _written(
        lambda p: pyreadstat.write_dta(
            frame(WIDE).astype(object).where(frame(WIDE).notna(), "a"),
            p,
            missing_user_values={c: ["a"] for c in WIDE[0][1:]},
        ),
        ".dta",
    ),
    owner="SOURCE",
)
_add(
    "dta_minus_nine",
    "Stata: -9 as a number",
    "minus9.dta",
    dta(_coded),
    expect="asked",
    words=("phq9",),
    recipe={"missing": {"PHQ-9": [-9]}},
    owner="OUTCOMES",
)
_add(
    "dta_weeks_labelled",
    "Stata: visits as numbers with labels 'Pre', 'Week 1' ...; the labels say when, not 1 to 7",
    "etiketter.dta",
    dta(
        frame(long(weeks=WEEKLY, visit=lambda _, w: str(w + 1), header=("id", "visit", "phq9"))),
        value_labels={"visit": {w + 1: "Pre" if w == 0 else f"Week {w}" for w in WEEKLY}},
    ),
    weeks=WEEKLY,
    owner="OUTCOMES",
)
_add(
    "dta_old_115",
    "Stata 12",
    "gammal.dta",
    _written(
        lambda p: frame(LONG).to_stata(p, write_index=False, time_stamp=CLOCK, version=114), ".dta"
    ),
)
_add(
    "dta_truncated",
    "Stata, half of it",
    "halv.dta",
    dta(frame(LONG))[:3000],
    expect="refused",
    words=("halv.dta",),
)
_add(
    "xpt_long",
    "SAS transport: names in capitals of eight letters",
    "utfall.xpt",
    xpt(frame(long(header=("SUBJID", "WEEK", "PHQ9")))),
)
_add(
    "xpt_named_sas",
    "SAS transport, but called .sas7bdat",
    "utfall.sas7bdat",
    xpt(frame(long(header=("SUBJID", "WEEK", "PHQ9")))),
    expect="either",
    words=("utfall.sas7bdat",),
)


def parquet(table: pd.DataFrame, **rest: Any) -> bytes:
    """Parquet by pyarrow."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, **rest)
    return buffer.getvalue()


def feather(table: pd.DataFrame) -> bytes:
    """Feather by pyarrow."""
    buffer = io.BytesIO()
    table.to_feather(buffer)
    return buffer.getvalue()


_add("parquet_long", "Parquet", "utfall.parquet", parquet(frame(LONG)))
_add(
    "parquet_index",
    "Parquet with the ids as index of the frame",
    "index.parquet",
    parquet(frame(LONG).set_index("person_id")),
)
_add(
    "parquet_row_index",
    "Parquet after filtering: the running index is kept as a column",
    "urval.parquet",
    parquet(frame(LONG).iloc[::-1], index=True),
)
_add(
    "parquet_categories",
    "Parquet with categories and nullable integers",
    "kategorier.parquet",
    parquet(frame(LONG).astype({"person_id": "category", "week": "Int64", "phq9": "Int64"})),
)
_add("feather_long", "Feather", "utfall.feather", feather(frame(LONG)))
_add(
    "parquet_truncated",
    "Parquet, half of it",
    "halv.parquet",
    parquet(frame(LONG))[:2000],
    expect="refused",
    words=("halv.parquet",),
)
_add(
    "parquet_ids_text",
    "ids as text with zeros, in Parquet",
    "padded.parquet",
    parquet(frame(long(ident=padded)).astype({"person_id": str})),
    beside=("scores_padded.csv",),
)
