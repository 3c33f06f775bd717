"""What simulations/long_families.py rests on, and that its script runs."""

from __future__ import annotations

import pytest

from simulations import long_families


def test_the_script_runs_and_sums_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_families, "MODELS", {"gee": list(long_families.MODELS.values())[-1]})
    one = long_families.one_cohort(5, 60)
    assert set(one) == {"gee", *long_families.SHIFTED}
    table = long_families.summarise([one, one])
    assert set(table["test"]) == {"main", "interaction", "joint"}
    about = {"date": "d", "cohorts": 2, "people": 60, "first_seed": 5, "seconds_per_cohort": 0.1}
    assert "| gee |" in long_families.markdown(table, about)
