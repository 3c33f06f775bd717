"""Score files and side files of many programs, made up in each program's own layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from pgsicbt.ingest import FileReading, ReadingChoices, Upload, inspect, read_study
from pgsicbt.ingest.reading import open_files
from tests.ingest.builders import text

N = 60
IDS = [f"K{i:04d}" for i in range(N)]
Z = np.random.default_rng(1).normal(size=(N, 40))


def table(name: str, head: str | None, row: Callable[[int], Sequence[object]], sep: str = "\t"):
    lines = [] if head is None else [head.replace(" ", sep)]
    lines += [sep.join(f"{c:.5f}" if isinstance(c, float) else str(c) for c in row(i))
              for i in range(N)]  # fmt: skip
    return text(name, *lines)


def z(i: int, n: int, shift: float = 0.0) -> list[float]:
    return [float(one) + shift for one in Z[i, :n]]


def reading(file: Upload, **roles: str) -> FileReading:
    choices = ReadingChoices(roles={(file.name, column): role for column, role in roles.items()})
    return inspect([file], choices)[0]


def columns(found: FileReading, role: str) -> list[str]:
    return [c.column for c in found.columns if c.role == role]


def names(file: Upload) -> list[str]:
    part = open_files([file], ReadingChoices())[0].part
    assert part is not None
    return [score.name for score in part.scores]


GRID = "family.ID sample.ID " + " ".join(f"V{k}" for k in range(1, 13))
PROFILES = "DEPR01.profiles"
SCORES = {
    # file, kind, columns used, names in the study
    "pgsc_calc 1, wide": (
        table("agg.txt", "dataset IID PGS1_SUM DENOM PGS1_AVG", lambda i: ["a", IDS[i], *z(i, 3)]),
        "plink_sscore", ["PGS1_AVG"], ["PGS1"],
    ),
    "PLINK 2, several scores without a name": (
        table("mdd.sscore", "#FID IID SID PHENO1 dep ALLELE_CT NAMED_ALLELE_DOSAGE_SUM SCORE1_AVG "
              "SCORE2_AVG SCORE1_SUM SCORE2_SUM",
              lambda i: [0, IDS[i], 0, 1.5, 2, 9, 9, *z(i, 4)]),
        "plink_sscore", ["SCORE1_AVG", "SCORE2_AVG"], ["mdd_SCORE1", "mdd_SCORE2"],
    ),
    "PLINK 2, a phenotype that looks like a score": (
        table("a.sscore", "#IID phq_SUM ALLELE_CT PGS_AVG", lambda i: [IDS[i], 7, 9, *z(i, 1)]),
        "plink_sscore", ["PGS_AVG"], ["PGS"],
    ),
    "PLINK 2, a range of p-values": (
        table("mdd.S1.sscore", "#IID ALLELE_CT SCORE1_AVG", lambda i: [IDS[i], 9, *z(i, 1)]),
        "plink_sscore", ["SCORE1_AVG"], ["mdd_S1"],
    ),
    "PLINK 1.9 without CNT2": (
        table("mdd.profile", "FID IID PHENO CNT SCORE", lambda i: [0, IDS[i], -9, 9, *z(i, 1)]),
        "plink_profile", ["SCORE"], ["mdd"],
    ),
    "PRSet": (
        table("mdd.best", "FID IID In_Regression Base KEGG", lambda i: [0, IDS[i], "No", *z(i, 2)]),
        "prsice_best", ["Base", "KEGG"], ["mdd_Base", "mdd_KEGG"],
    ),
    "GenoPred, thresholds": (
        table(PROFILES, "FID IID SCORE_5e-08 SCORE_0.01 SCORE_1", lambda i: [0, IDS[i], *z(i, 3)]),
        "genopred", ["SCORE_1"], ["DEPR01"],
    ),
    "GenoPred, PRS-CS": (
        table(PROFILES, "FID IID SCORE_phi_1e-06 SCORE_phi_0.01 SCORE_phi_auto SCORE_phi_1",
              lambda i: [0, IDS[i], *z(i, 4)]),
        "genopred", ["SCORE_phi_auto"], ["DEPR01"],
    ),
    "GenoPred, LDpred2": (
        table(PROFILES, "FID IID SCORE_beta_inf SCORE_1e-05_0.5_TRUE SCORE_0.1_0.5_FALSE "
              "SCORE_beta_auto", lambda i: [0, IDS[i], *z(i, 4)]),
        "genopred", ["SCORE_beta_auto"], ["DEPR01"],
    ),
    "GenoPred, lassosum": (
        table(PROFILES, "FID IID SCORE_s0.2_lambda0.001 SCORE_s0.5_lambda0.001 "
              "SCORE_s0.9_lambda0.1",
              lambda i: [0, IDS[i], *z(i, 3)]),
        "genopred", ["SCORE_s0.9_lambda0.1"], ["DEPR01"],
    ),
    "GenoPred, several traits": (
        table("a.profiles", "FID IID SCORE_EDU SCORE_MDD", lambda i: [0, IDS[i], *z(i, 2)]),
        "genopred", ["SCORE_EDU", "SCORE_MDD"], ["SCORE_EDU", "SCORE_MDD"],
    ),
    "bigsnpr, two methods": (
        table("l.csv", "family.ID sample.ID pred_inf pred_auto", lambda i: [0, IDS[i], *z(i, 2)],
              ","),
        "ldpred2", ["pred_inf", "pred_auto"], ["pred_inf", "pred_auto"],
    ),
    "bigsnpr, final": (
        table("mdd.txt", "family.ID sample.ID final_pred_auto", lambda i: [0, IDS[i], *z(i, 1)]),
        "ldpred2", ["final_pred_auto"], ["final_pred_auto"],
    ),
    "bigsnpr, unnamed grid": (
        table("grid.csv", GRID, lambda i: [0, IDS[i], *z(i, 12)], ","),
        "ldpred2", ["V1"], ["grid"],
    ),
    "PRSmix, raw sums": (
        table("p.txt", "IID PGS000001 PGS000002", lambda i: [IDS[i], *z(i, 2, 30)]),
        "scores", ["PGS000001", "PGS000002"], ["PGS000001", "PGS000002"],
    ),
    "any names, raw sums": (
        table("p.txt", "FID IID MDD2019 EA4", lambda i: [0, IDS[i], *z(i, 2, 30)]),
        "scores", ["MDD2019", "EA4"], ["MDD2019", "EA4"],
    ),
    "LDAK": (
        table("m.profile", "ID1 ID2 Phenotype Covariates Profile_1 BLANK Profile_2 BLANK",
              lambda i: [IDS[i], IDS[i], "NA", 0, Z[i, 0], "NA", Z[i, 1], "NA"]),
        "scores", ["Profile_1", "Profile_2"], ["Profile_1", "Profile_2"],
    ),
    "lassosum": (
        table("v.txt", "FID IID pheno best.pgs", lambda i: [0, IDS[i], i % 2, Z[i, 0]]),
        "scores", ["best.pgs"], ["best.pgs"],
    ),
    "long, by trait": (
        table("l.csv", "id trait PRS",
              lambda i: [IDS[i // 3], ("MDD", "EA", "SCZ")[i % 3], Z[i, 0]], ","),
        "scores_long", ["PRS"], ["MDD", "EA", "SCZ"],
    ),
    "long, several scales": (
        table("l.csv", "sample pgs_id sum avg zscore",
              lambda i: [IDS[i // 2], ("PGS000001", "PGS000002")[i % 2], *z(i, 3)], ","),
        "scores_long", ["zscore"], ["PGS000001", "PGS000002"],
    ),
    "long, one score": (
        table("l.csv", "IID PGS SUM", lambda i: [IDS[i], "PGS000001", Z[i, 0]], ","),
        "scores_long", ["SUM"], ["PGS000001"],
    ),
    "PRSice, thresholds as names": (
        table("m.all.score", "FID IID 0.001 0.05 1", lambda i: [0, IDS[i], *z(i, 3)], " "),
        "scores", ["1"], ["m"],
    ),
    "counts of variants beside": (
        table("p.csv", "IID PGS1 PGS1_variants F_MISS", lambda i: [IDS[i], Z[i, 0], 9, Z[i, 1]],
              ","),
        "scores", ["PGS1"], ["PGS1"],
    ),
    "scales of one score": (
        table("w.csv", "person_id PGS_EDU PGS_EDU_z PGS_EDU_percentile z_PGS_MDD",
              lambda i: [IDS[i], Z[i, 0] + 9, Z[i, 0], i, Z[i, 1]], ","),
        "scores", ["PGS_EDU", "z_PGS_MDD"], ["PGS_EDU", "z_PGS_MDD"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SCORES.values(), ids=SCORES)
def test_scores_of_programs(case):
    file, kind, used, called = case
    found = reading(file)
    assert found.error is None
    assert (found.kind, columns(found, "score")) == (kind, used)
    assert names(file) == called
    assert not columns(found, "outcome")


@pytest.mark.parametrize("name", ["GenoPred, PRS-CS", "bigsnpr, unnamed grid"])
def test_settings_come_with_a_warning_and_can_be_chosen(name):
    file = SCORES[name][0]
    found = reading(file)
    assert [(f.code, f.severity) for f in found.findings] == [("thresholds", "warning")]
    assert "overfits" in found.findings[0].message
    other = columns(found, "ignore")[-1]
    assert columns(reading(file, **{other: "score"}), "score") == [other]


def test_the_file_of_all_settings_says_that_best_was_chosen_for_an_outcome():
    found = reading(SCORES["PRSet"][0])
    assert [f.code for f in found.findings] == ["thresholds"]
    assert "fitted to them" in found.findings[0].message


def test_normalisation_is_asked_about_with_advice():
    head = "sampleset IID PGS SUM Z_MostSimilarPop Z_norm1 Z_norm2"
    file = table("a.txt", head, lambda i: ["mine", IDS[i], "PGS1", *z(i, 4)])
    found = reading(file)
    (asked,) = found.questions
    assert (asked.kind, asked.proposed) == ("normalisation", "Z_norm2")
    assert asked.options == ("Z_norm2", "Z_norm1", "Z_MostSimilarPop", "SUM")
    assert "comparable only between people of like ancestry" in asked.text
    assert not reading(file, SUM="score").questions


def test_long_scores_where_the_columns_are_chosen():
    file = table("l.csv", "who what much", lambda i: [IDS[i // 2], "AB"[i % 2], Z[i, 0]], ",")
    found = reading(file, who="id", what="instrument", much="score")
    assert (found.kind, found.n_persons) == ("scores_long", 30)


def test_a_score_cannot_have_a_name_that_models_use():
    outcomes = text("o.csv", "id,week,phq9", *(f"{i},{w},{w + 3}" for i in IDS for w in (0, 1)))
    file = table("p.csv", "FID,IID,outcome,PGS_A", lambda i: [0, IDS[i], *z(i, 2)], ",")
    study = read_study(file, outcomes, recipe=ReadingChoices(roles={("p.csv", "outcome"): "score"}))
    assert study.score_names == ("PGS_outcome", "PGS_A")


def test_rows_by_chromosome_are_added_up():
    file = table("mdd.txt", "IID CHR SCORE", lambda i: [IDS[i // 3], i % 3 + 1, Z[i, 0]])
    outcomes = text("o.csv", "id,week,phq9", *(f"{i},{w},{w + 3}" for i in IDS for w in (0, 1)))
    study = read_study(file, outcomes)
    assert study.score_names == ("mdd",)
    np.testing.assert_allclose(
        np.sort(study.persons["mdd"]), np.sort(Z[:, 0].round(5).reshape(20, 3).sum(axis=1))
    )


def test_scores_are_called_as_the_recipe_says():
    outcomes = text("o.csv", "id,week,phq9", *(f"{i},{w},{w + 3}" for i in IDS for w in (0, 1)))
    wide, long = SCORES["PRSmix, raw sums"][0], SCORES["long, by trait"][0]
    recipe = ReadingChoices(names={("p.txt", "PGS000002"): "PGS_A", ("l.csv", "EA"): "PGS_EDU"})
    assert read_study(wide, outcomes, recipe=recipe).score_names == ("PGS000001", "PGS_A")
    assert read_study(long, outcomes, recipe=recipe).score_names == ("MDD", "PGS_EDU", "SCZ")


def test_long_outcomes_are_no_scores():
    file = table(
        "o.csv", "id scale value", lambda i: [IDS[i // 2], ("PHQ-9", "GAD-7")[i % 2], i % 20], ","
    )
    assert reading(file).kind != "scores_long"


SIDE = {
    "KING": (
        table("k.txt", "FID IID FA MO SEX AFF PC1 PC2", lambda i: [0, IDS[i], 0, 0, i % 3, -9,
                                                                   *z(i, 2)], " "),
        ["PC1", "PC2"],
    ),
    "flashpca": (table("k.txt", "fid iid U1 U2", lambda i: [0, IDS[i], *z(i, 2)]), ["U1", "U2"]),
    "EIGENSOFT": (
        text("x.evec", "      #eigvals:     7.893     3.939",
             *(f"{'0:' + IDS[i]:>20}  {Z[i, 0]:8.4f} {Z[i, 1]:8.4f}   Case" for i in range(N))),
        ["PC1", "PC2"],
    ),
    "EIGENSOFT without families": (
        text("x.evec", "      #eigvals:     7.893     3.939",
             *(f"{IDS[i]:>20}  {Z[i, 0]:8.4f} {Z[i, 1]:8.4f}   A_(b)" for i in range(N))),
        ["PC1", "PC2"],
    ),
    "GCTA": (table("g", None, lambda i: [IDS[i], IDS[i], *z(i, 3)], " "), ["PC1", "PC2", "PC3"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SIDE.values(), ids=SIDE)
def test_principal_components(case):
    file, components = case
    found = reading(file)
    assert (found.error, found.kind) == (None, "eigenvec")
    assert columns(found, "component") == components
    part = open_files([file], ReadingChoices())[0].part
    assert part is not None
    assert part.ids == IDS


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("#FID IID PAT MAT SEX PHENO1", lambda i: [0, IDS[i], 0, 0, i % 3, -9]),
        ("#IID SEX", lambda i: [IDS[i], ("NA", "1", "2")[i % 3]]),
        ("#IID SID SEX PHENO1", lambda i: [IDS[i], 0, ("NA", "M", "F")[i % 3], 2]),
        ("FID IID PEDSEX SNPSEX STATUS F", lambda i: [0, IDS[i], i % 3, i % 3, "OK", Z[i, 0]]),
        (None, lambda i: [0, IDS[i], 0, 0, i % 3, -9]),
    ],
)
def test_sex_in_words(head, row):
    part = open_files([table("x", head, row)], ReadingChoices())[0].part
    assert part is not None
    (sex,) = part.covariates
    assert sex.values.tolist()[:3] == [None, "male", "female"]
    assert not sex.numeric


def test_types_below_the_header_of_an_oxford_sample_are_no_person():
    file = text("x.sample", "ID_1 ID_2 missing sex", "0 0 0 D", *(f"{i} {i} 0 2" for i in IDS))
    part = open_files([file], ReadingChoices())[0].part
    assert part is not None
    assert part.ids == IDS


def test_the_family_names_the_person_where_iid_is_a_number_within_it():
    file = table("x.sscore", "#FID IID ALLELE_CT MDD_AVG", lambda i: [IDS[i], 1, 9, *z(i, 1)])
    found = reading(file)
    assert (found.n_persons, columns(found, "id")) == (N, ["FID"])


def test_one_person_under_two_families_is_refused_with_both_lines():
    lines = [f"0\t{IDS[i]}\t9\t{Z[i, 0]:.4f}" for i in range(N)]
    file = text("x.sscore", "#FID\tIID\tALLELE_CT\tMDD_AVG", *lines, f"F2\t{IDS[3]}\t9\t0.1")
    error = reading(file).error
    assert error is not None
    assert error.sentence.endswith("on lines 5 and 62.")


def test_scales_are_told_in_the_study():
    outcomes = text("o.csv", "id,week,phq9", *(f"{i},{w},{w + 3}" for i in IDS for w in (0, 1)))
    study = read_study(SCORES["scales of one score"][0], outcomes)
    assert study.score("PGS_EDU").alternatives == ("PGS_EDU_z", "PGS_EDU_percentile")
    assert "normalisation" in {f.code for f in study.findings}
