"""What the gate refuses, leaves out and lets pass; that it never repeats what it found."""

from __future__ import annotations

import logging
import string
import uuid
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from stdnum import luhn

from pgsicbt.deidentify import Examination, Text, examine
from pgsicbt.ingest.source.columns import Column

Rng = np.random.Generator


class Table:
    """A table as the gate sees it."""

    def __init__(self, **columns: list[str]) -> None:
        self.name = "x.csv"
        self.columns = tuple(columns)
        self.cells = {n: Column.read(n, pd.Series(v, dtype="str")) for n, v in columns.items()}
        self.lines = np.arange(2, 2 + len(next(iter(columns.values()))))

    def column(self, name: str) -> Column:
        return self.cells[name]


def look(column: list[str], name: str = "c", **answers: str) -> Examination:
    table = Table(**{name: [str(one) for one in column]})
    return examine("x.csv", [table], [], {("x.csv", n): a for n, a in answers.items()})


def _date(rng: Rng, order: str) -> str:
    parts = {
        "Y": f"{rng.integers(1940, 2004)}",
        "y": f"{rng.integers(40, 100):02d}",
        "m": f"{rng.integers(1, 13):02d}",
        "d": f"{rng.integers(1, 29):02d}",
    }
    return "".join(parts[one] for one in order)


def personnummer(rng: Rng, shift: int = 0, century: bool = False, sign: str = "-") -> str:
    date = _date(rng, "ymd")
    date = date[:4] + f"{int(date[4:]) + shift:02d}"
    serial = f"{rng.integers(0, 1000):03d}"
    return ("19" if century else "") + date + sign + serial + luhn.calc_check_digit(date + serial)


def _searched(rng: Rng, draw: Callable[[Rng], str], valid: Callable[[str], bool]) -> str:
    """A valid number found by trying: the generator knows nothing of the check digits."""
    while not valid(number := draw(rng)):
        pass
    return number


def _digits(rng: Rng, n: int) -> str:
    return "".join(rng.choice(list(string.digits), n))


def norwegian(rng: Rng) -> str:
    from stdnum.no import fodselsnummer as f

    def draw(rng: Rng) -> str:
        head = _date(rng, "dmy") + f"{rng.integers(0, 500):03d}"
        try:
            first = f.calc_check_digit1(head)
            return head + first + f.calc_check_digit2(head + first)
        except ValueError:
            return ""

    return _searched(rng, draw, f.is_valid)


def danish(rng: Rng) -> str:
    from stdnum.dk import cpr

    return _searched(
        rng,
        lambda r: _date(r, "dmy") + f"{r.integers(0, 4000):04d}",
        lambda n: cpr.checksum(n) == 0,
    )


def finnish(rng: Rng) -> str:
    from stdnum.fi import hetu

    body = _date(rng, "dmy")
    serial = f"{rng.integers(2, 900):03d}"
    return _searched(
        rng, lambda r: f"{body}-{serial}{r.choice(list('0123456789ABCDEFHJKLMNPRSTUVWXY'))}",
        hetu.is_valid,
    )  # fmt: skip


def nhs(rng: Rng) -> str:
    from stdnum.gb import nhs as n

    return _searched(rng, lambda r: _digits(r, 10), n.is_valid)


def bsn(rng: Rng) -> str:
    from stdnum.nl import bsn as n

    return _searched(rng, lambda r: _digits(r, 9), n.is_valid)


def ssn(rng: Rng) -> str:
    return f"{rng.integers(1, 660):03d}-{rng.integers(1, 100):02d}-{rng.integers(1, 10_000):04d}"


def plain(number: str) -> str:
    return number.replace("-", "").replace("+", "")


NUMBERS: dict[str, Callable[[Rng], str]] = {
    "personnummer": personnummer,
    "with century": lambda r: personnummer(r, century=True),
    "samordningsnummer": lambda r: personnummer(r, shift=60),
    "plus": lambda r: personnummer(r, sign="+"),
    "ten digits": lambda r: plain(personnummer(r)),
    "twelve digits": lambda r: plain(personnummer(r, century=True)),
    "Norway": norwegian,
    "Norway, spaced": lambda r: (n := norwegian(r))[:6] + " " + n[6:],
    "Denmark": danish,
    "Denmark, hyphen": lambda r: (n := danish(r))[:6] + "-" + n[6:],
    "Finland": finnish,
    "NHS": nhs,
    "NHS, spaced": lambda r: " ".join(((n := nhs(r))[:3], n[3:6], n[6:])),
    "Netherlands": bsn,
    "USA": ssn,
}


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("n", [12, 150])
def test_a_column_of_identity_numbers_is_refused(kind, n):
    rng = np.random.default_rng(n)
    found = look([NUMBERS[kind](rng) for _ in range(n)], "pat")
    assert found.refusal is not None
    assert found.refusal.code in ("identifier", "identifier_unsure")
    assert "x.csv" in str(found.refusal)
    assert "'pat'" in str(found.refusal)


