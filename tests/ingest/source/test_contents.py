"""Containers and programs: the same table out of every one, bounded, and nothing on disk."""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import io
import lzma
import zipfile

import openpyxl
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from openpyxl.comments import Comment

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import TableChoice
from pgsicbt.ingest.source.contents import Contents, open_contents
from pgsicbt.ingest.uploads import Upload

FRAME = pd.DataFrame({"id": ["k1", "k2", "k3"], "week": [0, 1, 2], "phq9": [12.0, None, 7.5]})
CSV = FRAME.to_csv(index=False).encode()
EXPECTED = [["k1", "0", "12"], ["k2", "1", ""], ["k3", "2", "7.5"]]


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def xlsx(**sheets: list[list[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def written(tmp_path, write, ending: str) -> bytes:
    path = tmp_path / f"x{ending}"
    write(path)
    return path.read_bytes()


def opened(data: bytes, choices=None, name: str = "x") -> Contents:
    return open_contents(Upload(name, data), choices or {})


def rows(contents: Contents) -> list[list[str]]:
    (table,) = contents.tables
    cells = table.cells.apply(lambda c: c.str.strip().str.removesuffix(".0"))
    return cells.to_numpy().tolist()


@pytest.mark.parametrize(
    "data",
    [
        CSV,
        gzip.compress(CSV),
        bz2.compress(CSV),
        lzma.compress(CSV),
        zstd(CSV),
        zipped(a__csv=CSV),
        gzip.compress(zipped(a__csv=CSV)),
        b"Weekly scores\nExported on Monday\n\n" + CSV,
        CSV + b"\nNote: visits after week 2 are not final\n",
        CSV + b"Total,,19.5\n",
        b"<html><h1>Weekly</h1>" + FRAME.to_html(index=False, na_rep="").encode() + b"</html>",
        "id;week;phq9\nk1;0;12\nk2;1;\nk3;2;7.5\n".encode("utf-16"),
        b'id,week,phq9\nWho?,When?,How many?\n"{""ImportId"":""a""}",x,y\n' + CSV[13:],
    ],
)
def test_the_same_table_out_of_every_container(data):
    assert rows(opened(data)) == EXPECTED


def test_programs_give_the_same_table(tmp_path):
    frame = FRAME.assign(id=FRAME["id"].astype("object"))
    parquet, feather = io.BytesIO(), io.BytesIO()
    FRAME.to_parquet(parquet)
    FRAME.to_feather(feather)
    made = {
        "sav": written(tmp_path, lambda p: pyreadstat.write_sav(frame, p), ".sav"),
        "zsav": written(tmp_path, lambda p: pyreadstat.write_sav(frame, p, compress=True), ".zsav"),
        "dta": written(tmp_path, lambda p: pyreadstat.write_dta(frame, p), ".dta"),
        "old dta": written(
            tmp_path, lambda p: frame.to_stata(p, version=114, write_index=False), ".dta"
        ),
        "xpt": written(tmp_path, lambda p: pyreadstat.write_xport(frame, p), ".xpt"),
        "parquet": parquet.getvalue(),
        "feather": feather.getvalue(),
        "xlsx": saved(xlsx(a=[list(FRAME), ["k1", 0, 12], ["k2", 1], ["k3", 2, 7.5]])),
    }  # fmt: skip
    assert {name: rows(opened(data)) for name, data in made.items()} == dict.fromkeys(
        made, EXPECTED
    )


def test_labels_and_declared_missing_values_of_spss(tmp_path):
    frame = pd.DataFrame({"id": [1.0, 2, 3], "sex": [1.0, 2, 2], "phq9": [12.0, 99, 4]})
    data = written(
        tmp_path,
        lambda p: pyreadstat.write_sav(
            frame,
            p,
            column_labels=["", "Sex of the person", ""],
            variable_value_labels={"sex": {1: "man", 2: "woman"}},
            missing_ranges={"phq9": [99]},
        ),
        ".sav",
    )
    contents = opened(data)
    (table,) = contents.tables
    assert table.cells[2].tolist() == ["12", "", "4"]
    assert table.labels == {"sex": {"1": "man", "2": "woman"}}
    assert table.titles["sex"] == "Sex of the person"
    assert "woman" in {text.text for text in contents.texts}


def test_sheets_titles_leading_zeros_dates_and_formulas():
    book = xlsx(
        Scores=[["Scores of the cohort"], [], ["id", "PGS_A"], [7, 0.5], [8, -1]],
        Outcomes=[["id", "when", "phq9"], [7, dt.datetime(2020, 1, 31), 5], [8, None, 3.0]],
        Notes=[["Ask the data manager before use of these tables"]],
    )
    for cell in ("A4", "A5"):
        book["Scores"][cell].number_format = "0000"
    contents = opened(saved(book))
    scores, outcomes = contents.tables
    assert (scores.name, outcomes.name) == ("x [Scores]", "x [Outcomes]")
    assert scores.cells.to_numpy().tolist() == [["0007", "0.5"], ["0008", "-1"]]
    assert scores.lines.tolist() == [4, 5]
    assert outcomes.cells.to_numpy().tolist() == [["7", "2020-01-31", "5"], ["8", "", "3"]]
    assert [f.code for f in contents.findings] == ["set_aside"]
    chosen = opened(saved(book), {"x [Scores]": TableChoice(header_row=3)})
    assert chosen.tables[0].columns == ("id", "PGS_A")


def test_hidden_sheets_comments_and_properties_reach_the_gate():
    book = xlsx(A=[["id", "phq9"], ["k1", 3]], Key=[["id", "who"], ["k1", "somebody"]])
    book["Key"].sheet_state = "hidden"
    book["A"]["B2"].comment = Comment("call the ward", "me")
    book.properties.description = "made by the registry"
    book["A"].column_dimensions["B"].hidden = True
    contents = opened(saved(book))
    assert [t.name for t in contents.tables] == ["x [A]"]
    assert contents.tables[0].columns == ("id", "phq9")
    assert [t.name for t in contents.unread] == ["x [Key]"]
    texts = {text.text for text in contents.texts}
    assert {"call the ward", "made by the registry", "Key"} <= texts
    used = opened(saved(book), {"x [Key]": TableChoice(use=True)})
    assert len(used.tables) == 2


def test_two_header_rows_are_joined():
    data = b",PHQ-9,,GAD-7,\nid,week 0,week 1,week 0,week 1\nk1,5,4,3,2\nk2,6,5,4,3\n"
    (table,) = opened(data).tables
    assert table.columns == ("id", "PHQ-9 week 0", "PHQ-9 week 1", "GAD-7 week 0", "GAD-7 week 1")
    assert table.lines.tolist() == [3, 4]


def test_archives_hold_several_tables_and_set_the_rest_aside():
    data = zipped(a__csv=CSV, b__csv=b"id,PGS\nk1,2\n", readme__pdf=b"%PDF-1.7", __MACOSX=b"")
    contents = opened(data, name="all.zip")
    assert [t.name for t in contents.tables] == ["all.zip [a.csv]", "all.zip [b.csv]"]
    assert contents.findings[0].message.startswith("all.zip [readme.pdf] is a PDF document")


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><worksheet><sheetData><row><c t='inlineStr'><is><t>&j;</t></is></c></row></sheetData>"
    b"</worksheet>"
)


def _replaced(data: bytes, member: str, new: bytes) -> bytes:
    old = zipfile.ZipFile(io.BytesIO(data))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in old.namelist():
            archive.writestr(name, new if name == member else old.read(name))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped(a__csv=b"0" * 2000), "larger than"),
        (gzip.compress(b"0" * 2000), "larger than"),
        (zipped(), "empty archive"),
        (zipped(a__zip=zipped(b__csv=CSV)), "archive within"),
        (zipped(**{f"a{i}__csv": b"" for i in range(201)}), "more than 200"),
        (zipped(content__xml=b"", mimetype=b""), "OpenDocument"),
        (_replaced(saved(xlsx(a=[["id"], [2]])), "xl/worksheets/sheet1.xml", LAUGHS), "damaged"),
        (saved(xlsx(a=[["id", "b"]])), "no rows"),
        (b"$FL2@(#) nothing", "damaged or incomplete SPSS"),
        (b"<stata_dta><header>", "damaged or incomplete Stata"),
        (b"PAR1xxxxPAR1", "damaged or incomplete Parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or password-protected"),
        (b"<html><p>nothing here</p></html>", "web page"),
        (b"<table><tr><td>1</td></tr></table>", "web page without a table"),
    ],
)  # fmt: skip
def test_bombs_and_damage_give_one_sentence(data, words, monkeypatch):
    if words == "larger than":
        monkeypatch.setattr("pgsicbt.ingest.source.containers.MAX_BYTES", 1000)
    with pytest.raises(DataError) as caught:
        opened(data)
    assert words in str(caught.value)
    assert caught.value.__cause__ is None
