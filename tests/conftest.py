"""Nothing is skipped silently where it could have run.

With ``PGSICBT_NO_SKIP=1``, as ``.ci/run`` sets it, a skipped test counts as failed. The one
exception is a machine without the folder of real files beside the repository.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from tests.serving import ROOT

NO_SKIP = os.environ.get("PGSICBT_NO_SKIP") == "1"
REAL_FILES = ROOT.parent / "shared" / "data"


def _forbid(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not (NO_SKIP and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not REAL_FILES.is_dir() and "shared" in reason:
        return
    report.outcome = "failed"
    report.longrepr = f"Skipped although PGSICBT_NO_SKIP=1 is set: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _forbid(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _forbid(report)
    return report
