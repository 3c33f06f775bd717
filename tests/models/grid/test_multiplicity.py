"""Adjusted p values against statsmodels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from pgsicbt.models import fit
from pgsicbt.models.grid.corrected import Together, with_families
from pgsicbt.models.grid.multiplicity import adjust
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import CovariateInfo
from pgsicbt.words.summaries import correction_note
from tests.models.example import example_study


@pytest.mark.parametrize(
    ("ours", "theirs"), [("holm", "holm"), ("bonferroni", "bonferroni"), ("bh", "fdr_bh")]
)
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_equals_statsmodels(ours, theirs, p) -> None:
    np.testing.assert_allclose(
        adjust(np.array(p), ours), multipletests(p, method=theirs)[1], atol=1e-12
    )


def test_missing_p_values_are_not_counted() -> None:
    got = adjust(np.array([0.01, np.nan, 0.04]), "bonferroni")
    np.testing.assert_allclose(got, [0.02, np.nan, 0.08])


@pytest.mark.parametrize("multiplicity", ["holm", "bh", "li-ji", "max-t", "none"])
def test_a_model_that_did_not_converge_is_in_no_family(multiplicity) -> None:
    """Tables correct over as many scores as sentences name."""
    spec = AnalysisSpec(
        scores=("PGS_A", "PGS_B", "PGS_C"), adjustments=("crude",), multiplicity=multiplicity,
        permutations=50,
    )  # fmt: skip
    result = fit(example_study(n=80), spec)
    lost = (result.table["score"] == "PGS_B").to_numpy()
    table = result.table.assign(status=np.where(lost, "failed", result.table["status"]))
    assert np.isfinite(table.loc[lost, "p_value"]).any()
    names = [c for c in table.columns if c.startswith("p_") and c != "p_value"]
    several = Together(
        np.eye(3), {("PGS_B", "crude", "main"): 0.5, ("PGS_A", "crude", "main"): 0.5}
    )
    found = with_families(table.drop(columns=[*names, "family"]), spec, several)
    assert found.loc[lost, names].isna().all(axis=None)
    for role in ("main", "interaction"):
        rows = found[(found["role"] == role) & ~lost]
        two = adjust(rows["p_value"].to_numpy(), "holm")
        np.testing.assert_allclose(rows["p_holm"], two)
    told = replace(result, table=found)
    if multiplicity == "holm":
        assert "over 2 scores" in correction_note(told, "PGS_A", "crude", "main")
        assert correction_note(told, "PGS_B", "crude", "main") == ""


def test_shuffles_never_give_less_than_the_p_value_itself() -> None:
    spec = AnalysisSpec(scores=("PGS_A", "PGS_B"), adjustments=("crude",))
    table = fit(example_study(n=80), spec).table
    p = table.loc[(table["score"] == "PGS_B") & (table["role"] == "main"), "p_value"].iloc[0]
    for shuffled, told in ((p / 2, p), ((1 + p) / 2, (1 + p) / 2)):
        several = Together(np.eye(2), {("PGS_B", "crude", "main"): shuffled})
        found = with_families(table.drop(columns="family"), spec, several)
        rows = found[(found["score"] == "PGS_B") & (found["role"] == "main")]
        assert rows["p_max_t"].iloc[0] == told


@pytest.mark.parametrize(
    ("multiplicity", "reference"),
    [("holm", "holm"), ("bh", "fdr_bh"), ("li-ji", "holm"), ("none", None)],
)
def test_interactions_are_a_family_of_their_own(multiplicity: Any, reference: str | None) -> None:
    """One test each, those of several columns jointly; a name that another begins with is apart."""
    study = example_study(n=200)
    older = pd.cut(study.persons["age"], [0, 30, 50, 99], labels=["young", "middle", "old"])
    persons = study.persons.assign(age_group=older.astype(str))
    info = CovariateInfo("age_group", "age group", "categorical", "covariate",
                         ("young", "middle", "old"))  # fmt: skip
    study = replace(study, persons=persons, covariates=(*study.covariates, info), digest="groups")
    pairs = (("PGS_A", "age"), ("PGS_A", "age_group"), ("PGS_B", "PGS_A"))
    spec = AnalysisSpec(
        scores=("PGS_A", "PGS_B"), covariates=("sex",), interactions=pairs,
        adjustments=("crude", "adjusted"),
        multiplicity=multiplicity,
    )  # fmt: skip
    table = fit(study, spec).table
    for adjustment in spec.adjustments:
        mine = table[table["model"] == adjustment].set_index("term")
        terms = ["time:PGS_A:age", "any change:PGS_A:age_group", "time:PGS_B:PGS_A"]
        rows = [
            mine[mine["score"] == score].loc[term]
            for term, (score, _) in zip(terms, pairs, strict=True)
        ]
        p, shown = (np.array([row[c] for row in rows]) for c in ("p_value", "p_adjusted"))
        want = p if reference is None else multipletests(p, method=reference)[1]
        assert shown == pytest.approx(want)
        others = mine[mine["role"].isin(["moderation_change", "moderation"])]
        others = others[~others.index.isin(terms)]
        assert others["p_adjusted"].isna().all() and len(others)
        both = mine[mine["role"] == "main"]
        assert both["p_adjusted"].notna().all()
