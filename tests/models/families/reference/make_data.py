"""Writes person.csv: 400 made-up people before and after treatment. Run from this folder."""

from __future__ import annotations

import numpy as np
import pandas as pd


def main() -> None:
    """Totals on 0-27, a floor that some reach, drop-out that depends on the score."""
    rng = np.random.default_rng(5)
    n = 400
    x = rng.normal(size=n)
    age = rng.integers(18, 70, n).astype(float)
    site = rng.choice(["A", "B", "C"], n, p=[0.5, 0.3, 0.2])
    before = np.clip(np.round(rng.normal(15, 4.5, n)), 4, 27)
    latent = 0.55 * before - 1.0 * x + 0.03 * (age - 40) + rng.normal(0, 4.5, n) - 1.5
    after = np.clip(np.round(latent), 0, 27)
    week = np.ceil(rng.exponential(14 * np.exp(0.25 * x), n)).clip(1, 12)
    gone = week < 12
    frame = pd.DataFrame(
        {
            "id": [f"r{i:03d}" for i in range(n)], "x": x.round(6), "age": age, "site": site,
            "before": before, "after": np.where(gone, np.nan, after), "week": week,
            "gone": gone.astype(int),
        }
    )  # fmt: skip
    frame.to_csv("person.csv", index=False)


if __name__ == "__main__":
    main()
