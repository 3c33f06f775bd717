"""Nothing is skipped silently where it could have run.

With ``PGSICBT_NO_SKIP=1``, as ``.ci/run`` sets it, a skipped test counts as failed. The one
exception are tests marked ``real_files``, on a machine without the folder of real files.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.real_files import FOLDER

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")
NO_SKIP = os.environ.get("PGSICBT_NO_SKIP") == "1"


def _wants(item: pytest.Item) -> bool:
    """Whether a test reads real files that are not there."""
    return item.get_closest_marker("real_files") is not None and not FOLDER.is_dir()


# Before fixtures are set up, some of which read the files.
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if _wants(item):
        pytest.skip("the folder of real files is absent; PGSICBT_REAL_FILES names it")


def _forbid(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not (NO_SKIP and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"Skipped although PGSICBT_NO_SKIP=1 is set: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not _wants(item):
        _forbid(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _forbid(report)
    return report
