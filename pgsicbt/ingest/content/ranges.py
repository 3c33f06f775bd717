"""Totals against the range and the step of their instrument."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pgsicbt.ingest.questions import AskingError, Question
from pgsicbt.ingest.recognise.names import instrument_of
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import count, lines_text, plain
from pgsicbt.study import Finding
from pgsicbt.wording import listed

MISSING_CODES = (-1, -7, -8, -9, -77, -88, -99, -777, -888, -999, -9999,
                 77, 88, 98, 99, 777, 888, 998, 999, 9999)  # fmt: skip
"""Numbers that often stand for a missing answer; only these are ever named in a message."""


def check_range(
    table: Table,
    column: str,
    outcome: str,
    rows: NDArray[np.int64],
    values: NDArray[np.float64],
) -> list[Finding]:
    """Hold totals against the range of their instrument; none for an unknown instrument.

    Parameters
    ----------
    rows, values
        Shape (n,): rows of the table and their totals, none missing.

    Returns
    -------
    list of Finding
        A warning where totals lie between two steps. Such totals were imputed; they may lie
        outside the range by less than one step.

    Raises
    ------
    DataError
        If a total lies outside the range. Names lines and the range, never the total.
    """
    instrument = instrument_of(outcome)
    if instrument is None:
        return []
    steps = (values - instrument.minimum) / instrument.step
    between = ~np.isclose(steps, np.round(steps), atol=1e-6)
    excess = np.maximum(instrument.minimum - values, values - instrument.maximum)
    # Imputed totals may overshoot by less than a step; a total that was filled in cannot.
    outside = (excess > 0) & ~(between & (excess < instrument.step))
    lowest, highest = plain(instrument.minimum), plain(instrument.maximum)
    where = f"column {column!r} of {table.name}"
    n_outside, n_between = int(outside.sum()), int(between.sum())
    if n_outside:
        codes = [code for code in MISSING_CODES if (values[outside] == code).any()]
        hint = "Correct them, or give the column another role if it is no total."
        if codes:
            shown = listed(plain(code) for code in codes)
            hint = f"If {shown} stands for a missing answer, declare it as missing for {outcome}."
        text = f"Which numbers stand for a missing answer of {outcome} in {table.name}?"
        proposed = ", ".join(f"{code:g}" for code in codes)
        raise AskingError(
            f"{count(n_outside, 'total')} in {where} {'lies' if n_outside == 1 else 'lie'} "
            f"outside the range of {outcome}, {lowest} to {highest}, on "
            f"{lines_text(table.lines[rows[outside]])}.",
            hint,
            questions=(Question("missing_codes", table.name, outcome, text, (), proposed),),
            code="out_of_range",
            file=table.name,
            column=column,
        )
    if not n_between:
        return []
    message = (
        f"{count(n_between, 'total')} in {where} {'lies' if n_between == 1 else 'lie'} between "
        f"two possible totals of {outcome}, as after filling in missing answers; kept as given."
    )
    return [Finding("fractions", "warning", message, table.name, column)]
