"""Groups that are large enough to be shown, and everybody in one of them."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt.cohort.groups import default_groups, group_people, groupings, score_thirds
from pgsicbt.errors import SpecError
from tests.cohort.example import make_cohort


def _diagnosis(*sizes: tuple[str | None, int]) -> np.ndarray:
    return np.array([name for name, n in sizes for _ in range(n)], dtype=object)


def test_groups_follow_the_levels() -> None:
    study = make_cohort()
    assert default_groups(study) == "diagnosis"
    assert groupings(study) == ("diagnosis", "batch", "sex")
    found = group_people(study, "diagnosis")
    assert found.labels == ("depression", "panic", "social")
    assert found.sizes.tolist() == [
        int((study.persons["diagnosis"] == g).sum()) for g in found.labels
    ]


@pytest.mark.parametrize(
    ("sizes", "labels", "people"),
    [
        ((("a", 50), ("b", 40), ("c", 5), ("d", 5)), ("a", "b", "other"), [50, 40, 10]),
        ((("a", 50), ("b", 40), ("c", 10)), ("a", "b", "c"), [50, 40, 10]),
        ((("a", 50), ("b", 40), (None, 10)), ("a", "b", "not known"), [50, 40, 10]),
        ((("a", 55), ("b", 40), (None, 2), ("c", 3)), ("a", "b, other or not known"), [55, 45]),
        ((("a", 97), ("b", 3)), (), [100]),
    ],
)
def test_small_groups_are_put_together(
    sizes: tuple[tuple[str | None, int], ...], labels: tuple[str, ...], people: list[int]
) -> None:
    study = make_cohort(100, diagnosis=_diagnosis(*sizes))
    found = group_people(study, "diagnosis")
    assert found.labels == labels
    assert found.sizes.tolist() == people


def test_many_levels_are_eight_groups_at_most() -> None:
    names = np.repeat([f"g{i}" for i in range(12)], 25)
    found = group_people(make_cohort(300, diagnosis=names), "diagnosis")
    assert len(found.labels) == 8
    assert found.labels[-1] == "other"
    assert found.sizes.sum() == 300


def test_an_unknown_covariate_is_refused_with_what_there_is() -> None:
    with pytest.raises(SpecError, match="no covariate called 'clinic'"):
        group_people(make_cohort(), "clinic")


def test_thirds_are_even_and_leave_out_missing_scores() -> None:
    study = make_cohort(90)
    study.persons.loc[study.persons.index[:30], "EDU"] = np.nan
    thirds = score_thirds(study, "EDU")
    assert np.bincount(thirds + 1).tolist() == [30, 20, 20, 20]
    high = study.persons["EDU"][thirds == 2].min()
    assert high >= study.persons["EDU"][thirds == 1].max()
