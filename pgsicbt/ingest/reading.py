"""One file at a time: what it was taken for, column by column, and what it contributes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pgsicbt.deidentify import examine, safe
from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices, TableChoice
from pgsicbt.ingest.content.parts import Part, read_part
from pgsicbt.ingest.content.visits import VisitReading, describe_visits
from pgsicbt.ingest.opening import Opening, fit_recipe
from pgsicbt.ingest.questions import AskingError, Question
from pgsicbt.ingest.recognise.describe import ColumnReading, describe_columns, summary
from pgsicbt.ingest.recognise.formats import (
    CHOSEN,
    known_format,
    prepare,
    refuse_variants,
    with_scales_note,
)
from pgsicbt.ingest.recognise.gated import require_id, roles_left, without_dates
from pgsicbt.ingest.recognise.guess import guess_layout, is_dictionary, refuse_transposed
from pgsicbt.ingest.recognise.labels import with_labels
from pgsicbt.ingest.recognise.layout import Assigned, FileKind, Layout
from pgsicbt.ingest.recognise.unnamed import renamed
from pgsicbt.ingest.source.contents import Contents
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.uploads import FileLike, Progress, Upload, as_uploads
from pgsicbt.study import Finding


@dataclass(frozen=True)
class FileReading:
    """What was understood of one file.

    ``error`` is set where the file cannot be used; ``columns`` is then as far as reading got.
    ``name`` is that of the table, ``file`` that of the file it is in, ``position`` its place
    among the files, from 0, ``first_line`` the line of its first row, ``format`` the form
    that it came in. ``identifying`` is True where the gate refused the file, ``aside`` where the
    table is not used, such as a hidden sheet.
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
    file: str = ""
    position: int = 0
    first_line: int = 0
    format: str = ""
    identifying: bool = False
    aside: bool = False


@dataclass(frozen=True)
class Opened:
    """A file's reading for people, and its part of the study for the program (None on error)."""

    reading: FileReading
    part: Part | None


@dataclass(frozen=True)
class OpenedFiles:
    """All files read, and the recipe under the names that their tables have now.

    ``shapes`` holds the columns of every table; ``findings`` say what the recipe was matched to.
    """

    files: tuple[Opened, ...]
    choices: ReadingChoices
    shapes: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...] = ()


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
    """Every file as :func:`open_matched` reads it."""
    return open_matched(uploads, choices, progress).files


def open_matched(
    uploads: Sequence[Upload], choices: ReadingChoices, progress: Progress | None = None
) -> OpenedFiles:
    """Read every file by itself, with the recipe brought to the names that files have now.

    A file with several tables gives several readings.
    """
    opening = fit_recipe(uploads, choices)
    sizes = np.array([max(len(upload.data), 1) for upload in uploads], dtype=float)
    before = np.cumsum(sizes) - sizes
    opened: list[Opened] = []
    shapes: dict[str, tuple[str, ...]] = {}
    for i, (upload, start, size) in enumerate(zip(uploads, before, sizes, strict=True)):

        def tell(what: str, share: float, start: float = start, size: float = size) -> None:
            if progress is not None:
                progress(what, float((start + share * size) / sizes.sum()))

        for one in _open_file(upload, opening, tell, shapes):
            opened.append(replace(one, reading=replace(one.reading, position=i)))
    return OpenedFiles(tuple(opened), opening.choices, shapes, opening.findings)


def _open_file(
    upload: Upload, opening: Opening, tell: Progress, shapes: dict[str, tuple[str, ...]]
) -> list[Opened]:
    name, choices = upload.name, opening.choices
    identifying = False
    try:
        # A name that identifies somebody must not even be shown while the file is opened.
        named = examine(name, (), (), {}).refusal
        if named is not None:
            name, identifying = "a file whose name is not shown", True
            raise named
        tell(f"Opening {name}", 0.0)
        contents = _contents(upload, opening)
        every = (*contents.tables, *contents.unread)
        tell(f"Looking in {name} for what identifies people", 0.35)
        examined = examine(name, every, contents.texts, choices.identifiers)
        identifying = examined.refusal is not None
        if examined.refusal is not None:
            raise examined.refusal
    except DataError as error:
        reading = FileReading(
            name,
            "unknown",
            error.sentence,
            error=error,
            file=name,
            identifying=identifying or error.code == "identifier",
        )
        return [Opened(reading, None)]
    opened = []
    for i, table in enumerate(contents.tables):
        tell(f"Recognising and checking {table.name}", 0.6 + 0.4 * i / len(contents.tables))
        stripped = {column for named, column in examined.strip if named == table.name}
        shapes[table.name] = table.columns
        dates = {column for named, column in examined.dates if named == table.name}
        one = _left_out(table, choices)
        opened.append(one or _open(table.without(stripped), choices, stripped, dates))
    opened = _without_others(opened, choices)
    opened += [Opened(_aside(table, "a hidden sheet"), None) for table in contents.unread]
    opened = [replace(one, reading=replace(one.reading, file=name)) for one in opened]
    notes = [
        Finding("set_aside", "info", one.reading.summary, one.reading.name)
        for one in opened
        if one.reading.aside and one.reading.kind == "unknown" and one.reading.columns
    ]
    # What was found in the file as a whole stands with its first table that is used.
    findings = (*contents.findings, *notes, *examined.findings)
    first = next((i for i, one in enumerate(opened) if not one.reading.aside), 0)
    opened[first] = _with_findings(opened[first], findings)
    return opened


