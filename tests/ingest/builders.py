"""Small cohorts as a clinic would export them, made for the tests."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.ingest import Upload
from pgsicbt.study import Study


def scores(n: int = 24, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"person_id": [f"K{i:04d}" for i in range(1, n + 1)]})
    for name in ("PGS_EDU", "PGS_MDD", "PC1", "PC2"):
        frame[name] = rng.normal(size=n).round(4)
    return frame


def covariates(n: int = 24, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "person_id": [f"K{i:04d}" for i in range(1, n + 1)],
            "age": rng.integers(18, 76, n),
            "sex": rng.choice(["female", "male"], n),
            "diagnosis": np.resize(["MDD", "panic", "social anxiety"], n),
            "batch": np.resize([1, 2], n),
            "education": rng.integers(1, 4, n),
        }
    )


def long(n: int = 24, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    visits = [("screening", -2), ("pre", 0), ("week 1", 1), ("week 2", 2), ("post", 12)]
    scales = [("MADRS-S", 54), ("PDSS-SR", 28), ("LSAS-SR", 144)]
    rows = [
        (f"K{i:04d}", label, week, scales[i % 3][0], int(rng.integers(0, scales[i % 3][1] + 1)))
        for i in range(1, n + 1)
        for label, week in visits
    ]
    return pd.DataFrame(rows, columns=["person_id", "visit", "week", "instrument", "total"])


def wide(n: int = 24, seed: int = 3, sep: str = "_") -> pd.DataFrame:
    rows = long(n, seed)
    rows["column"] = rows["instrument"] + sep + rows["visit"].str.replace(" ", "")
    table = rows.pivot_table(index="person_id", columns="column", values="total").astype("Int64")
    return table.reset_index()


def csv(frame: pd.DataFrame, name: str, sep: str = ",", decimal: str = ".") -> Upload:
    text = frame.to_csv(index=False, sep=sep, decimal=decimal, lineterminator="\n")
    return Upload(name, text.encode())


def text(name: str, *lines: str) -> Upload:
    return Upload(name, ("\n".join(lines) + "\n").encode())


def content(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A study without its hashes: people by their scores and covariates, visits by those."""
    persons = study.persons.reset_index(drop=True)
    number = pd.Series(range(len(persons)), index=study.persons.index)
    visits = study.visits.assign(person=study.visits["person"].astype("str").map(number))
    order = persons.sort_values(sorted(persons.columns)).index
    rank = pd.Series(range(len(order)), index=order)
    visits = visits.assign(
        person=visits["person"].map(rank), outcome=visits["outcome"].astype("str")
    )
    visits = visits.sort_values(["outcome", "person", "time"], ignore_index=True)
    return persons.loc[order].reset_index(drop=True), visits
