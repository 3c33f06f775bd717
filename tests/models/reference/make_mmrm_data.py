"""Make the data sets that mmrm.R fits. Run: python tests/models/reference/make_mmrm_data.py"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent


def _people(
    seed: int, n: int, correlation: np.ndarray, sd: np.ndarray, drop_out: float, missed: float
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    m = len(sd)
    x = rng.normal(size=n)
    sex = rng.choice(["female", "male"], n)
    residual = rng.multivariate_normal(np.zeros(m), correlation * np.outer(sd, sd), n)
    week = np.arange(m)
    y = 30 - 1.5 * week + np.outer(x, 1.0 - 0.2 * week) + (sex == "male")[:, None] + residual
    last = np.where(rng.random(n) < drop_out, rng.integers(1, m, n), m)
    seen = (week < last[:, None]) & (rng.random((n, m)) > missed)
    who, visit = np.nonzero(seen)
    frame = pd.DataFrame(
        {"id": [f"p{i:03d}" for i in who], "visit": visit, "x": x[who], "sex": sex[who]}
    )
    frame["y"] = y[who, visit]
    return frame.round({"x": 6, "y": 6})


def main() -> None:
    def lag(m: int) -> np.ndarray:
        return np.abs(np.subtract.outer(np.arange(m), np.arange(m)))

    sets = {
        "decaying": _people(11, 120, 0.7 ** lag(4), np.array([4.0, 5.0, 6.0, 6.5]), 0.35, 0.0),
        "even": _people(
            12, 90, np.where(lag(3) == 0, 1.0, 0.5), np.array([5.0, 5.0, 5.0]), 0.3, 0.1
        ),
        "gaps": _people(
            13,
            200,
            np.where(lag(5) == 0, 1.0, 0.3 + 0.4 * 0.6 ** lag(5)),
            np.array([3.0, 7.0, 5.0, 6.0, 9.0]),
            0.4,
            0.15,
        ),
    }
    (HERE / "mmrm_data").mkdir(exist_ok=True)
    for name, frame in sets.items():
        frame.to_csv(HERE / "mmrm_data" / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
