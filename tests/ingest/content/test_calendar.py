"""Dates in every usual form give the same days; what cannot be settled is asked."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgsicbt.errors import DataError
from pgsicbt.ingest import Upload
from pgsicbt.ingest.content.calendar import dates_in, day_numbers
from pgsicbt.ingest.source.text_table import read_table

FORMS = {
    "iso": "%Y-%m-%d", "slashes": "%Y/%m/%d", "compact": "%Y%m%d", "german": "%d.%m.%Y",
    "British": "%d/%m/%Y", "short": "%d.%m.%y", "words": "%d %B %Y", "American words": "%B %d, %Y",
    "SAS": "%d%b%Y", "Stata": "%d%b%Y", "clock": "%Y-%m-%d %H:%M:%S",
    "zone": "%Y-%m-%dT%H:%M:%S+01:00", "weekday": "%A, %d %B %Y",
}  # fmt: skip


def table(cells: list[str]):
    lines = "id\tdate\n" + "".join(f"k{i}\t{cell}\n" for i, cell in enumerate(cells))
    return read_table(Upload("x", lines.encode()))


def days(cells: list[str], answer: str = ""):
    read = table(cells)
    return day_numbers(read, read.column("date"), answer)


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None)
@given(dates=st.lists(st.dates(dt.date(1990, 1, 1), dt.date(2029, 12, 31)), min_size=1, max_size=9))
def test_every_form_gives_the_same_days(form, dates):
    dates = [dt.date(2001, 12, 31), *dates]  # a day beyond the twelfth settles the order
    found = days([date.strftime(FORMS[form]) for date in dates])
    assert found.values.tolist() == [date.toordinal() for date in dates]
    assert not found.questions


@settings(deadline=None)
@given(st.lists(st.dates(dt.date(1960, 1, 1), dt.date(2050, 1, 1)), min_size=1, max_size=9))
def test_serial_numbers_of_spreadsheets(dates):
    epoch = dt.date(1899, 12, 30).toordinal()
    cells = [str(date.toordinal() - epoch) for date in dates]
    assert days(cells).values.tolist() == [date.toordinal() for date in dates]


def test_american_dates_are_settled_by_one_of_them():
    found = days(["03/04/2021", "12/25/2020"])
    expected = [dt.date(2021, 3, 4).toordinal(), dt.date(2020, 12, 25).toordinal()]
    assert found.values.tolist() == expected


def test_what_nothing_settles_is_asked():
    found = days(["03/04/2021", "05/06/2021"])
    assert [q.kind for q in found.questions] == ["date_order"]
    month = days(["03/04/2021", "05/06/2021"], "month")
    assert month.values[0] == dt.date(2021, 3, 4).toordinal()
    assert not month.questions
    assert days(["03/04/2021", "05/06/2021"], "day").values[0] == dt.date(2021, 4, 3).toordinal()


def test_missing_dates_are_missing_and_wrong_ones_named_by_line():
    found = days(["2021-03-04", "", "NA"])
    assert np.isnan(found.values).tolist() == [False, True, True]
    for wrong in ("2021-02-30", "31.31.2020", "1021-03-04", "soon"):
        with pytest.raises(DataError) as caught:
            days(["2021-03-04", wrong])
        assert "line 3" in str(caught.value)
        assert wrong not in str(caught.value)


@pytest.mark.parametrize(
    "cells", [["12", "13"], ["1.5", "2.5"], ["44000", "44010"], ["F41.1"], ["1:100"]]
)
def test_other_columns_hold_no_dates(cells):
    assert not dates_in(table(cells).column("date"))
