"""Writes the tables that missing.R reads: python -m tests.robustness.reference.make_data."""

from __future__ import annotations

import pandas as pd

from pgsicbt.robustness.imputation import impute
from tests.robustness.missing_example import REFERENCE, SPEC, leaving_study, table


def main() -> None:
    """Write the observed visits of two cohorts, and completed ones of the small one."""
    small = leaving_study(seed=5, n=50)
    table(small).round(6).to_csv(REFERENCE / "missing_observed.csv", index=False)
    filled = impute(small, SPEC, 5, seed=5)
    sets = [table(filled.completed(j)).assign(set=j + 1) for j in range(filled.count)]
    pd.concat(sets).round(6).to_csv(REFERENCE / "missing_completed.csv", index=False)
    table(leaving_study(seed=6, n=200)).round(6).to_csv(
        REFERENCE / "missing_leaving.csv", index=False
    )


if __name__ == "__main__":
    main()
