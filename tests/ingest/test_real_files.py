"""Real files that nobody here wrote; skipped where their folder is absent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pgsicbt.errors import DataError
from pgsicbt.ingest import ReadingChoices, Upload, inspect, read_study
from pgsicbt.ingest.reading import open_files
from pgsicbt.ingest.uploads import as_upload
from tests.real_files import (
    FEV,
    PGSC_CALC,
    REFRAMED,
    REFRAMED_RAW,
    SCORES,
    SCORING_FILE,
    needs_real_files,
)

pytestmark = needs_real_files
SIMILARITY = SCORES / "pgsc_calc_v2_ancestry_hgdp_popsimilarity.txt.gz"
SSCORE = SCORES / "plink2_FID_three_scores_avg_sum.sscore"


def part(path, roles=None):
    upload = as_upload(path)
    fixed = {(upload.name, column): role for column, role in (roles or {}).items()}
    found = open_files([upload], ReadingChoices(roles=fixed))[0]
    assert found.reading.error is None
    return found.part


@pytest.mark.parametrize(("norm", "mean"), [("SUM", 1.4754247), ("Z_norm1", -0.10179)])
def test_pgsc_calc(norm, mean):
    read = part(PGSC_CALC, {norm: "score"})
    assert (len(read.ids), read.n_reference) == (929, 2575)
    assert len(read.scores) == 1
    assert read.scores[0].values.mean() == pytest.approx(mean, abs=5e-6)


def test_pgsc_calc_components():
    read = part(SIMILARITY)
    assert len(read.ids) == 929
    assert [c.name for c in read.covariates if c.role == "component"] == [
        f"PC{i}" for i in range(1, 11)
    ]


def test_plink2_small_values_survive():
    read = part(SSCORE)
    assert [s.name for s in read.scores] == ["MDD", "ANX", "EA"]
    assert len(read.ids) == 300
    assert read.scores[0].values[0] == -0.000329052


def test_every_score_file_is_recognised():
    kinds = {r.name: (r.kind, r.n_persons) for r in inspect(sorted(SCORES.iterdir()))}
    assert kinds["plink19_scoresum.profile"] == ("plink_profile", 300)
    assert kinds["plink2_IID.eigenvec"] == ("eigenvec", 300)
    assert kinds["plink19_noheader.eigenvec"] == ("eigenvec", 300)
    assert kinds["prsice2.best"] == ("prsice_best", 300)
    assert kinds["prsice2.all_score"] == ("prsice_all_score", 300)
    assert kinds["plink_fid0.fam"] == ("fam", 300)


def test_components_with_and_without_header_agree():
    first = part(SCORES / "plink2_IID.eigenvec")
    second = part(SCORES / "plink19_noheader.eigenvec")
    assert first.ids == second.ids
    for one, other in zip(first.covariates, second.covariates, strict=True):
        np.testing.assert_allclose(one.values, other.values, atol=1e-6)


def test_scoring_file_is_refused():
    reading = inspect([SCORING_FILE])[0]
    assert reading.error is not None
    assert reading.error.code == "variants"


def test_reframed():
    study = read_study(REFRAMED)
    info = study.outcome("phq9")
    assert (len(study.persons), info.n_observations) == (246, 2433)
    assert info.instrument == "PHQ-9"
    assert study.time_unit == "month"
    assert study.covariate_names() == ("grp", "female", "age_years")
    raw = pd.read_csv(REFRAMED)
    visits = study.outcome_visits("phq9")
    assert visits["value"].sum() == pytest.approx(raw["phq9"].sum())
    assert visits["time"].max() == pytest.approx(18 * 365.25 / 84, abs=1e-6)


def test_raw_reframed_asks_for_its_odd_visit_and_then_reads_the_same():
    with pytest.raises(DataError) as caught:
        read_study(REFRAMED_RAW)
    assert caught.value.sentence == (
        "Column 'month' of reframed_phq9_raw.csv has visits called 'Post-Rx' that cannot be "
        "placed in time, on lines 3, 21, 47 and 195 more."
    )
    study = read_study(REFRAMED_RAW, recipe=ReadingChoices(times={"Post-Rx": 30.4}))
    assert study.outcome("phq9").n_observations == 2433
    clean = read_study(REFRAMED).outcome_visits("phq9").sort_values(["time", "value"])
    rows = study.outcome_visits("phq9").sort_values(["time", "value"])
    np.testing.assert_allclose(rows["value"], clean["value"])
    np.testing.assert_allclose(rows["time"], clean["time"])


def test_reframed_joined_to_real_scores_on_made_up_keys():
    outcomes = pd.read_csv(REFRAMED, dtype=str)
    people = part(PGSC_CALC).ids
    keys = dict(zip(outcomes["patient"].unique(), people, strict=False))
    outcomes["patient"] = outcomes["patient"].map(keys)
    joined = Upload("joined.csv", outcomes.to_csv(index=False).encode())
    study = read_study(PGSC_CALC, SIMILARITY, joined)
    assert len(study.persons) == 246
    assert study.score_names == ("PGS001229_hmPOS_GRCh38",)
    assert len(study.covariate_names("component")) == 10
    assert study.outcome("phq9").n_observations == 2433


def test_simulated_trial_of_mmrm():
    study = read_study(FEV)
    assert study.outcome_names == ("FEV1",)
    assert study.outcome("FEV1").n_observations == 537
    assert study.covariate_names("stratum") == ("ARMCD",)