def _contents(upload: Upload, opening: Opening) -> Contents:
    """The contents of a file; an error quotes no name of a column or sheet that is a person's."""
    try:
        return opening.contents(upload)
    except DataError as error:
        told = safe(error)
    # Outside of the handler, so that the error does not carry the other one along.
    raise told


_NOT_ABOUT_PEOPLE = {"no_id", "one_column", "nothing_found", "no_header", "no_time"}


def _left_out(table: Table, choices: ReadingChoices) -> Opened | None:
    if choices.tables.get(table.name, TableChoice()).use is not False:
        return None
    return Opened(_aside(table, "as you chose"), None)


def _aside(table: Table, why: str) -> FileReading:
    return FileReading(table.name, "unknown", f"Set aside, {why}.", n_rows=table.n_rows, aside=True)


def _without_others(opened: list[Opened], choices: ReadingChoices) -> list[Opened]:
    """A file of several tables, with those set aside that are no tables of people."""
    if len(opened) < 2 or all(one.reading.error for one in opened):
        return opened
    kept = []
    for one in opened:
        error, choice = one.reading.error, choices.tables.get(one.reading.name, TableChoice())
        if error is not None and not choice.use and error.code in _NOT_ABOUT_PEOPLE:
            message = f"{error.sentence} It is set aside."
            one = Opened(replace(one.reading, error=None, summary=message, aside=True), None)
        kept.append(one)
    return kept


def _with_findings(one: Opened, findings: tuple[Finding, ...]) -> Opened:
    reading = replace(one.reading, findings=(*findings, *one.reading.findings))
    part = one.part
    return Opened(reading, part and replace(part, findings=(*findings, *part.findings)))


def _open(
    table: Table,
    choices: ReadingChoices,
    stripped: Collection[str] = (),
    dates: Collection[str] = (),
) -> Opened:
    """One table read; ``stripped`` columns were left out of it, ``dates`` are not to be kept."""
    reading = FileReading(
        table.name,
        "unknown",
        "Not recognised.",
        n_rows=table.n_rows,
        first_line=int(table.lines[0]) if table.n_rows else 0,
        format=table.format,
    )
    try:
        # Shown if recognising fails, so that roles can be chosen all the same.
        reading = replace(reading, columns=describe_columns(table, _unrecognised(table, choices)))
        fixed = roles_left(table.name, choices.roles_of(table.name), stripped)
        for column in fixed:
            table.column(column)
        table = with_labels(table)
        layout = _found_layout(table, fixed, stripped)
        layout = renamed(without_dates(table.name, layout, dates), table.name, choices)
        table, n_reference = prepare(table, layout)
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
        asked = error.questions if isinstance(error, AskingError) else ()
        questions = (*reading.questions, *asked)
        if error.code in ("variants", "matrix"):
            # The columns of such a file may be called after people.
            reading = replace(reading, columns=())
        failed = replace(reading, error=error, summary=error.sentence, questions=questions)
        return Opened(failed, None)
    part = replace(part, findings=(*layout.findings, *_reference_note(part), *part.findings))
    part = replace(part, questions=(*layout.questions, *part.questions))
    reading = replace(reading, summary=summary(part), findings=part.findings)
    return Opened(replace(reading, questions=part.questions), part)


def _found_layout(table: Table, fixed: dict[str, str], stripped: Collection[str]) -> Layout:
    """The layout, unless the identifier is among the columns that were left out."""
    try:
        layout = find_layout(table, fixed)
    except DataError as error:
        if stripped and error.code in ("no_id", "one_column"):
            require_id(table.name, "", stripped)
        raise
    found = layout.first("id")
    if stripped and found and fixed.get(found) != "id":
        require_id(table.name, found, stripped)
    return layout


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
    if not fixed:
        refuse_transposed(table)
    layout = known_format(table, fixed)
    if layout is None:
        return with_scales_note(table.name, guess_layout(table, fixed))
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