WRITTEN = ["personnummer", "with century", "samordningsnummer", "plus", "Finland", "USA",
           "Norway, spaced", "NHS, spaced"]  # fmt: skip


@pytest.mark.parametrize("kind", WRITTEN)
def test_one_within_text_is_enough(kind):
    number = NUMBERS[kind](np.random.default_rng(3))
    cells = ["", "came late", "no answer on the telephone", f"see journal {number}, twice", "ok"]
    found = look(cells, "note")
    assert found.refusal is not None
    assert "line 5" in str(found.refusal)
    assert number not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "anna.berg@example.org", "ring +46 70 174 06 05", "070-174 06 05 efter fem",
        "call (212) 555-2368 please", "Storgatan 12", "12 Acacia Avenue", "192.168.10.14",
        "fe80:0000:0000:0000:0202:b3ff:fe1e:8329", "spoke with Anna Andersson today",
    ],
)  # fmt: skip
def test_contacts_and_full_names_are_refused_wherever_they_stand(text):
    in_cell = look(["fine", "good", text], "note").refusal
    assert in_cell is not None
    assert "line 4" in str(in_cell)
    for where in ("a comment", "the name of a sheet", "a value label of column 'sex'"):
        refusal = examine("x.xlsx", [], [Text(where, text)], {}).refusal
        assert refusal is not None
        assert where in str(refusal)
        assert text not in str(refusal)


def test_names_of_files_and_columns():
    number = personnummer(np.random.default_rng(5))
    refusal = examine(f"export_{number}.csv", [], [], {}).refusal
    assert refusal is not None
    assert number not in str(refusal) + repr(refusal) + refusal.file
    named = examine("x.csv", [Table(**{"id": ["1"], "mail to eva@example.org": ["2"]})], [], {})
    assert named.refusal is not None
    assert "column number 2" in str(named.refusal)
    assert "eva" not in str(named.refusal)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("birth_date", ["1980-01-31", "1975-06-02"]),
        ("Födelsedatum", ["31.01.1980", "02.06.1975"]),
        ("DOB", ["01/31/1980", "06/02/1975"]),
        ("geburtsdatum", ["19800131", "19750602"]),
        ("efternamn", ["Xyzzy", "Plugh"]),
        ("Patient name", ["Xyzzy P", "Plugh Q"]),
        ("mobil", ["0701740605", "0701740606"]),
        ("address", ["Up the hill", "Down the lane"]),
    ],
)
def test_columns_called_after_what_they_hold(name, cells):
    assert look(cells, name).refusal is not None
    assert look(cells, name, **{name: "strip"}).refusal is None


def test_births_under_another_name_and_names_in_a_plain_column_can_be_overruled():
    rng = np.random.default_rng(8)
    births = [f"{rng.integers(1945, 2000)}-{rng.integers(1, 13):02d}-05" for _ in range(40)]
    first = ["Anna", "Erik", "Karin", "Lars", "Malin", "Johan", "Elin", "Nils"]
    for column in (births, first * 3, [nhs(rng) for _ in range(30)]):
        assert look(column).refusal.code == "identifier_unsure"
        kept = look(column, c="keep")
        assert kept.refusal is None
        assert [f.code for f in kept.findings] == ["kept"]
    certain = [personnummer(rng) for _ in range(10)]
    assert look(certain, c="keep").refusal is not None


def test_free_text_and_postal_codes_are_left_out_and_dates_pointed_out():
    rng = np.random.default_rng(9)
    words = ["slept", "badly", "went", "to", "work", "then", "home", "again", "early", "tired"]
    text = [" ".join(rng.choice(words, 12)) for _ in range(30)]
    found = look(text, "diary")
    assert found.strip == {("x.csv", "diary")}
    assert found.refusal is None
    assert look(["114 55", "753 10"], "postnummer").strip
    visits = look([f"2021-03-{d:02d}" for d in range(1, 29)], "visit_date")
    assert [f.code for f in visits.findings] == ["dates"]
    assert not visits.strip


