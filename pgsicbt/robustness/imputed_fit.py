"""The analysis of a spec on completed data sets, joined to one table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from pgsicbt.models.fit import fit
from pgsicbt.models.grid.corrected import with_families
from pgsicbt.models.grid.multiplicity import simple_or_holm
from pgsicbt.models.grid.rows import change_term, joint_term
from pgsicbt.progress import Progress
from pgsicbt.result import TABLE_COLUMNS, Array, Result
from pgsicbt.robustness.imputation import Imputations
from pgsicbt.robustness.rubin import pool, pool_f

KEYS = ["score", "model", "term"]
EXTRA = ("within", "between", "increase", "missing_information", "sets")


@dataclass(frozen=True)
class ImputedResult:
    """An analysis of completed data beside that of the data as observed.

    Attributes
    ----------
    table
        Columns of :attr:`pgsicbt.result.Result.table`, joined over the completed sets; and
        ``within`` and ``between`` (variances), ``increase`` (relative increase of the variance by
        what is missing), ``missing_information`` (share of the information about a term that is
        missing) and ``sets`` (completed data sets joined). Rows of several terms (F tests) have
        no estimate.
    observed
        The same analysis of the data as they are.
    first
        The result of the first completed set, for formulas and versions.
    count, share_missing
        Completed data sets, and share of their visits that is filled in.
    auxiliaries
        Covariates that helped to fill in.
    """

    table: pd.DataFrame
    observed: Result
    first: Result
    count: int
    share_missing: float
    auxiliaries: tuple[str, ...]

    def beside(self, *roles: str, adjustment: str = "") -> pd.DataFrame:
        """Estimates as observed and with visits filled in, side by side.

        Returns
        -------
        DataFrame
            ``score``, ``model``, ``term``, ``role``; ``estimate``, ``std_error``, ``conf_low``,
            ``conf_high``, ``p_value`` and the same with ``_filled``; ``missing_information``;
            ``moved``, the difference of the estimates in standard errors as observed.
        """
        numbers = ["estimate", "std_error", "conf_low", "conf_high", "p_value"]
        rows = self.observed.terms(*roles, adjustment=adjustment)[[*KEYS, "role", *numbers]]
        filled = self.table[[*KEYS, *numbers, "missing_information"]]
        both = rows.merge(filled, on=KEYS, suffixes=("", "_filled"))
        both["moved"] = (both["estimate_filled"] - both["estimate"]) / both["std_error"]
        return both


def imputed_fit(
    imputations: Imputations, observed: Result | None = None, progress: Progress | None = None
) -> ImputedResult:
    """Analyse every completed data set and join the results by Rubin's rules.

    Parameters
    ----------
    observed
        The analysis of the data as they are, where it is at hand.
    progress
        Called with data sets analysed and data sets there are.

    Raises
    ------
    SpecError, FitError
        As :func:`pgsicbt.fit`.
    """
    if observed is None:
        observed = fit(imputations.study, imputations.spec)
    results = []
    for number in range(imputations.count):
        results.append(fit(imputations.completed(number), imputations.plain_spec))
        if progress is not None:
            progress(number + 1, imputations.count)
    return ImputedResult(
        pooled_table(results),
        observed,
        results[0],
        imputations.count,
        imputations.share_missing,
        imputations.auxiliaries,
    )


def pooled_table(results: Sequence[Result]) -> pd.DataFrame:
    """Join the tables of the same analysis of several completed data sets.

    Returns
    -------
    DataFrame
        As :attr:`ImputedResult.table`. A term that could not be estimated in every set has the
        status ``failed``.
    """
    spec, first = results[0].spec, results[0].table
    tables = [r.table.set_index(KEYS).reindex(pd.MultiIndex.from_frame(first[KEYS]))
              for r in results]  # fmt: skip
    stacked = {c: _stack(tables, c) for c in ("estimate", "std_error", "df", "statistic")}
    failed = np.array([(t["status"] == "failed").to_numpy(bool) for t in tables]).any(axis=0)
    made = pool(stacked["estimate"], stacked["std_error"], _complete_df(stacked["df"]))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = made.estimate / made.std_error
        p = 2 * stats.t.sf(np.abs(t), made.df)
        half = stats.t.isf((1 - spec.confidence) / 2, made.df) * made.std_error
    table = first.assign(
        estimate=made.estimate, std_error=made.std_error, df=made.df, statistic=t, p_value=p,
        conf_low=made.estimate - half, conf_high=made.estimate + half, within=made.within,
        between=made.between, increase=made.increase,
        missing_information=made.missing_information, sets=len(results),
    )  # fmt: skip
    numbers = table[["statistic", "df", "p_value"]].to_numpy(float)
    for row in np.flatnonzero(first["role"].isin(("joint", "moderation_joint"))).tolist():
        numbers[row] = pool_f(stacked["statistic"][:, row], _parts(first, row))
    numbers[failed] = np.nan
    table[["statistic", "df", "p_value"]] = numbers
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        table[name] = np.where(failed, np.nan, table[name].to_numpy(float))
    table["status"] = np.where(failed, "failed", table["status"])
    method = spec.multiplicity if spec.multiplicity == "none" else simple_or_holm(spec.multiplicity)
    return with_families(table, spec.replace(multiplicity=method))[[*TABLE_COLUMNS, *EXTRA]]


def _stack(tables: Iterable[pd.DataFrame], column: str) -> Array:
    return np.array([t[column].to_numpy(float) for t in tables])


def _complete_df(df: Array) -> Array:
    """Degrees of freedom of the complete data: their mean over sets, infinite where they are."""
    return np.asarray(df.mean(axis=0))


def _parts(table: pd.DataFrame, row: int) -> int:
    """How many coefficients the F test of a row is about."""
    here = table.iloc[row]
    mine = table[(table["score"] == here["score"]) & (table["model"] == here["model"])]
    if here["role"] == "joint":
        own = mine["role"].isin(("interaction_part", "group_change"))
        straight = (mine["role"] == "interaction") & (mine["term"] != change_term(here["score"]))
        return max(1, int((own | straight).sum()))
    source = str(here["term"]).removeprefix(joint_term(""))
    products = mine.loc[mine["role"] == "moderation_change", "term"]
    return max(1, int(products.str.contains(source, regex=False).sum()))
