"""Looking things up in a study."""

from __future__ import annotations

import pytest

from pgsicbt import SpecError
from tests.models.example import example_study


def test_names_are_found_whatever_their_case_and_punctuation() -> None:
    study = example_study()
    assert study.score("pgs-a").name == "PGS_A"
    assert study.covariate("PC1").role == "component"
    assert study.covariate_names("stratum") == ("diagnosis",)
    assert len(study.covariate_names()) == 4


@pytest.mark.parametrize("what", ["score", "outcome", "covariate"])
def test_an_unknown_name_is_refused_with_what_there_is(what: str) -> None:
    study = example_study()
    with pytest.raises(SpecError, match=f"no {what} called 'nothing'") as caught:
        getattr(study, what)("nothing")
    assert caught.value.code == f"unknown_{what}"
    assert "It has: " in caught.value.hint


def test_visits_of_an_outcome_come_without_the_others() -> None:
    study = example_study()
    visits = study.outcome_visits("Harmonised")
    assert list(visits.columns) == ["person", "time", "value"]
    assert len(visits) == len(study.visits)
