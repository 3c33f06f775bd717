"""Bytes to tables: separators, encodings, compression, damage."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgsicbt.errors import DataError
from pgsicbt.ingest import uploads
from pgsicbt.ingest.source.contents import open_contents
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.uploads import Upload, as_upload, as_uploads
from tests.ingest.builders import text

WORD = st.text(alphabet="abcåéø XYZ019'", min_size=1, max_size=8).map(str.strip).filter(bool)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


def read_table(upload: Upload) -> Table:
    """The only table of a file."""
    (table,) = open_contents(upload, {}).tables
    return table


def rows(table) -> list[list[str]]:
    return table.cells.to_numpy().tolist()


@given(
    body=st.lists(st.tuples(WORD, WORD, WORD), min_size=1, max_size=12),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(ENCODINGS),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    packed=st.booleans(),
)
def test_any_separator_encoding_and_line_end_reads_the_same(
    body, separator, encoding, line_end, packed
):
    lines = ["person_id", "other", "third"], *body
    data = (line_end.join(separator.join(line) for line in lines) + line_end).encode(encoding)
    table = read_table(Upload("x", gzip.compress(data, mtime=0) if packed else data))
    assert table.columns == ("person_id", "other", "third")
    assert rows(table) == [list(line) for line in body]
    assert table.lines.tolist() == list(range(2, len(body) + 2))


def test_windows_1252_is_recognised():
    table = read_table(Upload("x.csv", "id,name\n1,Malmö\n2,Århus\n".encode("cp1252")))
    assert table.encoding == "Windows-1252"
    assert rows(table) == [["1", "Malmö"], ["2", "Århus"]]


def test_runs_of_spaces_and_right_alignment():
    table = read_table(text("x", "   FID   IID  PHENO", "     0   a1     -9", "     0   b2     -9"))
    assert table.separator == "spaces"
    assert table.columns == ("FID", "IID", "PHENO")
    assert rows(table) == [["0", "a1", "-9"], ["0", "b2", "-9"]]


def test_quoted_cells_hold_separators_and_line_breaks():
    table = read_table(text("x", "id,note", '1,"a, ""b""', 'c"', "2,d"))
    assert rows(table) == [["1", 'a, "b"\nc'], ["2", "d"]]
    assert table.lines.tolist() == [2, 4]


def test_blank_lines_do_not_shift_line_numbers():
    table = read_table(text("x", "", "id,a", "1,2", "", ",", "3,4"))
    assert table.lines.tolist() == [3, 6]


def test_declared_separator_line_and_comments():
    assert read_table(text("x", "sep=;", "id;a", "1;2")).lines.tolist() == [3]
    table = read_table(text("x", "##made by a program", "#key=value", "#FID\tIID", "0\t7"))
    assert table.columns == ("FID", "IID")
    assert table.comments == ("##made by a program", "#key=value")


def test_row_names_of_r_get_a_column():
    table = read_table(text("x", '"id" "a"', '"1" 7 2', '"2" 8 3'))
    assert table.columns == ("row name", "id", "a")


def test_separators_at_line_ends_are_no_column():
    table = read_table(text("x", "id,a", "1,2,", "3,4,"))
    assert table.columns == ("id", "a")
    assert read_table(text("x", "id;a;", "1;2;", "3;4;")).columns == ("id", "a")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "x is empty."),
        (b"\n \n", "x is empty."),
        (b"id,a\n", "x has no rows below its header."),
        (b"# only a comment\n", "x has no rows below its header."),
        (b"PK\x03\x04xl/", "x is a damaged or incomplete archive or workbook."),
        (b"\x89PNG\r\n\x1a\n", "x is a picture, not a table."),
        (b"%PDF-1.7", "x is a PDF document, not a table."),
        (b'{"a": 1}', "x is a JSON file, not a table."),
        (b"<!DOCTYPE html>", "x is a web page, not a table."),
        (b"id,a\n1,\x00\x01\x02", "x is not a text file."),
        (b"\xff\xfea", "x is not a text file."),
        (b"\x1f\x8b\x08broken", "x is a damaged or incomplete gzip file."),
        (b"id,a\n1,2\n3\n", "x has fewer cells than the header's 2 on line 3."),
        (b"id,a\n1,2\n3,4,5\n", "x has more cells than the header's 2 on line 3."),
        (b"id,a\n1,2,3,4,5,6,7\n", "x has more cells than the header's 2 on line 2."),
        (b"id,a,a\n1,2,3\n", "x has more than one column called 'a'."),
        (b"1,2\n3,4\n", "x has no header line with the names of its columns."),
        (b"q1,MDD\nq2,MDD\n", "x has no header line with the names of its columns."),
        (b'id,a\n1,"2\n3,4\n', "x opens a quotation mark that it never closes."),
        (b'id,a\n1,b"c,d"\n', "x cannot be divided into rows and cells."),
    ],
)
def test_unreadable_files_give_one_sentence(data, sentence):
    with pytest.raises(DataError) as caught:
        read_table(Upload("x", data))
    assert caught.value.sentence == sentence
    assert caught.value.hint
    assert caught.value.file == "x"


def test_decompression_bombs_stop_at_the_limit(monkeypatch):
    monkeypatch.setattr("pgsicbt.ingest.source.containers.MAX_BYTES", 10_000)
    bomb = gzip.compress(b"id,a\n" + b"1,2\n" * 1_000_000)
    with pytest.raises(DataError) as caught:
        read_table(Upload("x", bomb))
    assert caught.value.code == "too_large"


def test_twice_packed_and_too_many_columns():
    with pytest.raises(DataError, match="compressed twice"):
        read_table(Upload("x", gzip.compress(gzip.compress(b"id,a\n1,2\n"))))
    header = ",".join(f"c{i}" for i in range(20_001))
    with pytest.raises(DataError, match="more than 20,000 columns"):
        read_table(Upload("x", (header + "\n" + "1," * 20_000 + "1\n").encode()))


def test_paths_and_names(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"id,a\n1,2\n")
    assert as_upload(tmp_path / "a.csv") == Upload("a.csv", b"id,a\n1,2\n")
    assert as_upload(("b.csv", b"x")).name == "b.csv"
    pair = as_uploads([("a", b"1"), ("a", b"2")])
    assert [one.name for one in pair] == ["a", "a (2)"]
    for wrong in (tmp_path / "none.csv", tmp_path, "\x00"):
        with pytest.raises(DataError) as caught:
            as_upload(wrong)
        assert str(tmp_path.parent) not in str(caught.value)
    assert uploads.MAX_BYTES > 10**8


def test_columns_see_numbers_missing_and_text():
    table = read_table(
        text("x", "id,a,b,c", "01,1.0,NA,x", "02,1,nan,3", "03,\N{MINUS SIGN}2e-4,.,")
    )
    a, b, c = (table.column(name) for name in "abc")
    np.testing.assert_array_equal(a.numbers, [1, 1, -2e-4])
    assert a.numeric
    assert not a.whole
    assert b.empty
    assert c.text_rows.tolist() == [0]
    assert table.column("id").levels.tolist() == ["01", "02", "03"]
    person = np.zeros(3, dtype=np.int64)
    assert a.varies_within(person, 1).tolist() == [2]


@pytest.mark.parametrize("cell", ["1_000", "inf", "1e999", "0x1F", "True", "1,23.5", "１"])
def test_lookalikes_are_no_numbers(cell):
    table = read_table(Upload("x", f"id;a\nk1;{cell}\n".encode()))
    assert table.column("a").text_rows.tolist() == [0]


def test_decimal_commas():
    table = read_table(text("x", "id;a;b", "k1;0,5;1.5", "k2;3;2.5"))
    np.testing.assert_array_equal(table.column("a").numbers, [0.5, 3])
    assert table.column("a").decimal_comma
    assert not table.column("a").ambiguous_comma
    assert not table.column("b").decimal_comma
    doubtful = read_table(text("x", "id;a", "k1;1,234", "k2;3,456")).column("a")
    assert doubtful.ambiguous_comma


def test_a_list_of_identifiers_with_empty_columns_beside_it():
    with pytest.raises(DataError):
        read_table(Upload("x", b"\tk1\tk1\n\tk2\tk2\n\tk3\tk3\n"))
