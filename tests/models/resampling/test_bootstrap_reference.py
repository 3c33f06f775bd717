"""Replicates of the bootstrap against lme4 fitting the same stored resamples."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.resampling.reweighting import reweighted
from tests.models.resampling.test_reweighting import NAMES, products, read

CASES = json.loads(
    (Path(__file__).parents[1] / "reference" / "bootstrap.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", ["balanced", "dropout", "small"])
@pytest.mark.parametrize(("exact", "tolerance"), [(True, 1e-5), (False, 5e-3)])
def test_replicates_equal_lme4(name: str, exact: bool, tolerance: float) -> None:
    want = CASES[name]
    frame = read(name)
    assert list(pd.factorize(frame["id"])[1]) == want["people"]
    cp, persons = products(frame)
    made = reweighted(cp, persons, fit_lmm(cp), np.array(want["weights"], float), exact=exact)
    terms = [t.replace("sexmale", "sex") for t in want["terms"]]
    theirs = np.array(want["estimates"])[:, [terms.index(n) for n in NAMES]]
    se = theirs.std(axis=0, ddof=1)
    assert np.abs((made.estimates - theirs) / se).max() < tolerance
    np.testing.assert_allclose(made.estimates.std(axis=0, ddof=1), se, rtol=2e-4)
    np.testing.assert_allclose(np.sqrt(made.sigma2), want["sigma"], rtol=tolerance)
    between = made.relative * made.sigma2[:, None, None]
    spread = np.array(want["random"]).std(axis=0)
    assert (np.abs(between - np.array(want["random"])) / spread).max() < 10 * tolerance
