"""Make the data sets that lme4.R fits. Run: python tests/models/reference/make_data.py

What each is for: the comment beside it in :func:`main`.
"""

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


def _uneven(seed: int, n: int) -> pd.DataFrame:
    """One to fifteen visits at irregular times; two people in five come once."""
    rng = np.random.default_rng(seed)
    visits = rng.choice([1, 1, 2, 3, 5, 9, 15], n)
    code = np.repeat(np.arange(n), visits)
    time = np.concatenate([np.sort(rng.uniform(0, 12, v)) for v in visits])
    x, sex = rng.normal(size=n), rng.choice(["female", "male"], n)
    u = rng.multivariate_normal([0, 0], [[60.0, -1.5], [-1.5, 0.4]], n)
    y = 50 + (1.5 - 0.1 * time) * x[code] + u[code, 0] + (u[code, 1] - 1.5) * time
    y += 2 * (sex[code] == "male") + rng.normal(0, 4, len(code))
    ids = [f"p{i:03d}" for i in code]
    frame = pd.DataFrame({"id": ids, "time": time, "x": x[code], "sex": sex[code], "y": y})
    return frame.round({"time": 4, "x": 6, "y": 6})


def _curved(seed: int, n: int) -> pd.DataFrame:
    """Persons differ in level, slope and curvature."""
    rng = np.random.default_rng(seed)
    t = np.arange(8.0)
    visits = [np.flatnonzero(rng.random(8) < 0.9) for _ in range(n)]
    code = np.repeat(np.arange(n), [len(v) for v in visits])
    time = t[np.concatenate(visits)]
    root = np.array([[7.0, 0, 0], [-0.4, 1.2, 0], [0.05, -0.1, 0.12]])
    u = rng.normal(size=(n, 3)) @ root.T
    x, sex = rng.normal(size=n), rng.choice(["female", "male"], n)
    y = 50 + 1.5 * x[code] + u[code, 0] + (u[code, 1] - 2 - 0.2 * x[code]) * time
    y += (0.1 + u[code, 2]) * time**2 + rng.normal(0, 3, len(code))
    ids = [f"p{i:03d}" for i in code]
    frame = pd.DataFrame({"id": ids, "time": time, "x": x[code], "sex": sex[code], "y": y})
    return frame.assign(time2=frame["time"] ** 2).round({"x": 6, "y": 6})


def _years(seed: int, n: int) -> pd.DataFrame:
    """Visits over four years: days since the start, and the same in absurd units."""
    rng = np.random.default_rng(seed)
    code = np.repeat(np.arange(n), 6)
    days = np.round(np.tile(np.linspace(0, 1460, 6), n) + rng.integers(0, 60, 6 * n))
    x, sex = rng.normal(size=n), rng.choice(["female", "male"], n)
    u = rng.multivariate_normal([0, 0], [[60.0, -0.01], [-0.01, 0.4e-4]], n)
    y = 50 + (1.5 - 0.001 * days) * x[code] + u[code, 0] + (u[code, 1] - 0.01) * days
    y += rng.normal(0, 4, len(code))
    ids = [f"p{i:03d}" for i in code]
    frame = pd.DataFrame({"id": ids, "days": days, "x": x[code], "sex": sex[code], "y": y})
    frame["big"] = frame["days"] / 7 * 1e4  # weeks in units of 1e-4 and of 1e3
    frame["tiny"] = frame["days"] / 7 * 1e-3
    return frame.round({"x": 6, "y": 6, "big": 2, "tiny": 9})


def main() -> None:
    weeks = np.arange(6.0)
    full = [[60.0, -1.5], [-1.5, 0.4]]
    rng = np.random.default_rng(9)
    sets = {
        "balanced": _people(1, 60, weeks, 1.0, full),
        "dropout": _people(2, 120, np.r_[-2.0, np.arange(13)], 0.92, full, 0.5),
        "sparse": _people(3, 150, weeks, 0.45, full),
        "boundary": _people(4, 60, weeks, 0.9, [[60.0, 0.0], [0.0, 0.0]]),
        "small": _people(5, 20, weeks, 0.85, full),
        # Slope and level go together exactly, upwards and downwards.
        "together": _people(12, 40, weeks, 0.9, [[36.0, 3.6], [3.6, 0.36]]),
        "opposite": _people(7, 40, weeks, 0.9, [[36.0, -3.6], [-3.6, 0.36]]),
        # No slope varies at all.
        "flat": _people(14, 60, weeks, 0.9, [[60.0, 0.0], [0.0, 0.0]]),
        "uneven": _uneven(8, 100),
        "curved": _curved(10, 80),
        "years": _years(11, 60),
    }
    # A covariate that is the score but for one part in a hundred; an outcome far from zero.
    near = sets["balanced"]["x"] + 1e-2 * np.repeat(rng.normal(size=60), 6)
    sets["near"] = sets["balanced"].assign(near=near.round(10))
    sets["far"] = sets["sparse"].assign(y=(sets["sparse"]["y"] + 1e6).round(6))
    (HERE / "data").mkdir(exist_ok=True)
    for name, frame in sets.items():
        frame.to_csv(HERE / "data" / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
