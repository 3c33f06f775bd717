"""What was looked at, and what was declared before."""

from __future__ import annotations

import json

import pytest

from pgsicbt.errors import SpecError
from pgsicbt.ledger import (
    COLUMNS,
    Ledger,
    declaration_text,
    fingerprint,
    read_declaration,
)
from pgsicbt.spec import AnalysisSpec

ONE = AnalysisSpec(outcome="PHQ-9", scores=("A", "B"))
OTHER = ONE.replace(covariates=("age",))


def test_what_is_declared_before_it_is_seen_is_confirmatory_and_the_rest_exploratory():
    ledger = Ledger().declare(ONE, "d").look(ONE, "d").look(OTHER, "d")
    assert [e.purpose for e in ledger.entries] == ["confirmatory", "exploratory"]
    assert [e.number for e in ledger.entries] == [1, 2]


def test_what_was_seen_can_no_longer_be_declared():
    ledger = Ledger().look(ONE, "d")
    with pytest.raises(SpecError, match="looked at already"):
        ledger.declare(ONE, "d")
    assert ledger.declare(ONE, "new data").look(ONE, "new data").entries[1].declared_at


def test_a_declaration_after_others_were_seen_says_how_many():
    ledger = Ledger().look(ONE, "d").look(ONE, "e").declare(OTHER, "d").look(OTHER, "d")
    entry = ledger.entry(OTHER, "d")
    assert entry is not None
    assert (entry.purpose, entry.seen_before) == ("confirmatory", 1)


def test_a_declaration_holds_for_its_data_and_its_spec_only():
    ledger = Ledger().declare(ONE, "d").look(ONE, "e").look(ONE.replace(seed=2), "d")
    assert {e.purpose for e in ledger.entries} == {"exploratory"}


def test_looking_twice_is_one_entry_and_declaring_twice_one_declaration():
    ledger = Ledger().declare(ONE, "d", at="2026-01-01T00:00:00+00:00").declare(ONE, "d")
    assert len(ledger.declared) == 1
    assert len(ledger.look(ONE, "d").look(ONE, "d").entries) == 1


def test_the_table_has_one_row_per_entry_and_no_result():
    table = Ledger().declare(ONE, "d" * 64).look(ONE, "d" * 64).look(OTHER, "d" * 64).table()
    assert tuple(table.columns) == COLUMNS
    assert table["purpose"].tolist() == ["confirmatory", "exploratory"]
    assert table["models"].tolist() == [6, 6]
    assert table["fingerprint"].nunique() == 2
    assert Ledger().table().empty


def test_a_declaration_survives_a_file_and_is_valid_for_data_that_come_later():
    text = declaration_text(ONE, "2026-01-01T00:00:00+00:00")
    ledger = Ledger(declared=(read_declaration(text),)).look(ONE, "whatever")
    assert ledger.entries[0].purpose == "confirmatory"
    assert ledger.entries[0].declared_at == "2026-01-01T00:00:00+00:00"


def test_a_declaration_that_was_changed_is_refused():
    body = json.loads(declaration_text(ONE))
    body["spec"]["covariates"] = ["age"]
    with pytest.raises(SpecError, match=r"plan\.json was changed"):
        read_declaration(json.dumps(body), file="plan.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"spec": {}, "fingerprint": "", "x": 1}'])
def test_anything_else_is_refused_as_no_declaration(text):
    with pytest.raises(SpecError, match="no declaration"):
        read_declaration(text)


def test_fingerprints_tell_specs_apart():
    assert fingerprint(ONE) == fingerprint(AnalysisSpec(outcome="PHQ-9", scores=("A", "B")))
    assert fingerprint(ONE) != fingerprint(OTHER)


def test_the_ledger_as_json_holds_every_spec_whole():
    body = json.loads(Ledger().declare(ONE, "d").look(ONE, "d").to_json())
    assert body["entries"][0]["spec"]["scores"] == ["A", "B"]
    assert body["entries"][0]["purpose"] == "confirmatory"


def test_a_challenge_of_a_seen_analysis_is_an_entry_of_its_own_and_counts_its_models():
    ledger = Ledger().look(ONE, "d").look(ONE, "d", "specification curve", models=4000)
    assert ledger.table()["models"].tolist() == [6, 4000]
    assert ledger.look(ONE, "d", "specification curve", models=4000) == ledger


def test_a_challenge_of_a_declared_analysis_was_not_declared() -> None:
    ledger = Ledger().declare(ONE, "d").look(ONE, "d").look(ONE, "d", "specification curve")
    assert [e.purpose for e in ledger.entries] == ["confirmatory", "exploratory"]


def test_a_declaration_from_a_file_says_what_this_sitting_saw_first() -> None:
    declared = read_declaration(declaration_text(ONE))
    ledger = Ledger(declared=(declared,)).look(OTHER, "d").look(ONE, "d")
    assert [e.seen_before for e in ledger.entries] == [0, 1]


@pytest.mark.parametrize("first", ["analysis", "plan, a step", "specification curve"])
@pytest.mark.parametrize("then", ["analysis", "plan, a step", "plan, another step"])
def test_no_declaration_counts_for_what_was_seen_before_it_was_loaded(first, then) -> None:
    declared = read_declaration(declaration_text(ONE))
    ledger = Ledger().look(ONE, "d", first).take(declared).look(ONE, "d", then)
    assert {e.purpose for e in ledger.entries} == {"exploratory"}
    assert ledger.declaration(ONE, "d") is None
    # On other data, and for another analysis, it counts as before.
    assert ledger.look(ONE, "e", then).entries[-1].purpose == "confirmatory"
    with pytest.raises(SpecError, match="looked at already"):
        ledger.declare(ONE, "d")


def test_a_declaration_loaded_before_its_first_look_counts_wherever_that_was() -> None:
    declared = read_declaration(declaration_text(ONE))
    ledger = Ledger().look(OTHER, "d").take(declared).take(declared)
    assert len(ledger.declared) == 1
    ledger = ledger.look(ONE, "d", "drop-out by score").look(ONE, "d").look(ONE, "d", "plan, x")
    assert [e.purpose for e in ledger.entries[1:]] == [
        "exploratory", "confirmatory", "confirmatory"
    ]  # fmt: skip
