"""Studies made from a study."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt.derived import covariate_as_score, tagged, with_scores, with_visits
from pgsicbt.errors import SpecError
from tests.models.example import example_study

STUDY = example_study(n=60)


def test_further_scores_stand_beside_the_study_s_own_and_change_the_digest():
    values = np.arange(60.0)
    made = with_scores(STUDY, {"new": values}, "made up")
    assert made.score_names == (*STUDY.score_names, "new")
    assert made.persons["new"].tolist() == values.tolist()
    assert made.score("new").mean == pytest.approx(29.5)
    assert made.digest == tagged(STUDY, "made up") != STUDY.digest
    assert "new" not in STUDY.persons


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(SpecError, match="already"):
        with_scores(STUDY, {STUDY.score_names[0]: np.zeros(60)}, "again")


def test_other_visits_leave_the_people():
    fewer = with_visits(STUDY, STUDY.visits.iloc[:10], "ten visits")
    assert len(fewer.visits) == 10
    assert fewer.persons is STUDY.persons
    assert fewer.digest != STUDY.digest


def test_levels_of_a_covariate_become_a_trend_in_their_order_and_a_number_stays():
    for info in STUDY.covariates:
        made, name = covariate_as_score(STUDY, info.name)
        assert made.score(name).label == info.label
        got = made.persons[name].to_numpy()
        if info.kind == "numeric":
            assert np.array_equal(got, STUDY.persons[info.name].to_numpy(float), equal_nan=True)
        else:
            assert set(got[np.isfinite(got)]) <= set(range(len(info.levels)))
            first = (STUDY.persons[info.name] == info.levels[0]).to_numpy()
            assert (got[first] == 0).all()
