"""Output of known programs, in small files with the programs' own headers."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt.ingest import FileReading, ReadingChoices, Upload, inspect, read_study
from pgsicbt.ingest.reading import open_files
from tests.ingest.builders import text

PGSC = text(
    "agg.txt",
    "sampleset\tFID\tIID\tPGS\tSUM\tZ_MostSimilarPop\tZ_norm1\tZ_norm2\tpercentile_MostSimilarPop",
    *(
        f"{panel}\t0\t{panel[0]}{i}\t{pgs}\t{i}.5\t{i / 8}\t{i / 4}\t{i / 2}\t50"
        for panel in ("mine", "reference", "also")
        for pgs in ("PGS000018", "PGS000027")
        for i in range(1, 5)
    ),
)
SSCORE = text(
    "ukb.sscore",
    "#FID\tIID\tPHENO1\tALLELE_CT\tNAMED_ALLELE_DOSAGE_SUM\tMDD_AVG\tEA_AVG\tMDD_SUM\tEA_SUM",
    *(f"0\tm{i}\t-9\t100\t{i}\t{i}e-05\t-{i}e-04\t{i}\t-{i}" for i in range(1, 5)),
)
OUTCOMES = text(
    "o.csv", "IID,week,phq9", *(f"m{i},{w},{i + w}" for i in range(1, 5) for w in (0, 1))
)


def reading(file: Upload, **roles: str) -> FileReading:
    choices = ReadingChoices(roles={(file.name, column): role for column, role in roles.items()})
    return inspect([file], choices)[0]


def score_columns(found: FileReading) -> list[str]:
    return [c.column for c in found.columns if c.role == "score"]


def test_pgsc_calc_sets_the_reference_panel_apart():
    found = reading(PGSC)
    assert found.error is None
    assert (found.kind, found.n_persons, found.n_rows) == ("pgsc_calc", 8, 16)
    assert score_columns(found) == ["Z_norm2"]
    assert {f.code: f.severity for f in found.findings} == {
        "normalisation": "info",
        "reference_panel": "info",
    }
    assert "8 rows of a reference panel set apart" in found.summary


def test_pgsc_calc_scores_become_columns():
    study = read_study(PGSC, OUTCOMES)
    assert study.score_names == ("PGS000018", "PGS000027")
    assert sorted(study.persons["PGS000018"]) == [0.5, 1, 1.5, 2]
    info = study.score("PGS000018")
    assert info.normalisation == "Z_norm2"
    assert info.alternatives == ("Z_norm1", "Z_MostSimilarPop", "SUM")


def test_normalisation_is_a_choice():
    recipe = ReadingChoices(roles={("agg.txt", "SUM"): "score"})
    study = read_study(PGSC, OUTCOMES, recipe=recipe)
    assert sorted(study.persons["PGS000018"]) == [1.5, 2.5, 3.5, 4.5]
    assert study.score("PGS000018").normalisation == "SUM"


def test_even_the_percentile_can_be_chosen():
    recipe = ReadingChoices(roles={("agg.txt", "percentile_MostSimilarPop"): "score"})
    part = open_files([PGSC], recipe)[0].part
    assert part is not None
    assert {score.normalisation for score in part.scores} == {"percentile_MostSimilarPop"}


def test_a_single_sample_set_is_the_study_whatever_its_name():
    lines = [line for line in PGSC.data.decode().splitlines() if "mine" not in line]
    only = text("x", lines[0], *(line for line in lines[1:] if line.startswith("reference")))
    assert reading(only).n_persons == 4


def test_the_same_pgsc_score_twice_with_different_values():
    doubled = PGSC.data + b"mine\t0\tm1\tPGS000018\t9\t9\t9\t9\t9\n"
    error = reading(Upload("x", doubled)).error
    assert error is not None
    assert error.code == "duplicate_conflict"
    assert "on line 26" in error.sentence


def test_average_and_sum_are_one_score():
    found = reading(SSCORE)
    assert found.kind == "plink_sscore"
    assert score_columns(found) == ["MDD_AVG", "EA_AVG"]
    study = read_study(SSCORE, OUTCOMES)
    assert study.score_names == ("MDD", "EA")
    np.testing.assert_array_equal(np.sort(study.persons["MDD"]), [1e-5, 2e-5, 3e-5, 4e-5])
    assert score_columns(reading(SSCORE, MDD_SUM="score")) == ["EA_AVG", "MDD_SUM"]
    assert score_columns(reading(SSCORE, MDD_AVG="ignore")) == ["EA_AVG", "MDD_SUM"]


def test_plink_19_profile_is_named_after_its_file():
    file = text(
        "mdd.profile",
        "FID IID PHENO CNT CNT2 SCORESUM",
        *(f"0 m{i} -9 9 5 0.{i}" for i in range(1, 5)),
    )
    study = read_study(file, OUTCOMES)
    assert study.score_names == ("mdd",)
    assert study.score("mdd").normalisation == "SCORESUM"


def test_prsice_best_keeps_everyone():
    file = text(
        "ea.best",
        "FID IID In_Regression PRS",
        *(f"0 m{i} {'No' if i < 3 else 'Yes'} 0.{i}" for i in range(1, 5)),
    )
    study = read_study(file, OUTCOMES)
    assert study.score("ea").n_persons == 4


def test_prsice_thresholds_are_one_score_with_a_warning():
    file = text(
        "ea.all_score",
        "FID IID Pt_0.001 Pt_1 Pt_0.5",
        *(f"0 m{i} 0.{i} 0.{i}1 0.{i}2" for i in range(1, 5)),
    )
    found = reading(file)
    assert score_columns(found) == ["Pt_1"]
    assert [f.code for f in found.findings] == ["thresholds"]
    assert score_columns(reading(file, **{"Pt_0.5": "score"})) == ["Pt_0.5"]


@pytest.mark.parametrize("header", ["#IID\tPC1\tPC2", None])
def test_components_with_and_without_header(header):
    rows = [f"m{i}\t0.{i}\t-0.{i}3" for i in range(1, 5)]
    lines = [header, *rows] if header else ["0\t" + row for row in rows]
    found = reading(text("x.eigenvec", *lines))
    assert found.kind == "eigenvec"
    assert [c.column for c in found.columns if c.role == "component"] == ["PC1", "PC2"]
    assert found.n_persons == 4


def test_family_file_gives_sex():
    found = reading(text("x.fam", *(f"0 m{i} 0 0 {i % 2 + 1} -9" for i in range(1, 5))))
    assert found.kind == "fam"
    assert [c.column for c in found.columns if c.role == "covariate"] == ["SEX"]


def test_other_identifier_column_can_be_chosen():
    lines = SSCORE.data.decode().replace("\n0\tm", "\nf1\tm").splitlines()
    lines = [line.replace("f1\tm", f"f{i}\tm") for i, line in enumerate(lines)]
    found = reading(text("x", *lines), FID="id")
    assert [c.column for c in found.columns if c.role == "id"] == ["FID"]


def test_reading_holds_nobody_in_its_description():
    one = open_files([SSCORE], ReadingChoices())[0]
    assert "m1" not in repr(one.reading)
