"""Parquet whose damage would end the program is refused like any other damaged file."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from pgsicbt.errors import DataError
from pgsicbt.ingest.source import arrow_check
from pgsicbt.ingest.source.arrow_table import read_arrow
from pgsicbt.ingest.uploads import Upload


def parquet() -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame({"id": ["k1", "k2"], "phq9": [3, 4]}).to_parquet(buffer)
    return buffer.getvalue()


def test_sound_and_damaged_files_survive():
    data = parquet()
    assert arrow_check.survives(data)
    assert arrow_check.survives(data[:-9] + b"x" * 9)
    assert read_arrow(Upload("x.parquet", data)).columns == ("id", "phq9")


def test_a_file_that_ends_the_process_is_refused(monkeypatch):
    ending = "import os, sys; sys.stdin.buffer.read(); os.abort()"
    monkeypatch.setattr(arrow_check, "_CHECK", ending)
    assert not arrow_check.survives(parquet())
    with pytest.raises(DataError, match="damaged or incomplete Parquet"):
        read_arrow(Upload("x.parquet", parquet()))
