"""The one shipped cohort shows the published pattern, for which its seed was chosen."""

from __future__ import annotations

import pandas as pd
import pytest

from pgsicbt.ingest import Upload, read_study
from pgsicbt.models import default_spec, fit
from pgsicbt.sample import sample_files
from pgsicbt.study import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(*(Upload(name, data) for name, data in sample_files()))


@pytest.fixture(scope="module")
def scores(study: Study) -> pd.DataFrame:
    spec = default_spec(study).replace(scores=study.score_names, adjustments=("adjusted",))
    return fit(study, spec).terms("main", "interaction").set_index(["score", "role"])


def test_pgs_edu_goes_with_severity_and_with_change(scores: pd.DataFrame) -> None:
    main, change = scores.loc[("PGS_EDU", "main")], scores.loc[("PGS_EDU", "interaction")]
    assert main["estimate"] == pytest.approx(-0.69, abs=0.07)
    assert 0.01 < main["p_value"] < 0.05
    assert change["estimate"] < 0
    assert change["p_value"] < 0.05


def test_the_other_scores_are_null(scores: pd.DataFrame) -> None:
    others = scores.drop(index="PGS_EDU", level=0)
    assert len(others) == 16
    assert (others["p_value"] > 0.05).all()


def test_the_pattern_holds_from_week_0_and_with_components_by_time(study: Study) -> None:
    spec = default_spec(study).replace(scores=("PGS_EDU",), adjustments=("adjusted", "complete"))
    for window in (None, 0.0):
        found = fit(study, spec.replace(first_week=window)).terms("main", "interaction")
        assert len(found) == 4
        assert (found["p_value"] < 0.05).all()
        assert (found["estimate"] < 0).all()


def test_education_is_stronger_than_the_score(study: Study) -> None:
    spec = default_spec(study)
    spec = spec.replace(
        scores=("PGS_EDU",),
        covariates=(*spec.covariates, "education"),
        adjustments=("adjusted",),
    )
    table = fit(study, spec).table.set_index("term")
    for education, score in (("education", "PGS_EDU"), ("time:education", "time:PGS_EDU")):
        assert table.loc[education, "p_value"] < table.loc[score, "p_value"]
        assert abs(table.loc[education, "statistic"]) > abs(table.loc[score, "statistic"])
