"""The ways in: read files into a study, or say what was understood of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.content.parts import Part
from pgsicbt.ingest.join.assemble import assemble
from pgsicbt.ingest.join.gather import TWO_VALUES
from pgsicbt.ingest.join.people import People, join_people, without_strangers
from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.reading import FileReading, OpenedFiles, open_matched
from pgsicbt.ingest.recipe import with_shapes
from pgsicbt.ingest.uploads import FileLike, Progress, as_uploads
from pgsicbt.study import HARMONISED, Finding, Study

Status = Literal["ok", "warning", "refused"]
_OPENED = 0.8
"""Share of the work that is done when every file has been read by itself."""


@dataclass(frozen=True)
class PartSize:
    """What one table would contribute, by names and numbers."""

    n_observations: int
    scores: tuple[str, ...]
    outcomes: tuple[str, ...]
    covariates: tuple[str, ...]
    weeks: tuple[float, ...]


@dataclass(frozen=True)
class Reading:
    """Everything that came of reading some files; holds aggregates and, if all is well, a study.

    Parameters
    ----------
    files
        What each table was taken for, in the order of the files.
    choices
        The recipe as it applied to these files, under the names of their tables.
    recipe
        The same with the shape of every table, to be saved: a later export of other name is
        known again by it.
    study
        The study, or None where there is an ``error``.
    questions
        What could not be settled without a person.
    findings
        What was noticed, of every file and of all together; those of the study, if there is one.
    parts, n_persons
        What each table would contribute, and the people in any of them.
    """

    files: tuple[FileReading, ...] = ()
    choices: ReadingChoices = field(default_factory=ReadingChoices)
    recipe: ReadingChoices = field(default_factory=ReadingChoices)
    study: Study | None = None
    error: DataError | None = None
    questions: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()
    parts: tuple[PartSize, ...] = ()
    n_persons: int = 0

    @property
    def errors(self) -> tuple[DataError, ...]:
        """What stands against using the files: of every file, otherwise of all together."""
        own = tuple(file.error for file in self.files if file.error is not None)
        return own or (() if self.error is None else (self.error,))


def read_files(
    files: Sequence[FileLike],
    recipe: ReadingChoices | str | Path | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read the tables of a cohort and join them; whatever is wrong is in what is returned.

    Parameters
    ----------
    files
        Paths, :class:`Upload` objects or ``(name, bytes)`` pairs, in any order.
    recipe
        Corrections to what reading guesses: choices, or the path of a saved recipe.
    progress
        Called with what is being done and the share that is done, from 0 to 1.
    """
    try:
        choices = ReadingChoices.load(recipe)
        uploads = as_uploads(files)
    except DataError as error:
        return Reading(error=_bare(error))
    if not uploads:
        return Reading(choices=choices, error=_no_file())

    def opening(what: str, share: float) -> None:
        if progress is not None:
            progress(what, _OPENED * share)

    opened = open_matched(uploads, choices, opening)
    if progress is not None:
        progress("Joining people and visits", _OPENED)
    reading = _join(opened)
    if progress is not None:
        progress("Done", 1.0)
    return reading


def _join(opened: OpenedFiles) -> Reading:
    """Join what was opened, unless a file cannot be used."""
    files = tuple(one.reading for one in opened.files)
    parts = [one.part for one in opened.files if one.part is not None]
    reading = Reading(
        files=files,
        choices=opened.choices,
        # Where a table cannot be read, what looks like names of columns may be people.
        recipe=with_shapes(
            opened.choices,
            {n: c for n, c in opened.shapes.items() if n in {part.file for part in parts}},
        ),
        questions=tuple(question for file in files for question in file.questions),
        findings=(*opened.findings, *(finding for file in files for finding in file.findings)),
        parts=tuple(map(_size, parts)),
        n_persons=len({one for part in parts for one in part.ids}),
    )
    first = next((file.error for file in files if file.error is not None), None)
    for file in files:
        if file.error is not None:
            _bare(file.error)
    if first is not None:
        return replace(reading, error=first)
    everyone: People | None = None
    parts, aside = without_strangers(parts)
    set_aside = {note.file: note.message for note in aside}
    files = tuple(
        replace(file, summary=set_aside[file.name], aside=True) if file.name in set_aside else file
        for file in files
    )
    reading = replace(reading, files=files)
    try:
        everyone = join_people(parts, opened.choices.ids)
        study = assemble(parts, opened.choices, everyone)
    except DataError as error:
        asked = () if everyone is None else everyone.questions
        questions = (*reading.questions, *asked, *_about(error))
        return replace(reading, error=_bare(error), questions=questions)
    study = replace(study, findings=(*opened.findings, *aside, *study.findings))
    questions = (*reading.questions, *everyone.questions)
    return replace(reading, study=study, questions=questions, findings=study.findings)


