"""Provenance of scores: read from a small table, completed by what the files say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pgsicbt.errors import DataError
from pgsicbt.provenance import Provenance, concerns, provenance_of, read_provenance
from pgsicbt.study import ScoreInfo
from pgsicbt.words.provenance import TABLE_HEADER, card, card_notes, table_rows
from tests.models.example import example_study

STUDY = example_study(n=40)
TABLE = (
    "Score;PGS ID;Discovery GWAS;N;Ancestry;Overlap;Method\n"
    "PGS-A;PGS000327;Somebody 2020;350,000;European;no;PRS-CS\n"
    "pgs_b;;Another 2021;;;Yes;\n"
    "other;;;;;;\n"
)


def test_a_table_is_read_by_its_header_in_any_spelling() -> None:
    found = read_provenance(TABLE, STUDY)
    assert set(found) == {"PGS_A", "PGS_B"}
    assert found["PGS_A"] == Provenance(
        "PGS_A", "PGS000327", "Somebody 2020", "350,000", "", "", "European", "no", "PRS-CS"
    )
    assert found["PGS_B"].overlap == "yes"


def test_what_the_files_say_completes_it() -> None:
    info = ScoreInfo("PGS_A", "PGS_A", "s.txt", "PGS000327_hmPOS_GRCh38", "Z_norm2", n_persons=40)
    study = replace(STUDY, scores=(info,))
    told = provenance_of(study, "PGS_A", {})
    assert (told.pgs_id, told.normalisation) == ("PGS000327", "Z_norm2")


def test_the_card_names_what_is_not_stated() -> None:
    rows = {r[0]: r[1] for r in card(STUDY, "PGS_C", {})}
    assert rows["Discovery GWAS"] == "not stated"
    assert len(card_notes(STUDY, "PGS_C", {})) == 2
    stated = read_provenance(TABLE, STUDY)
    assert card_notes(STUDY, "PGS_A", stated) == []
    assert "were in the discovery sample" in card_notes(STUDY, "PGS_B", stated)[0]


def test_overlap_is_a_concern_and_its_absence_is_not() -> None:
    assert concerns(Provenance("x", ancestry="EUR", overlap="no")) == []
    assert "exaggerates" in concerns(Provenance("x", ancestry="EUR", overlap="yes"))[0]


def test_the_table_of_the_paper_has_a_row_per_score() -> None:
    rows = table_rows(STUDY, STUDY.score_names, read_provenance(TABLE, STUDY))
    assert [len(r) for r in rows] == [len(TABLE_HEADER)] * 3
    cases = {"PGS_A": Provenance("PGS_A", cases="10,000", controls="20,000")}
    assert table_rows(STUDY, ("PGS_A",), cases)[0][3] == "10,000 cases, 20,000 controls"


@pytest.mark.parametrize(
    ("text", "match"),
    [("", "no column"), ("a,b\n1,2\n", "no column"), ("score,n\nother,1\n", "no score of this")],
)
def test_a_table_of_no_use_is_refused_in_words(text: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        read_provenance(text, STUDY, file="p.csv")
