"""The files of the sample cohort: complete, deterministic, and the same as those shipped."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from pgsicbt.ingest import Upload, read_study
from pgsicbt.sample import SHIPPED_SEED, cohort_files, sample_files, simulate
from pgsicbt.sample import parameters as par
from pgsicbt.sample.__main__ import main
from tests.serving import ROOT

NAMES = {
    "scores.csv", "scores_pgsc_calc.txt.gz", "outcomes_long.csv", "outcomes_wide.csv",
    "covariates.csv", "dictionary.csv", "truth.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return cohort_files(simulate())


def plain(name: str, data: bytes) -> bytes:
    # Compressed bytes differ between builds of zlib; what they hold must not.
    return gzip.decompress(data) if name.endswith(".gz") else data


def test_shipped_files_are_what_the_generator_makes(files: dict[str, bytes]) -> None:
    folder = ROOT / "sample_data"
    assert {p.name for p in folder.iterdir()} == set(files) == NAMES
    for name, data in files.items():
        shipped = (folder / name).read_bytes()
        assert plain(name, shipped) == plain(name, data), f"{name} is not what the generator makes"


def test_files_are_the_same_every_time_and_small(files: dict[str, bytes]) -> None:
    assert cohort_files(simulate()) == files
    assert sum(map(len, files.values())) < 3_000_000
    assert files["scores_pgsc_calc.txt.gz"][4:8] == b"\0\0\0\0"


def test_sample_files_are_the_three_that_are_opened(files: dict[str, bytes]) -> None:
    assert sample_files() == tuple(
        (name, files[name]) for name in ("scores.csv", "outcomes_long.csv", "covariates.csv")
    )


def test_every_column_is_in_the_dictionary(files: dict[str, bytes]) -> None:
    dictionary = pd.read_csv(io.BytesIO(files["dictionary.csv"]))
    for name in sorted(NAMES - {"dictionary.csv", "truth.json"}):
        sep = "\t" if name.endswith(".gz") else ","
        header = plain(name, files[name]).split(b"\n", 1)[0].decode().split(sep)
        assert dictionary.loc[dictionary["file"] == name, "column"].tolist() == header


def test_pgsc_calc_file_has_its_own_columns_and_a_panel(files: dict[str, bytes]) -> None:
    text = plain("x.gz", files["scores_pgsc_calc.txt.gz"])
    table = pd.read_csv(io.BytesIO(text), sep="\t")
    assert table.columns.tolist() == [
        "sampleset", "FID", "IID", "PGS", "SUM", "Z_MostSimilarPop", "Z_norm1", "Z_norm2",
        "percentile_MostSimilarPop",
    ]  # fmt: skip
    assert set(table["PGS"]) == set(par.SCORE_NAMES)
    assert table["sampleset"].value_counts().to_dict() == {
        "simulated": 9 * (par.N_PERSONS + par.N_NO_OUTCOME),
        "reference": 9 * 240,
    }
    assert table["percentile_MostSimilarPop"].between(0, 100).all()
    wide = pd.read_csv(io.BytesIO(files["scores.csv"])).set_index("person_id")
    mine = table[table["sampleset"] == "simulated"].pivot_table(
        index="IID", columns="PGS", values="SUM"
    )
    for name in par.SCORE_NAMES:
        assert mine[name].corr(wide[name]) == pytest.approx(1, abs=1e-6)


def test_no_file_but_the_truth_says_what_was_planted(files: dict[str, bytes]) -> None:
    facts = json.loads(files["truth.json"])
    assert facts["seed"] == SHIPPED_SEED
    assert "chosen" in facts["seed_choice"]
    for name in ("scores.csv", "outcomes_long.csv", "outcomes_wide.csv", "covariates.csv"):
        assert b"simul" not in files[name].lower()


@pytest.mark.parametrize(
    "names",
    [
        ("scores.csv", "outcomes_long.csv", "covariates.csv"),
        ("scores_pgsc_calc.txt.gz", "outcomes_wide.csv", "covariates.csv"),
    ],
)
def test_files_read_as_one_simulated_study(files: dict[str, bytes], names: tuple[str, ...]) -> None:
    study = read_study(*(Upload(name, files[name]) for name in names))
    assert study.simulated
    assert len(study.persons) == par.N_PERSONS
    assert set(study.score_names) == set(par.SCORE_NAMES)
    assert set(study.outcome_names) == {*par.INSTRUMENT_IDS, "harmonised"}
    assert study.covariate("education").kind == "numeric"
    assert study.covariate("diagnosis").levels == par.DIAGNOSES


def test_command_writes_all_files(tmp_path: Path) -> None:
    assert main([str(tmp_path / "new"), "--seed", "5"]) == 0
    assert {p.name for p in (tmp_path / "new").iterdir()} == NAMES
    assert json.loads((tmp_path / "new" / "truth.json").read_text("utf-8"))["seed"] == 5


def test_command_says_when_it_cannot_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    assert main([str(blocked)]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_command_refuses_a_negative_seed(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        main([str(tmp_path), "--seed", "-1"])
    assert stop.value.code == 2
