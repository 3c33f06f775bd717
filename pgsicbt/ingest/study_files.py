"""The two ways in: read files into a study, or check them and say what would come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.join.assemble import assemble
from pgsicbt.ingest.reading import Opened, open_files
from pgsicbt.ingest.uploads import FileLike, Progress, as_uploads
from pgsicbt.study import Finding, Study

Status = Literal["ok", "warning", "refused"]


def read_study(
    *files: FileLike,
    recipe: ReadingChoices | str | Path | None = None,
    progress: Progress | None = None,
) -> Study:
    """Read the tables of one cohort and join them.

    Files are told apart by their content: score files of pgsc_calc, PLINK and PRSice, score
    tables, outcomes with one row per visit or one column per visit, covariates, or one table
    that holds everything. Without scores the study can still be analysed over time.

    Parameters
    ----------
    *files
        Paths, :class:`Upload` objects or ``(name, bytes)`` pairs, in any order.
    recipe
        Corrections to what reading guesses: choices, or the path of a saved recipe.
    progress
        Called with what is being done and the share that is done, from 0 to 1.

    Raises
    ------
    DataError
        If a file cannot be used or the files do not fit together; the first reason found.

    Examples
    --------
    >>> study = read_study("scores.csv", "outcomes.csv", "covariates.csv")  # doctest: +SKIP
    """
    choices = ReadingChoices.load(recipe)
    if not files:
        raise DataError("No file is given.", "Name at least a table of outcomes.", code="no_file")
    return _join(open_files(as_uploads(files), choices, progress), choices)


def _join(opened: Sequence[Opened], choices: ReadingChoices) -> Study:
    for one in opened:
        if one.reading.error is not None:
            raise one.reading.error
    return assemble([one.part for one in opened if one.part is not None], choices)


def check(files: Sequence[FileLike], choices: ReadingChoices | None = None) -> dict[str, Any]:
    """Read, recognise and join files, and report in the form of ``check --json``.

    Status is ``refused`` if a file cannot be used or the files do not fit together, ``warning``
    if something deserves a look, otherwise ``ok``. Score or covariate files without outcomes
    are reported with a warning, as they are fine by themselves but no study yet.
    """
    choices = choices or ReadingChoices()
    try:
        opened = open_files(as_uploads(files), choices)
    except DataError as error:
        return _report("refused", [_as_finding(error)])
    errors = [one.reading.error for one in opened if one.reading.error is not None]
    findings = [f for one in opened for f in one.reading.findings]
    if errors:
        return _report("refused", [*findings, *map(_as_finding, errors)], opened=opened)
    try:
        study = _join(opened, choices)
    except DataError as error:
        if error.code == "no_outcome" and any(one.reading.n_persons for one in opened):
            alone = Finding("no_outcome", "warning", str(error), error.file)
            return _report("warning", [*findings, alone], opened=opened)
        return _report("refused", [*findings, _as_finding(error)], opened=opened)
    status: Status = "warning" if any(f.severity != "info" for f in study.findings) else "ok"
    return _report(status, list(study.findings), study=study)


def _as_finding(error: DataError) -> Finding:
    return Finding(error.code, "error", str(error), error.file, error.column)


def _report(
    status: Status,
    findings: list[Finding],
    *,
    study: Study | None = None,
    opened: Sequence[Opened] = (),
) -> dict[str, Any]:
    parts = [one.part for one in opened if one.part is not None]
    report: dict[str, Any] = {
        "status": status,
        "persons": len({one for part in parts for one in part.ids}),
        "observations": sum(len(p.visits.frame) for p in parts if p.visits is not None),
        "scores": list(dict.fromkeys(s.name for part in parts for s in part.scores)),
        "outcomes": list(dict.fromkeys(o for p in parts if p.visits for o in p.visits.outcomes)),
        "covariates": list(dict.fromkeys(c.name for part in parts for c in part.covariates)),
        "time_points": sorted(
            {float(w) for p in parts if p.visits for w in p.visits.frame["time"].unique()}
        ),
        "findings": [asdict(finding) for finding in findings],
        "ledger": [],
    }
    if study is not None:
        report |= {
            "persons": len(study.persons),
            "observations": sum(o.n_observations for o in study.outcomes if o.name != "harmonised"),
            "scores": list(study.score_names),
            "outcomes": list(study.outcome_names),
            "covariates": list(study.covariate_names()),
            "time_points": sorted(float(w) for w in study.visits["time"].unique()),
            "ledger": [asdict(step) for step in study.ledger],
        }
    return report
