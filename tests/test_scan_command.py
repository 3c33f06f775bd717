"""``scan`` on the command line: whose score it is, what is a score, how it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgsicbt import fit, read_study
from pgsicbt.cli import OK, REFUSED, USAGE, main
from pgsicbt.models.scan.scan_result import SCAN_COLUMNS
from pgsicbt.spec import AnalysisSpec
from tests.real_files import small_outcomes

SPEC = AnalysisSpec(outcome="PHQ-9", adjustments=("crude",))
NUMBERS = ["estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high"]
SCORES = tuple(f"PGS{j:06d}" for j in range(1, 6))


def _ids(n: int = 60) -> list[str]:
    return [f"P{i:04d}" for i in range(n)]


def _frame(n: int = 60) -> pd.DataFrame:
    x = np.random.default_rng(3).normal(5.0, 2.0, (n, len(SCORES)))
    return pd.DataFrame(x, columns=list(SCORES), index=pd.Index(_ids(n), name="sample_id"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "outcomes.csv").write_text(small_outcomes(), encoding="utf-8")
    (tmp_path / "spec.json").write_text(SPEC.to_json(), encoding="utf-8")
    return tmp_path


def _call(folder: Path, scores: str, *more: str, outcomes: str = "outcomes.csv") -> list[str]:
    return [
        "scan", "--scores", str(folder / scores), "--outcomes", str(folder / outcomes),
        "--spec", str(folder / "spec.json"), "--out", str(folder / "out" / "found.csv"), *more,
    ]  # fmt: skip


def _table(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "out" / "found.csv")


def _about(folder: Path) -> dict:
    return json.loads((folder / "out" / "found.json").read_text(encoding="utf-8"))


def _compare(folder: Path, frame: pd.DataFrame, outcomes: str = "outcomes.csv") -> None:
    """Exact rows against the grid, which joins the same people in its own way."""
    path = folder / "wide.csv"
    frame.to_csv(path, index_label="person_id")
    study = read_study(path, folder / outcomes)
    assert set(study.score_names) == set(SCORES)
    want = fit(study, SPEC.replace(scores=SCORES)).terms("main", "interaction")
    got = _table(folder)
    assert got["exact"].all()
    assert got["score"].tolist() == [s for s in frame.columns for _ in range(2)]
    got, want = (f.set_index(["score", "role"]) for f in (got, want))
    want = want.loc[got.index]
    assert got["n_persons"].tolist() == want["n_persons"].tolist()
    np.testing.assert_allclose(got[NUMBERS], want[NUMBERS].astype(float), rtol=5e-4, atol=1e-9)


def test_parquet_in_another_order_with_people_missing_is_the_grid(folder, capsys) -> None:
    frame = _frame(75).drop(index=["P0003", "P0011", "P0059"])
    shuffled = frame.sample(frac=1, random_state=4).reset_index()
    shuffled["family"] = 1
    shuffled["age"] = np.arange(len(shuffled)) % 40 + 20.0
    shuffled.to_parquet(folder / "s.parquet", index=False)
    assert main(_call(folder, "s.parquet", "--refit-below", "1", "--block", "2")) == OK
    _compare(folder, frame)
    assert tuple(_table(folder).columns) == SCAN_COLUMNS
    about = _about(folder)
    assert about["n_persons"] == 57
    assert about["ledger"][-1]["lost_persons"] == 3
    assert {entry["column"] for entry in about["set_aside"]} == {"family", "age"}
    assert AnalysisSpec(**{k: v for k, v in about["spec"].items() if k != "subset"}) == SPEC
    assert about["refit_below"] == 1
    assert about["margin"]["n_near"] >= 0
    assert set(about["versions"]) >= {"pgsicbt", "numpy", "pyarrow"}
    said = capsys.readouterr()
    assert len(said.err.strip().splitlines()) == 1
    written = json.dumps(about) + _table(folder).to_csv() + said.out + said.err
    assert not [one for one in _ids(75) if one in written]


@pytest.mark.parametrize("kind", ["csv", "tsv.gz", "semicolons", "spaces"])
def test_text_tables_give_what_parquet_gives(kind, folder) -> None:
    frame = _frame().sample(frac=1, random_state=2)
    frame.iloc[3, 2] = np.nan
    if kind == "csv":
        frame.to_csv(folder / "s.csv")
    elif kind == "tsv.gz":
        frame.to_csv(folder / "s.csv", sep="\t", compression="gzip", na_rep="NA")
    elif kind == "semicolons":
        frame.to_csv(folder / "s.csv", sep=";", decimal=",")
    else:
        frame.rename_axis("#IID").to_csv(folder / "s.csv", sep=" ", na_rep="nan")
    assert main(_call(folder, "s.csv", "--refit-below", "1")) == OK
    _compare(folder, frame)
    assert _table(folder)["n_persons"].tolist() == [60] * 4 + [59] * 2 + [60] * 4


def _numeric(folder: Path, write: Callable[[int], str]) -> None:
    text = small_outcomes()
    for i in range(60):
        text = text.replace(f"P{i:04d},", f"{write(i)},")
    (folder / "numbered.csv").write_text(text, encoding="utf-8")


def test_numbers_that_name_people_are_no_scores(folder) -> None:
    _numeric(folder, lambda i: str(1000 + i))
    frame = _frame().set_axis(pd.Index(range(1000, 1060), name="eid"))
    shuffled = frame.sample(frac=1, random_state=1)
    both = shuffled.reset_index()
    both.insert(0, "FID", both["eid"] // 10)
    both["eid"] = both["eid"].astype(float)  # as pandas leaves whole numbers after a join
    both.to_parquet(folder / "s.parquet", index=False)
    assert main(_call(folder, "s.parquet", "--refit-below", "1", outcomes="numbered.csv")) == OK
    _compare(folder, frame, "numbered.csv")
    shuffled.to_csv(folder / "s.csv")
    assert main(_call(folder, "s.csv", "--refit-below", "1", outcomes="numbered.csv")) == OK
    _compare(folder, frame, "numbered.csv")


def test_leading_zeros_belong_to_the_identifier(folder, capsys) -> None:
    _numeric(folder, lambda i: f"{i:05d}")
    frame = _frame().set_axis(pd.Index([f"{i:05d}" for i in range(60)], name="IID"))
    frame.sample(frac=1, random_state=1).to_csv(folder / "s.csv")
    assert main(_call(folder, "s.csv", "--refit-below", "1", outcomes="numbered.csv")) == OK
    _compare(folder, frame, "numbered.csv")
    frame.reset_index().assign(IID=range(60)).to_parquet(folder / "s.parquet")
    call = _call(folder, "s.parquet", "--refit-below", "1", outcomes="numbered.csv")
    assert main([*call, "--set", "ids=exact"]) == REFUSED
    assert "leading zeros" in capsys.readouterr().err
    # Left to itself, the scan passes over what a spreadsheet has dropped, and says so.
    assert main(call) == OK
    assert "leading zeros" in capsys.readouterr().err
    _compare(folder, frame, "numbered.csv")


def test_the_identifier_is_chosen_and_columns_are_left_out(folder) -> None:
    frame = _frame()
    both = frame.reset_index(names="who").assign(other=[f"x{i}" for i in range(60)])
    both["PGS_OLD"] = both["PGS000001"]
    both.to_parquet(folder / "s.parquet")
    more = ["--id", "who", "--set", "s.parquet.PGS_OLD=ignore", "--refit-below", "1"]
    assert main(_call(folder, "s.parquet", *more)) == OK
    _compare(folder, frame)
    assert _about(folder)["set_aside"] == [{"column": "PGS_OLD", "reason": "left out by you"}]


def test_a_matrix_comes_with_its_identifiers(folder) -> None:
    frame = _frame().sample(frac=1, random_state=6)
    np.save(folder / "s.npy", frame.to_numpy())
    (folder / "ids.txt").write_text("\n".join(frame.index) + "\n", encoding="utf-8")
    more = ["--ids", str(folder / "ids.txt"), "--refit-below", "1"]
    assert main(_call(folder, "s.npy", *more)) == OK
    got = _table(folder).set_index(["score", "role"])
    frame.to_parquet(folder / "s.parquet")
    assert main(_call(folder, "s.parquet", "--refit-below", "1")) == OK
    want = _table(folder)
    np.testing.assert_allclose(got[NUMBERS], want[NUMBERS], rtol=1e-12)
    assert got.index[0] == ("score_1", "main")


def test_components_beside_the_scores_are_adjusted_for(folder) -> None:
    frame = _frame()
    frame["PC1"] = np.random.default_rng(8).normal(size=60)
    frame.to_parquet(folder / "s.parquet")
    spec = SPEC.replace(adjustments=("adjusted",), components=("PC1",))
    (folder / "spec.json").write_text(spec.to_json(), encoding="utf-8")
    assert main(_call(folder, "s.parquet", "--refit-below", "1")) == OK
    frame.to_csv(folder / "wide.csv", index_label="person_id")
    study = read_study(folder / "wide.csv", folder / "outcomes.csv")
    want = fit(study, spec.replace(scores=SCORES)).terms("main", "interaction")
    np.testing.assert_allclose(
        _table(folder)[NUMBERS], want[NUMBERS].astype(float), rtol=5e-4, atol=1e-9
    )


def test_the_model_is_chosen_and_one_is_proposed(folder) -> None:
    _frame().to_parquet(folder / "s.parquet")
    (folder / "spec.json").write_text(AnalysisSpec(outcome="PHQ-9").to_json(), encoding="utf-8")
    assert main(_call(folder, "s.parquet")) == REFUSED
    assert main(_call(folder, "s.parquet", "--model", "crude")) == OK
    assert set(_table(folder)["model"]) == {"crude"}
    call = _call(folder, "s.parquet")
    at = call.index("--spec")
    assert main([*call[:at], *call[at + 2 :]]) == OK
    assert _about(folder)["spec"]["adjustments"] == ["adjusted"]


def _no_shared(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.Index([f"Q{i}" for i in range(len(frame))], name="sample_id"))


def _twice(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.iloc[[3]]])


def _unnamed(frame: pd.DataFrame) -> pd.DataFrame:
    names = [*frame.index[:-1], None]
    return frame.set_axis(pd.Index(names, name="sample_id"))


BAD: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], tuple[str, ...]]] = {
    "no shared person": (_no_shared, ("No person of", "sample_id", "outcomes.csv")),
    "a person twice": (_twice, ("1 person on more than one row", "sample_id", "rows 4 and 61")),
    "a person without a name": (_unnamed, ("no identifier", "sample_id")),
    "no score": (lambda f: f[[]].assign(FID=1), ("no column of scores",)),
    "nothing that names the person": (
        lambda f: f.reset_index(drop=True), ("no column that names the person", "--id")
    ),
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
@pytest.mark.parametrize("kind", BAD)
def test_bad_scores_get_one_sentence_with_file_and_column(kind, suffix, folder, capsys) -> None:
    change, words = BAD[kind]
    frame = change(_frame())
    if suffix == "parquet":
        frame.to_parquet(folder / "s.parquet")
    else:
        frame.to_csv(folder / "s.csv", index=frame.index.name is not None)
    assert main(_call(folder, f"s.{suffix}")) == REFUSED
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("pgsicbt: ")
    assert len(said.err.strip().splitlines()) == 1
    assert f"s.{suffix}" in said.err
    assert all(word in said.err for word in words)
    assert "P0003" not in said.err
    assert not (folder / "out").exists()


def test_text_among_numbers_is_placed_and_not_repeated(folder, capsys) -> None:
    _frame().to_csv(folder / "s.csv")
    lines = (folder / "s.csv").read_text().splitlines()
    cells = lines[50].split(",")
    cells[2] = "Zebra"
    lines[50] = ",".join(cells)
    (folder / "s.csv").write_text("\n".join(lines), encoding="utf-8")
    assert main(_call(folder, "s.csv")) == REFUSED
    error = capsys.readouterr().err
    assert "PGS000002" in error
    assert "line 51" in error
    assert "Zebra" not in error


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: p.write_text("##PGS CATALOG SCORING FILE\nrsID\teffect_allele\teffect_weight\n"
                                "rs1\tA\t0.1\nrs2\tC\t0.2\n"), "variants and weights"),
        (lambda p: p.write_bytes(b"PAR1 and nothing more"), "cannot be read as Parquet"),
        (lambda p: p.write_bytes(b""), "empty"),
        (lambda p: p.write_bytes(b"PK\x03\x04"), "Excel"),
        (lambda p: np.save(p.with_suffix(".npy"), np.zeros((3, 2)))
         or p.with_suffix(".npy").rename(p), "whose rows"),
    ],
)  # fmt: skip
def test_files_that_hold_no_scores_are_refused(make, words, folder, capsys) -> None:
    make(folder / "s.x")
    assert main(_call(folder, "s.x")) == REFUSED
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--refit-below", "2"], ["--block", "0"], ["--refit-top", "x"]])
def test_a_wrong_number_is_a_usage_error(more, folder) -> None:
    _frame().to_parquet(folder / "s.parquet")
    with pytest.raises(SystemExit) as stopped:
        main(_call(folder, "s.parquet", *more))
    assert stopped.value.code == USAGE


def test_a_file_that_is_not_there_is_a_usage_error(folder, capsys) -> None:
    assert main(_call(folder, "none.parquet")) == USAGE
    assert "There is no file" in capsys.readouterr().err
    _frame().to_parquet(folder / "s.parquet")
    assert main(_call(folder, "s.parquet", outcomes="none.csv")) == USAGE


def test_results_that_cannot_be_written_are_named(folder, capsys) -> None:
    _frame().to_parquet(folder / "s.parquet")
    (folder / "out").write_text("", encoding="utf-8")
    assert main(_call(folder, "s.parquet")) == REFUSED
    assert "cannot be written" in capsys.readouterr().err
