"""A result from the rows and models of its cells; the last step of every kind of model."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pgsicbt.errors import FitError
from pgsicbt.models.grid.corrected import Together, with_families
from pgsicbt.models.grid.corrections import effective_tests
from pgsicbt.models.grid.rows import ROW, Row
from pgsicbt.models.grid.versions import versions
from pgsicbt.result import TABLE_COLUMNS, ModelFit, Result
from pgsicbt.spec import AnalysisSpec, RandomPart
from pgsicbt.study import Finding, LedgerStep, Study


def refuse_without_models(fits: Sequence[ModelFit], notes: Sequence[Finding]) -> None:
    """Refuse where no cell could be fitted, with the first reason.

    Raises
    ------
    FitError
        If there is no fitted model.
    """
    if not fits:
        errors = [w for w in notes if w.severity == "error"]
        raise FitError(errors[0].message if errors else "No model could be fitted.")


def assembled(
    study: Study,
    spec: AnalysisSpec,
    rows: Sequence[Row],
    fits: Sequence[ModelFit],
    ledger: Sequence[LedgerStep],
    notes: Sequence[Finding],
    several: Together,
    random_used: RandomPart = "intercept+slope",
) -> Result:
    """The result, with the p values of each family of tests corrected.

    Parameters
    ----------
    rows, fits
        Of all cells, in their order; one model at least.
    ledger, notes
        Said once each, however many cells they come from.
    several
        What corrections for several scores need.
    """
    table = with_families(pd.DataFrame.from_records(list(rows), columns=ROW), spec, several)
    return Result(
        table=table[list(TABLE_COLUMNS)],
        spec=spec,
        fits=tuple(fits),
        n_persons=max(f.n_persons for f in fits),
        n_observations=max(f.n_observations for f in fits),
        ledger=tuple(dict.fromkeys(ledger)),
        warnings=tuple(dict.fromkeys(notes)),
        versions=dict(versions()),
        digest=study.digest,
        simulated=study.simulated,
        random_used=random_used,
        effective_tests=effective_tests(several.correlation),
    )
