"""Make the data set with three random terms that profile.R and random_tests.R fit.

Run: python tests/models/reference/make_profile_data.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent


def main() -> None:
    rng = np.random.default_rng(20)
    n, times = 80, np.arange(8.0)
    spread = np.array([[50.0, -3.0, 0.3], [-3.0, 4.0, -0.4], [0.3, -0.4, 0.09]])
    u = rng.multivariate_normal(np.zeros(3), spread, n)
    x = rng.normal(size=n).round(6)
    rows = []
    for i in range(n):
        for t in times[rng.random(len(times)) < 0.9]:
            mean = 50 + 1.5 * x[i] + (-2.5 - 0.2 * x[i]) * t + 0.1 * t**2
            y = mean + u[i] @ [1.0, t, t**2] + rng.normal(0, 3)
            rows.append((f"p{i:03d}", t, t**2, x[i], round(y, 6)))
    frame = pd.DataFrame(rows, columns=["id", "time", "time2", "x", "y"])
    (HERE / "profile_data").mkdir(exist_ok=True)
    frame.to_csv(HERE / "profile_data" / "curved.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
