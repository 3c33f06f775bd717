"""The report of ``check``."""

from __future__ import annotations

import json

from pgsicbt.ingest import check
from tests.ingest import builders
from tests.ingest.builders import csv, text

KEYS = {
    "status", "persons", "observations", "scores", "outcomes", "covariates", "time_points",
    "findings", "ledger",
}  # fmt: skip


def test_a_sound_cohort():
    report = check([csv(builders.scores(), "s"), csv(builders.long(), "l")])
    assert set(report) == KEYS
    assert report["status"] == "ok"
    assert (report["persons"], report["observations"]) == (24, 120)
    assert report["scores"] == ["PGS_EDU", "PGS_MDD"]
    assert report["outcomes"] == ["PDSS-SR", "LSAS-SR", "MADRS-S", "harmonised"]
    assert report["time_points"] == [-2, 0, 1, 2, 12]
    assert report["ledger"][-1]["step"] == "ready to analyse"
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_scores_alone_are_fine_but_no_study():
    report = check([csv(builders.scores(), "s")])
    assert report["status"] == "warning"
    assert (report["persons"], report["scores"]) == (24, ["PGS_EDU", "PGS_MDD"])
    assert report["findings"][-1]["code"] == "no_outcome"


def test_every_bad_file_is_reported():
    report = check([text("a", "id"), text("b", "x,x", "1,2"), csv(builders.long(), "l")])
    assert report["status"] == "refused"
    assert [(f["file"], f["severity"]) for f in report["findings"]] == [
        ("a", "error"), ("b", "error"),
    ]  # fmt: skip
    assert set(report["findings"][0]) == {"code", "severity", "file", "column", "message"}
    assert report["observations"] == 120


def test_warnings_show_in_the_status():
    long = builders.long().assign(total=lambda d: d["total"] + 0.0)
    long.loc[0, "total"] = 3.5
    assert check([csv(long, "l")])["status"] == "warning"