GENES = ["BRCA1", "MTHFR", "SEPT7", "MARCH1", "COMT", "BDNF", "SLC6A4", "FKBP5", "HLA-DRB1"]
HARMLESS: dict[str, Callable[[Rng], str]] = {
    "icd": lambda r: f"F{r.integers(0, 100):02d}.{r.integers(0, 10)}",
    "icd-11": lambda r: f"6A{r.integers(0, 10)}{r.integers(0, 10)}.Z",
    "dsm": lambda r: f"{r.integers(290, 320)}.{r.integers(0, 100):02d}",
    "gene": lambda r: str(r.choice(GENES)),
    "pgs": lambda r: f"PGS{r.integers(1, 6000):06d}",
    "rsid": lambda r: f"rs{r.integers(10, 10**9)}",
    "position": lambda r: f"{r.integers(1, 23)}:{r.integers(1, 2 * 10**8)}:A:G",
    "chr pos": lambda r: f"chr{r.integers(1, 23)}:{r.integers(1, 2 * 10**8)}",
    "beadchip": lambda r: f"20{_digits(r, 10)}_R{r.integers(1, 13):02d}C{r.integers(1, 3):02d}",
    "barcode 8": lambda r: _digits(r, 8),
    "barcode 9": lambda r: _digits(r, 9),
    "barcode 10": lambda r: _digits(r, 10),
    "barcode 11": lambda r: _digits(r, 11),
    "barcode 12": lambda r: _digits(r, 12),
    "barcode 13": lambda r: _digits(r, 13),
    "barcode 15": lambda r: _digits(r, 15),
    "date and number": lambda r: (
        f"{r.integers(8, 20):02d}{r.integers(1, 13):02d}"
        f"{r.integers(1, 29):02d}-{r.integers(1, 400):04d}"
    ),
    "hyphenated": lambda r: f"{_digits(r, 6)}-{_digits(r, 4)}",
    "3-3-4": lambda r: f"{_digits(r, 3)}-{_digits(r, 3)}-{_digits(r, 4)}",
    "well": lambda r: f"{r.choice(list('ABCDEFGH'))}{r.integers(1, 13):02d}",
    "plate": lambda r: f"GSA-{r.integers(1, 40):03d}-{r.choice(list('ABCDEFGH'))}07",
    "day": lambda r: str(r.integers(-30, 400)),
    "site": lambda r: str(r.choice(["STO1", "UPP2", "GBG-03", "MMX"])),
    "redcap": lambda r: f"{r.integers(1, 2000)}-{r.integers(1, 99)}",
    "ukb": lambda r: str(r.integers(10**6, 6 * 10**6)),
    "ega": lambda r: f"EGAN{_digits(r, 11)}",
    "uuid": lambda r: str(uuid.UUID(bytes=r.bytes(16))),
    "hash": lambda r: r.bytes(16).hex(),
    "letters": lambda r: f"{''.join(r.choice(list('ABCD'), 2))}{_digits(r, 6)}A",
    "time": lambda r: f"{r.integers(0, 24):02d}:{r.integers(0, 60):02d}",
    "version": lambda r: f"v{r.integers(1, 4)}.{r.integers(0, 10)}.{r.integers(0, 9)}",
    "atc": lambda r: f"N0{r.integers(5, 7)}AB{r.integers(1, 11):02d}",
    "drug": lambda r: str(r.choice(["sertraline", "escitalopram", "venlafaxine", "none"])),
    "occupation": lambda r: str(r.choice(["nurse", "teacher", "driver", "Smith", "cook"])),
    "country": lambda r: str(r.choice(["Sweden", "Norway", "Chad", "Jordan", "Georgia"])),
    "city": lambda r: str(r.choice(["Stockholm", "Lund", "Florence", "Sofia", "Victoria"])),
    "diagnosis": lambda r: str(r.choice(["Asperger", "Tourette", "Social anxiety disorder"])),
    "therapist": lambda r: f"T{r.integers(1, 30):02d}",
    "epoch": lambda r: str(r.integers(15 * 10**8, 17 * 10**8)),
    "epoch ms": lambda r: str(r.integers(15 * 10**11, 17 * 10**11)),
    "large": lambda r: f"{r.normal(10**9, 10**8):.3f}",
    "score": lambda r: f"{r.normal():.8e}",
    "week": lambda r: f"2021-W{r.integers(1, 53):02d}",
    "year": lambda r: str(r.integers(1940, 2004)),
    "interval": lambda r: f"{r.integers(0, 40)}-{r.integers(41, 80)}",
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_nothing_harmless_is_refused_or_left_out(kind):
    for seed in range(25):
        rng = np.random.default_rng([seed, len(kind)])
        n = int(rng.choice([3, 8, 25, 60, 300]))
        found = look([HARMLESS[kind](rng) for _ in range(n)])
        assert found.refusal is None, (seed, n)
        assert not found.strip


def test_running_numbers_are_no_identity_numbers():
    for first in (10**8, 10**9, 7 * 10**9, 10**10, 19_900_101_0000):
        assert look([str(first + i) for i in range(2000)]).refusal is None


def test_no_value_in_messages_chains_or_logs(caplog):
    rng = np.random.default_rng(21)
    with caplog.at_level(logging.DEBUG):
        for draw in NUMBERS.values():
            numbers = [draw(rng) for _ in range(20)]
            found = look(numbers)
            assert found.refusal is not None
            said = repr(found) + str(found.refusal) + repr(found.refusal.args) + caplog.text
            assert not any(number in said for number in numbers)
            assert found.refusal.__cause__ is None
            assert found.refusal.__context__ is None
