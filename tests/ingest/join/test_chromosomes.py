"""Scores one chromosome at a time: added up over files and columns."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt.errors import DataError
from pgsicbt.ingest import Upload, read_study
from pgsicbt.ingest.recognise.formats.chromosomes import chromosome_of
from tests.ingest.builders import text

IDS = [f"K{i:04d}" for i in range(30)]
PARTS = np.random.default_rng(3).normal(size=(30, 22)).round(4)
VISITS = text("o.csv", "IID,week,phq9", *(f"{i},{w},{w + 3}" for i in IDS for w in (0, 1)))


def sscore(chromosome: int, columns: str = "MDD_SUM", counts: bool = True) -> Upload:
    head = ["#FID", "IID", *(["ALLELE_CT"] if counts else []), *columns.split()]
    rows = []
    for i, one in enumerate(IDS):
        total, alleles = PARTS[i, chromosome - 1], 100 * chromosome
        cells = [f"{total / alleles:.10g}" if c.endswith("AVG") else f"{total}" for c in
                 columns.split()]  # fmt: skip
        rows.append("\t".join(["0", one, *([str(alleles)] if counts else []), *cells]))
    return text(f"x.chr{chromosome}.sscore", "\t".join(head), *rows)


def values(study, name):
    return np.sort(study.persons[name].to_numpy())


@pytest.mark.parametrize("columns", ["MDD_SUM", "MDD_AVG", "MDD_AVG MDD_SUM"])
def test_files_of_one_score_are_added_up(columns):
    study = read_study(VISITS, *(sscore(k, columns) for k in range(1, 23)))
    assert study.score_names == ("MDD",)
    np.testing.assert_allclose(values(study, "MDD"), np.sort(PARTS.sum(axis=1)), atol=1e-6)
    assert study.score("MDD").normalisation == "sum over chromosomes"
    assert {f.code: f.severity for f in study.findings}["chromosomes"] == "info"


def test_several_scores_in_files_by_chromosome():
    study = read_study(VISITS, *(sscore(k, "MDD_SUM EA_SUM") for k in range(1, 23)))
    assert study.score_names == ("MDD", "EA")


def test_columns_of_one_score_are_added_up():
    head = ",".join(["IID", *(f"PGS_EA.chr{k:02d}" for k in range(1, 23))])
    rows = (",".join([one, *map(str, PARTS[i])]) for i, one in enumerate(IDS))
    study = read_study(VISITS, text("x.csv", head, *rows))
    assert study.score_names == ("PGS_EA",)
    np.testing.assert_allclose(values(study, "PGS_EA"), np.sort(PARTS.sum(axis=1)), atol=1e-9)


def test_missing_chromosomes_and_people_are_named():
    files = [sscore(k) for k in range(1, 23) if k not in (7, 13)]
    short = Upload(files[0].name, b"\n".join(files[0].data.split(b"\n")[:-3]) + b"\n")
    study = read_study(VISITS, short, *files[1:])
    said = {f.code: f.message for f in study.findings if f.severity == "warning"}
    assert "chromosomes 7 and 13 are missing" in said["chromosomes"]
    assert "2 people lack MDD on at least one chromosome" in said["chromosome_gaps"]
    assert study.score("MDD").n_persons == 28


def test_a_chromosome_alone_stays_with_a_warning():
    study = read_study(VISITS, sscore(4))
    note = next(f for f in study.findings if f.code == "chromosomes")
    assert "holds chromosome 4 alone" in note.message


def test_averages_without_counts_cannot_be_added():
    with pytest.raises(DataError) as caught:
        read_study(VISITS, *(sscore(k, "MDD_AVG", counts=False) for k in (1, 2)))
    assert caught.value.code == "average_of_chromosome"


def test_scores_of_different_people_are_put_together():
    first = text("a.csv", "IID,PGS_A", *(f"{i},0.{n}1" for n, i in enumerate(IDS[:20])))
    second = text("b.csv", "IID,PGS_A", *(f"{i},0.{n}2" for n, i in enumerate(IDS[20:])))
    study = read_study(VISITS, first, second)
    assert study.score("PGS_A").n_persons == 30
    assert {f.code: f.severity for f in study.findings}["score_parts"] == "warning"


def test_scores_that_differ_for_the_same_person_are_not_mixed():
    first = text("a.csv", "IID,PGS_A", *(f"{i},0.{n}1" for n, i in enumerate(IDS[:20])))
    second = text("b.csv", "IID,PGS_A", *(f"{i},0.{n}2" for n, i in enumerate(IDS)))
    study = read_study(VISITS, first, second)
    assert study.score("PGS_A").n_persons == 20
    assert "same_score" in {f.code for f in study.findings}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("PGS_MDD_chr7", ("PGS_MDD", "7")),
        ("chr07_MDD", ("MDD", "7")),
        ("MDD.chrom22.sscore", ("MDD.sscore", "22")),
        ("MDD_chrX", ("MDD", "X")),
        ("MDD_chr24", None),
        ("chronic_pain", None),
        ("PGS_MDD_7", None),
        ("SYNCHR1", None),
    ],
)
def test_chromosomes_in_names(name, found):
    assert chromosome_of(name) == found