def _bare(error: DataError) -> DataError:
    """The error without its traceback, which would keep every table it passed in memory."""
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return error


def _about(error: DataError) -> tuple[Question, ...]:
    """The question that an error comes down to, if it does."""
    if error.code != TWO_VALUES:
        return ()
    text = f"{error.sentence} Which value counts?"
    return (Question("repeats", error.file, "", text, ("first", "last", "mean")),)


def _size(part: Part) -> PartSize:
    visits = part.visits
    return PartSize(
        n_observations=0 if visits is None else len(visits.frame),
        scores=tuple(score.name for score in part.scores),
        outcomes=() if visits is None else visits.outcomes,
        covariates=tuple(covariate.name for covariate in part.covariates),
        weeks=() if visits is None else tuple(map(float, visits.frame["time"].unique())),
    )


def _no_file() -> DataError:
    return DataError("No file is given.", "Name at least a table of outcomes.", code="no_file")


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
    reading = read_files(files, recipe, progress)
    if reading.study is None:
        raise reading.error or _no_file()
    return reading.study


def check(
    files: Sequence[FileLike],
    choices: ReadingChoices | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Read, recognise and join files, and report in the form of ``check --json``.

    Status is ``refused`` if a file cannot be used or the files do not fit together, ``warning``
    if something deserves a look or an answer, otherwise ``ok``. Score or covariate files without
    outcomes are reported with a warning, as they are fine by themselves but no study yet.
    Questions are among the findings, with the code ``question:`` and their kind.
    """
    return report(read_files(files, choices, progress))


def report(reading: Reading) -> dict[str, Any]:
    """A reading in the form of ``check --json``."""
    error, study = reading.error, reading.study
    people = reading.n_persons
    alone = error is not None and error.code == "no_outcome" and people > 0
    findings = [*reading.findings, *map(_asked, reading.questions)]
    if alone and error is not None:
        findings.append(Finding("no_outcome", "warning", str(error), error.file))
    else:
        findings += map(_as_finding, reading.errors)
    severities = {finding.severity for finding in findings}
    status: Status = "warning" if "warning" in severities else "ok"
    body: dict[str, Any] = {"status": "refused" if "error" in severities else status}
    if study is None:
        sizes = reading.parts
        body |= {
            "persons": people,
            "observations": sum(size.n_observations for size in sizes),
            "scores": list(dict.fromkeys(name for size in sizes for name in size.scores)),
            "outcomes": list(dict.fromkeys(name for size in sizes for name in size.outcomes)),
            "covariates": list(dict.fromkeys(name for size in sizes for name in size.covariates)),
            "time_points": sorted({week for size in sizes for week in size.weeks}),
        }
    else:
        body |= {
            "persons": len(study.persons),
            "observations": sum(o.n_observations for o in study.outcomes if o.name != HARMONISED),
            "scores": list(study.score_names),
            "outcomes": list(study.outcome_names),
            "covariates": list(study.covariate_names()),
            "time_points": sorted(float(week) for week in study.visits["time"].unique()),
        }
    ledger = () if study is None else study.ledger
    return body | {
        "findings": [asdict(finding) for finding in findings],
        "ledger": [asdict(step) for step in ledger],
    }


def _as_finding(error: DataError) -> Finding:
    return Finding(error.code, "error", str(error), error.file, error.column)


def _asked(question: Question) -> Finding:
    answers = f" Possible answers: {', '.join(question.options)}" if question.options else ""
    proposed = (
        f"{';' if answers else ' '} proposed: {question.proposed}" if question.proposed else ""
    )
    ending = "." if answers or proposed else ""
    message = f"{question.text}{answers}{proposed}{ending}"
    return Finding(f"question:{question.kind}", "warning", message, question.table, question.column)
