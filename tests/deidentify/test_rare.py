"""Combinations of facts that few people share."""

from __future__ import annotations

import pandas as pd

from pgsicbt.deidentify import rare_combinations
from pgsicbt.study import CovariateInfo


def test_rare_combinations_are_counted_and_advice_is_given():
    persons = pd.DataFrame(
        {"sex": ["f", "m"] * 50, "age": [float(20 + i % 50) for i in range(100)]}
    )
    infos = [CovariateInfo("sex", "sex", "categorical"), CovariateInfo("age", "age", "numeric")]
    (found,) = rare_combinations(persons, infos)
    assert "100 of 100" in found.message
    assert "without age it would be nobody" in found.message
    assert rare_combinations(persons, infos[:1]) == ()
