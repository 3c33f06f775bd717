"""Pairs of relatives out of tables of kinship, and whom a limit of kinship leaves out."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt.errors import DataError
from pgsicbt.ingest import ReadingChoices, Upload, inspect, read_study
from pgsicbt.ingest.join.relatives import leave_out
from tests.ingest.builders import text

IDS = [f"K{i:04d}" for i in range(40)]
RNG = np.random.default_rng(5)
SCORES = text("s.csv", "id,PGS_A", *(f"{i},{RNG.normal():.4f}" for i in IDS))
VISITS = text(
    "o.csv", "id,week,phq9",
    *(f"{one},{w},{w + 3}" for n, one in enumerate(IDS) for w in range(5 if n % 2 else 3)),
)  # fmt: skip
# Of K0000 and K0001 the second has more visits; K0004 is related to three.
PAIRS = [(0, 1, 0.25), (4, 5, 0.26), (4, 7, 0.2), (4, 9, 0.12), (10, 11, 0.03), (12, 12, 0.5)]


def table(name: str, head: str, row: str, factor: float = 1) -> Upload:
    rows = (row.format(a=IDS[a], b=IDS[b], k=k * factor) for a, b, k in PAIRS)
    return text(name, head, *rows)


TABLES = {
    "KING between families": table(
        "k.kin0", "FID1 ID1 FID2 ID2 N_SNP HetHet IBS0 Kinship", "0 {a} 0 {b} 9 .1 .1 {k:.4f}"
    ),
    "KING within families": table(
        "k.kin", "FID ID1 ID2 N_SNP Z0 Phi HetHet IBS0 Kinship Error",
        "0 {a} {b} 9 1 .25 .1 .1 {k:.4f} 0",
    ),
    "KING by segments": table(
        "k.seg", "FID1 ID1 FID2 ID2 MaxIBD1 MaxIBD2 IBD1Seg IBD2Seg PropIBD InfType",
        "0 {a} 0 {b} 1 1 1 1 {k:.4f} 2nd", 2,
    ),
    "PLINK 2": table("k.kin0", "#IID1 IID2 NSNP HETHET IBS0 KINSHIP", "{b} {a} 9 .1 .1 {k:.4f}"),
    "PLINK 1.9": table(
        "k.genome", " FID1 IID1 FID2 IID2 RT EZ Z0 Z1 Z2 PI_HAT PHE DST PPC RATIO",
        " 0 {a} 0 {b} UN NA 1 0 0 {k:.4f} -1 .7 .5 2", 2,
    ),
    "vcftools": table(
        "k.relatedness2", "INDV1 INDV2 N_AaAa N_AAaa N1_Aa N2_Aa RELATEDNESS_PHI",
        "{a} {b} 1 1 1 1 {k:.4f}",
    ),
    "somalier": table("k.tsv", "#sample_a sample_b relatedness ibs0", "{a} {b} {k:.4f} 1", 2),
    "PC-Relate": table("k.csv", "ID1,ID2,kin,k0,k2,nsnp", "{a},{b},{k:.4f},1,.1,9"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_pairs_of_every_program(name):
    found = inspect([TABLES[name]])[0]
    assert (found.error, found.kind) == (None, "kinship")
    study = read_study(SCORES, VISITS, TABLES[name])
    assert len(study.persons) == 40
    pairs = study.relatives
    assert np.sort(pairs["kinship"]).round(4).tolist() == [0.12, 0.2, 0.25, 0.26]
    assert set(pairs["person_1"]) | set(pairs["person_2"]) <= set(study.persons.index)
    assert not study.covariates
    (note,) = [f for f in study.findings if f.code == "relatives"]
    assert note.severity == "warning"
    assert "4 pairs of relatives" in note.message


def test_one_of_each_pair_is_left_out_by_choice():
    study = read_study(SCORES, VISITS, TABLES["PLINK 2"], recipe=ReadingChoices(relatives=0.1))
    assert len(study.persons) == 38
    assert study.relatives.empty
    step = next(s for s in study.ledger if s.step == "one of each pair of relatives")
    # K0004 stands in three pairs; K0000 has fewer visits than K0001.
    assert (step.persons, step.lost_persons, step.lost_observations) == (38, 2, 6)
    few = read_study(SCORES, VISITS, TABLES["PLINK 2"], recipe=ReadingChoices(relatives=0.26))
    assert len(few.persons) == 39
    assert len(few.relatives) == 1


def test_a_lower_limit_than_the_third_degree_keeps_more_distant_pairs():
    study = read_study(SCORES, VISITS, TABLES["PLINK 2"], recipe=ReadingChoices(relatives=0.02))
    assert len(study.persons) == 37


def test_a_person_twice_is_told():
    twins = text("k.kin0", "#IID1 IID2 KINSHIP", f"{IDS[0]} {IDS[1]} 0.49")
    study = read_study(SCORES, VISITS, twins)
    note = next(f for f in study.findings if f.code == "relatives")
    assert "1 that could be one person twice or identical twins" in note.message


def test_relatives_who_are_not_analysed_are_no_reason_to_refuse():
    others = text("k.kin0", "#IID1 IID2 KINSHIP", "Q1 Q2 0.25")
    study = read_study(SCORES, VISITS, others)
    assert study.relatives.empty
    assert "names no relatives among" in next(
        f.message for f in study.findings if f.code == "relatives"
    )


def test_coefficients_that_kinship_cannot_have():
    with pytest.raises(DataError) as caught:
        read_study(SCORES, VISITS, text("k", "ID1 ID2 kinship", "K0001 K0002 12", "K0001 K0003 .1"))
    assert caught.value.code == "kinship_range"
    assert "'kinship' on line 2." in caught.value.sentence


def test_columns_of_a_table_of_any_names_can_be_chosen():
    file = text("k.csv", "from,to,strength", *(f"{IDS[a]},{IDS[b]},{k}" for a, b, k in PAIRS))
    roles = {("k.csv", "from"): "id", ("k.csv", "to"): "relative", ("k.csv", "strength"): "kinship"}
    study = read_study(SCORES, VISITS, file, recipe=ReadingChoices(roles=roles))
    assert len(study.relatives) == 4


@pytest.mark.parametrize("seed", range(20))
def test_whoever_is_left_has_no_relative_and_nobody_left_out_could_stay(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    pairs = np.array([p for p in rng.integers(0, n, (30, 2)) if p[0] != p[1]])
    data = rng.integers(1, 12, n)
    out = set(leave_out(pairs, data))
    assert all(a in out or b in out for a, b in pairs.tolist())
    for one in out:
        near = {b if a == one else a for a, b in pairs.tolist() if one in (a, b)}
        assert near - out


def test_of_a_pair_the_one_with_fewer_observations_goes():
    assert leave_out(np.array([[0, 1], [2, 3]]), np.array([5, 2, 1, 9])) in ([1, 2], [2, 1])
