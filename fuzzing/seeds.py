"""Small valid files of every kind, from which fuzzing starts."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat

_N = 12
LONG = pd.DataFrame(
    {
        "id": [f"k{i:02d}" for i in range(_N) for _ in range(3)],
        "week": [0.0, 1.0, 2.0] * _N,
        "phq9": [float((7 * i) % 28) for i in range(3 * _N)],
        "sex": [("f", "m")[i // 3 % 2] for i in range(3 * _N)],
    }
)
PERSONS = pd.DataFrame(
    {"IID": [f"k{i:02d}" for i in range(_N)], "PGS_A": [i / 7 - 0.8 for i in range(_N)]}
)
SHEET = "xl/worksheets/sheet1.xml"


def _buffer(write: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def _file(write: Callable[[str], object], ending: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{ending}"
        write(str(path))
        return path.read_bytes()


def _wide() -> bytes:
    wide = LONG.pivot_table(index="id", columns="week", values="phq9")
    wide.columns = [f"phq9_w{week:g}" for week in wide.columns]
    return wide.reset_index().to_csv(index=False, sep=";", decimal=",").encode()


def _redcap() -> bytes:
    frame = LONG.rename(columns={"id": "record_id"})
    frame["redcap_event_name"] = "week_" + frame.pop("week").map("{:g}".format) + "_arm_1"
    return frame.to_csv(index=False).encode()


def _dates() -> bytes:
    days = pd.Timestamp("2021-01-04") + pd.to_timedelta(LONG["week"] * 7, unit="D")
    return (
        LONG.assign(week=days.dt.strftime("%d/%m/%Y"))
        .rename(columns={"week": "date"})
        .to_csv(index=False)
        .encode()
    )


def _items() -> bytes:
    frame = LONG[["id", "week"]].copy()
    for item in range(1, 10):
        frame[f"phq9_{item}"] = [(item * i) % 4 for i in range(len(frame))]
    return frame.to_csv(index=False, sep="\t").encode("utf-16")


_BOOK = _buffer(lambda b: LONG.to_excel(b, index=False))
WORKBOOK = {
    name: zipfile.ZipFile(io.BytesIO(_BOOK)).read(name)
    for name in zipfile.ZipFile(io.BytesIO(_BOOK)).namelist()
}

SEEDS: dict[str, bytes] = {
    "scores": PERSONS.to_csv(index=False).encode(),
    "long": LONG.to_csv(index=False).encode(),
    "wide": _wide(),
    "redcap": _redcap(),
    "dates": _dates(),
    "items": _items(),
    "spaces": PERSONS.to_string(index=False).encode(),
    "pgsc_calc": b"sampleset\tIID\tPGS\tSUM\tZ_norm2\n"
    + b"".join(b"a\tk%02d\tPGS1\t%d\t0.%d\n" % (i, i, i) for i in range(_N)),
    "html": b"<html>" + LONG.to_html(index=False).encode() + b"</html>",
    "note": b"# made by hand\nTitle,,,\n" + LONG.to_csv(index=False).encode() + b"Total,,7,\n",
    "sav": _file(lambda p: pyreadstat.write_sav(LONG, p, missing_ranges={"phq9": [27]}), ".sav"),
    "zsav": _file(lambda p: pyreadstat.write_sav(LONG, p, compress=True), ".zsav"),
    "dta": _file(lambda p: pyreadstat.write_dta(LONG, p), ".dta"),
    "old_dta": _file(lambda p: LONG.to_stata(p, version=114, write_index=False), ".dta"),
    "xpt": _file(lambda p: pyreadstat.write_xport(LONG, p), ".xpt"),
    "por": _file(lambda p: pyreadstat.write_por(LONG.rename(columns=str.upper), p), ".por"),
    "parquet": _buffer(lambda b: LONG.to_parquet(b)),
    "feather": _buffer(lambda b: LONG.to_feather(b)),
    "gzip": gzip.compress(LONG.to_csv(index=False).encode()),
    "sheet": WORKBOOK[SHEET],
}

KINDS = {
    "text": ("scores", "long", "wide", "redcap", "dates", "items", "spaces", "html", "note"),
    "archive": ("long", "gzip", "note"),
    "workbook": ("sheet",),
    "statistical": ("sav", "zsav", "dta", "old_dta", "xpt", "por"),
    "arrow": ("parquet", "feather"),
    "study": ("long", "wide", "redcap", "dates", "items", "pgsc_calc", "note"),
}
"""Seeds of every target."""
