"""The registry: facts that agree with each other, and files that a site adds."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import pgsicbt.instruments.registry as registry
from pgsicbt.errors import DataError
from pgsicbt.ingest import Upload, read_study
from pgsicbt.instruments import Instrument, add_instruments, all_instruments, find_instrument
from pgsicbt.instruments.page import page
from pgsicbt.instruments.registry import VARIABLE, parse_instruments

ROOT = Path(__file__).parents[2]
OWN = """
[[instrument]]
id = "Mood-3"
name = "Our three questions"
measures = "mood"
range = [0, 9]
step = 1
higher_is_worse = true
aliases = ["mood3"]
source = "our clinic"
items = { count = 3, minimum = 0, maximum = 3 }
prorate = 1
"""
KNOWN = {
    "MADRS-S": (0, 54), "PHQ-9": (0, 27), "GAD-7": (0, 21), "PDSS-SR": (0, 28), "LSAS-SR": (0, 144),
    "BDI-II": (0, 63), "HADS-A": (0, 21), "HADS-D": (0, 21), "ISI": (0, 28), "WSAS": (0, 40),
    "Y-BOCS": (0, 40), "QIDS-SR16": (0, 27), "OCI-R": (0, 72), "SPIN": (0, 68),
    "DASS-21-D": (0, 42), "K10": (10, 50), "CORE-10": (0, 40), "CORE-OM": (0, 40),
    "PCL-5": (0, 80), "AUDIT": (0, 40),
}  # fmt: skip


@pytest.fixture
def fresh(monkeypatch):
    """The registry as it ships, whatever a test adds."""
    monkeypatch.setattr(registry, "_added", [])
    monkeypatch.delenv(VARIABLE, raising=False)

    def clear() -> None:
        for one in registry._caches:
            one()

    clear()
    yield clear
    registry._added.clear()
    monkeypatch.undo()
    clear()


@pytest.mark.parametrize(("name", "span"), KNOWN.items())
def test_ranges(name, span):
    found = find_instrument(name)
    assert found is not None
    assert (found.minimum, found.maximum) == span


@pytest.mark.parametrize(
    ("name", "total", "label"),
    [
        ("MADRS-S", 12, "none or minimal"), ("MADRS-S", 13, "mild"), ("MADRS-S", 20, "moderate"),
        ("MADRS-S", 35, "severe"), ("PHQ-9", 9, "mild"), ("PHQ-9", 10, "moderate"),
        ("PHQ-9", 27, "severe"), ("ISI", 14, "subthreshold"), ("LSAS-SR", 94, "severe"),
        ("WSAS", 20, "significant impairment"), ("WSAS", 21, "moderately severe or worse"),
        ("OCI-R", 27, "moderate"), ("K10", 30, "severe"), ("QIDS-SR16", 16, "severe"),
        ("DASS-21-D", 28, "extremely severe"), ("DASS-21-A", 8, "mild"),
        ("DASS-21-A", 10, "mild"), ("DASS-21-A", 12, "moderate"),
        ("DASS-21-S", 34, "extremely severe"), ("AUDIT", 8, "hazardous"),
    ],
)  # fmt: skip
def test_bands_begin_where_they_are_published(name, total, label):
    found = find_instrument(name)
    assert found is not None
    band = found.band(total)
    assert band is not None
    assert band.label == label


@pytest.mark.parametrize("one", all_instruments(), ids=lambda one: one.id)
def test_every_fact_has_a_source(one: Instrument):
    assert one.source
    for definition in one.definitions:
        assert definition.source
        assert definition.population.startswith(("self-report", "clinician", "this"))
    ends = [(band.low, band.high) for band in one.bands]
    for (_, high), (low, _) in itertools.pairwise(ends):
        assert low == pytest.approx(high + one.step)


def test_traps_seen_in_the_wild():
    case = [d for d in find_instrument("PHQ-9").definitions if d.kind == "case"]
    assert [(d.operator, d.value) for d in case] == [(">=", 10)]
    assert case[0].holds(10)
    assert not case[0].holds(9)
    assert find_instrument("MADRS").id == "MADRS-S"
    assert find_instrument("MADRS-clinician").maximum == 60
    assert find_instrument("K10").minimum == 10
    assert not find_instrument("WHO-5").higher_is_worse
    assert find_instrument("eq5d") is None


def test_the_page_is_made_from_the_registry(fresh):
    assert (ROOT / "docs" / "instruments.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("way", ["function", "environment"])
def test_a_site_adds_its_own(fresh, monkeypatch, tmp_path, way):
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    if way == "function":
        assert [one.id for one in add_instruments(path)] == ["Mood-3"]
    else:
        monkeypatch.setenv(VARIABLE, str(path))
        fresh()
    rows = "".join(f"k{i},{w},{(i + w) % 4},1,2\n" for i in range(9) for w in range(3))
    study = read_study(Upload("o.csv", f"id,week,mood3_1,mood3_2,mood3_3\n{rows}".encode()))
    assert study.outcome("Mood-3").maximum == 9
    assert study.outcome("harmonised").n_observations == 27


def test_undoubled_answers_are_doubled():
    rows = "".join(f"k{i},{w},1,2,0,3,1,1,2\n" for i in range(9) for w in range(3))
    names = ",".join(f"dass21_d_{i}" for i in range(1, 8))
    study = read_study(Upload("o.csv", f"id,week,{names}\n{rows}".encode()))
    assert set(study.outcome_visits("DASS-21-D")["value"]) == {20.0}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("maximum = 3 }", "maximum = 2 }"), "add up to 0 to 6"),
        (('name = "Our', 'nome = "Our'), "lacks 'name'"),
        (('aliases = ["mood3"]', 'aliases = ["phq9"]'), "shares the name 'phq9' with PHQ-9"),
        (("[0, 9]", "[9, 0]"), "empty range"),
        (("prorate = 1", "prorate = 3"), "more than half"),
        (("[[instrument]]", "[[instrument"), "not valid TOML"),
        (('source = "our clinic"', 'source = ""'), "lacks a source"),
        (("step = 1", 'step = 1\nbands = { from = [1, 5], labels = ["a", "b"], source = "x" }'),
         "do not reach"),
    ],
)  # fmt: skip
def test_mistakes_in_a_file_are_named(fresh, tmp_path, change, words):
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace(*change), encoding="utf-8")
    with pytest.raises(DataError, match=words):
        add_instruments(path)
    assert find_instrument("Mood-3") is None
    with pytest.raises(DataError, match="no readable file"):
        add_instruments(tmp_path / "none.toml")


def test_the_example_of_the_documentation_is_read(fresh):
    text = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    (added,) = add_instruments(text.split("```toml\n")[1].split("```")[0])
    assert find_instrument("mood3total") == added
    assert added.band(5).label == "moderate"
    remission = next(d for d in added.definitions if d.kind == "remission")
    assert remission.words == "3 points or less"


def test_an_entry_of_the_same_name_replaces_that_of_the_program(fresh):
    text = OWN.replace("Mood-3", "PHQ-9").replace("mood3", "phq9")
    assert parse_instruments(text, "x")[0].maximum == 9
    add_instruments(text)
    assert find_instrument("phq9").maximum == 9
