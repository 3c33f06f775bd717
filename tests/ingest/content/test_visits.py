"""What is shown of the visits of a file."""

from __future__ import annotations

from pgsicbt.ingest import inspect
from tests.ingest import builders as make


def test_dates_are_never_listed_as_visits():
    rows = [f"K{i:02d},2021-03-{day:02d},{(i + day) % 28}" for i in range(12) for day in (1, 8, 15)]
    (read,) = inspect([make.text("visits.csv", "person_id,visit_date,phq9", *rows)])
    assert read.error is None
    assert read.visits == ()
    assert not any("2021" in finding.message for finding in read.findings)
