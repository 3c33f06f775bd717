"""Make the data sets that lme4.R fits. Run: python tests/models/reference/make_data.py"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent


def _people(
    seed: int,
    n: int,
    times: np.ndarray,
    keep: float,
    random: list[list[float]],
    drop_out: float = 0.0,
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    u = rng.multivariate_normal([0, 0], random, n)
    x = rng.normal(size=n)
    age = rng.integers(18, 70, n).astype(float)
    sex = rng.choice(["female", "male"], n)
    site = rng.choice(["A", "B", "C"], n)
    rows = []
    for i in range(n):
        last = np.inf if rng.random() > drop_out else rng.choice(times[1:])
        for t in times:
            if t > last or rng.random() > keep:
                continue
            y = 50 + 1.5 * x[i] + 0.05 * age[i] + 2 * (sex[i] == "male")
            y += (-1.5 - 0.1 * x[i]) * t + u[i, 0] + u[i, 1] * t + rng.normal(0, 4)
            rows.append((f"p{i:03d}", t, x[i], age[i], sex[i], site[i], y))
    frame = pd.DataFrame(rows, columns=["id", "time", "x", "age", "sex", "site", "y"])
    return frame.round({"x": 6, "y": 6})


def main() -> None:
    weeks = np.arange(6.0)
    full = [[60.0, -1.5], [-1.5, 0.4]]
    sets = {
        "balanced": _people(1, 60, weeks, 1.0, full),
        "dropout": _people(2, 120, np.r_[-2.0, np.arange(13)], 0.92, full, 0.5),
        "sparse": _people(3, 150, weeks, 0.45, full),
        "boundary": _people(4, 60, weeks, 0.9, [[60.0, 0.0], [0.0, 0.0]]),
        "small": _people(5, 20, weeks, 0.85, full),
    }
    (HERE / "data").mkdir(exist_ok=True)
    for name, frame in sets.items():
        frame.to_csv(HERE / "data" / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
