"""One file at a time: what it was taken for, column by column, and what it contributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pgsicbt.deidentify import examine
from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices, TableChoice
from pgsicbt.ingest.content.parts import Part, read_part
from pgsicbt.ingest.content.visits import VisitReading, describe_visits
from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.recognise.describe import ColumnReading, describe_columns, summary
from pgsicbt.ingest.recognise.formats import CHOSEN, known_format, refuse_variants, split_reference
from pgsicbt.ingest.recognise.guess import guess_layout, is_dictionary
from pgsicbt.ingest.recognise.layout import Assigned, FileKind, Layout
from pgsicbt.ingest.source.contents import open_contents
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.uploads import FileLike, Progress, Upload, as_uploads
from pgsicbt.study import Finding


@dataclass(frozen=True)
class FileReading:
    """What was understood of one file.

    ``error`` is set where the file cannot be used; ``columns`` is then as far as reading got.
    """

    name: str
    kind: FileKind
    summary: str
    columns: tuple[ColumnReading, ...] = ()
    n_rows: int = 0
    n_persons: int = 0
    error: DataError | None = None
    findings: tuple[Finding, ...] = ()
    visits: tuple[VisitReading, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Opened:
    """A file's reading for people, and its part of the study for the program (None on error)."""

    reading: FileReading
    part: Part | None


def inspect(
    files: Sequence[FileLike], choices: ReadingChoices | None = None
) -> tuple[FileReading, ...]:
    """What each file was taken for. A bad file raises nothing: its reading holds the error.

    Parameters
    ----------
    files
        Files in memory, or paths.
    choices
        Corrections to the guesses.
    """
    opened = open_files(as_uploads(files), choices or ReadingChoices())
    return tuple(one.reading for one in opened)


def open_files(
    uploads: Sequence[Upload], choices: ReadingChoices, progress: Progress | None = None
) -> tuple[Opened, ...]:
    """Read every file by itself; the one way in for :func:`inspect` and ``read_study``.

    A file with several tables gives several readings.
    """
    sizes = [len(upload.data) for upload in uploads]
    opened: list[Opened] = []
    for i, upload in enumerate(uploads):
        if progress is not None:
            progress(f"Reading {upload.name}", sum(sizes[:i]) / max(sum(sizes), 1))
        opened += _open_file(upload, choices)
    return tuple(opened)


def _open_file(upload: Upload, choices: ReadingChoices) -> list[Opened]:
    try:
        contents = open_contents(upload, choices.tables)
        every = (*contents.tables, *contents.unread)
        examined = examine(upload.name, every, contents.texts, choices.identifiers)
        if examined.refusal is not None:
            raise examined.refusal
    except DataError as error:
        reading = FileReading(upload.name, "unknown", error.sentence, error=error)
        return [Opened(reading, None)]
    opened = []
    for table in contents.tables:
        stripped = {column for name, column in examined.strip if name == table.name}
        opened.append(_open(table.without(stripped), choices))
    opened, aside = _without_others(opened, upload.name, choices)
    # What was found in the file as a whole stands with its first table.
    findings = (*contents.findings, *aside, *examined.findings)
    return [_with_findings(opened[0], findings), *opened[1:]] if findings else opened


_NOT_ABOUT_PEOPLE = {"no_id", "one_column", "nothing_found", "no_header", "no_time"}


def _without_others(
    opened: list[Opened], file: str, choices: ReadingChoices
) -> tuple[list[Opened], tuple[Finding, ...]]:
    """A file of several tables without those that are no tables of people, such as notes."""
    if len(opened) < 2 or all(one.reading.error for one in opened):
        return opened, ()
    kept, aside = [], []
    for one in opened:
        error, choice = one.reading.error, choices.tables.get(one.reading.name, TableChoice())
        left_out = choice.use is False
        if left_out or (error and not choice.use and error.code in _NOT_ABOUT_PEOPLE):
            why = "" if error is None else error.sentence
            why = f"{one.reading.name} is left out as you chose." if left_out else why
            aside.append(Finding("set_aside", "info", f"{why} It is set aside.", file))
        else:
            kept.append(one)
    return kept, tuple(aside)


def _with_findings(one: Opened, findings: tuple[Finding, ...]) -> Opened:
    reading = replace(one.reading, findings=(*findings, *one.reading.findings))
    part = one.part
    return Opened(reading, part and replace(part, findings=(*findings, *part.findings)))


def _open(table: Table, choices: ReadingChoices) -> Opened:
    reading = FileReading(table.name, "unknown", "Not recognised.", n_rows=table.n_rows)
    try:
        # Shown if recognising fails, so that roles can be chosen all the same.
        reading = replace(reading, columns=describe_columns(table, _unrecognised(table, choices)))
        fixed = choices.roles_of(table.name)
        for column in fixed:
            table.column(column)
        layout = find_layout(table, fixed)
        n_reference = 0
        if layout.kind in ("pgsc_calc", "pgsc_popsimilarity"):
            table, n_reference = split_reference(table)
        id_column = layout.first("id")
        reading = replace(
            reading,
            kind=layout.kind,
            columns=describe_columns(table, layout),
            n_rows=table.n_rows,
            n_persons=len(table.column(id_column).present_levels) if id_column else 0,
            findings=layout.findings,
            questions=layout.questions,
            visits=describe_visits(table, layout, choices),
        )
        part = read_part(table, layout, choices, n_reference)
    except DataError as error:
        return Opened(replace(reading, error=error, summary=error.sentence), None)
    part = replace(part, findings=(*layout.findings, *_reference_note(part), *part.findings))
    part = replace(part, questions=(*layout.questions, *part.questions))
    reading = replace(reading, summary=summary(part), findings=part.findings)
    return Opened(replace(reading, questions=part.questions), part)


def _unrecognised(table: Table, choices: ReadingChoices) -> Layout:
    fixed = choices.roles_of(table.name)
    columns = {
        name: Assigned(fixed.get(name, "ignore"), CHOSEN if name in fixed else "not recognised")
        for name in table.columns
    }
    return Layout("unknown", columns)


def find_layout(table: Table, fixed: dict[str, str]) -> Layout:
    """Recognise a table and give every column its role.

    Raises
    ------
    DataError
        If the table holds no people.
    """
    refuse_variants(table)
    if is_dictionary(table) and not fixed:
        note = Finding(
            "dictionary",
            "info",
            f"{table.name} is a data dictionary; it is set aside.",
            table.name,
        )
        about = Assigned("ignore", "part of a data dictionary")
        return Layout("dictionary", dict.fromkeys(table.columns, about), (note,))
    layout = known_format(table, fixed)
    if layout is None:
        return guess_layout(table, fixed)
    columns = dict(layout.columns)
    for name, role in fixed.items():
        if columns[name].role != role:
            if role == "id":
                columns[layout.first("id")] = Assigned("ignore", "another column is the identifier")
            columns[name] = Assigned(role, CHOSEN, name if role in ("score", "outcome") else "")
    return replace(layout, columns=columns)


def _reference_note(part: Part) -> tuple[Finding, ...]:
    if not part.n_reference:
        return ()
    message = f"{part.file} holds {part.n_reference:,} rows of a reference panel, set apart."
    return (Finding("reference_panel", "info", message, part.file, "sampleset"),)
