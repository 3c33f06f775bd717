"""A study read beside a file that stays outside it, such as thousands of scores.

Identifiers are thrown away when files are joined, so whoever wants to know later which row of
another file belongs to whom must ask while reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.content.parts import Part, PersonCovariate
from pgsicbt.ingest.join.assemble import assemble
from pgsicbt.ingest.join.people import few_matches, join_people
from pgsicbt.ingest.reading import open_files
from pgsicbt.ingest.uploads import FileLike, as_uploads
from pgsicbt.study import Study


@dataclass(frozen=True)
class Identifiers:
    """The people of a file outside the study, in the order of its rows, each once.

    Lives only while files are read. ``sha256`` is that of the whole file, in hexadecimal.
    ``components`` are principal components of that file, (rows,) each, which the study gets as
    covariates.
    """

    file: str
    column: str
    values: Sequence[str] = field(repr=False)
    sha256: str = ""
    components: Mapping[str, NDArray[np.float64]] = field(default_factory=dict, repr=False)


def read_study_beside(
    files: Sequence[FileLike],
    outside: Identifiers,
    recipe: ReadingChoices | str | Path | None = None,
) -> tuple[Study, NDArray[np.intp]]:
    """Read the tables of a cohort, and find its people in another file.

    Scores in ``files`` are left out: nobody must have one to be in the study.

    Returns
    -------
    tuple
        The study, and the row of ``outside`` of each person of ``study.persons``, shape
        (people,), -1 for those who are not there.

    Raises
    ------
    DataError
        As :func:`pgsicbt.ingest.read_study`, or if the files share no person.
    """
    choices = ReadingChoices.load(recipe)
    if not files:
        raise DataError("No file is given.", "Name at least a table of outcomes.", code="no_file")
    opened = open_files(as_uploads(files), choices)
    for one in opened:
        if one.reading.error is not None:
            raise one.reading.error
    inside = [replace(one.part, scores=()) for one in opened if one.part is not None]
    ids = list(outside.values)
    there = Part(
        outside.file,
        "scores",
        len(ids),
        ids,
        id_column=outside.column,
        covariates=tuple(
            PersonCovariate(name, "component", True, values)
            for name, values in outside.components.items()
        ),
        sha256=outside.sha256,
    )
    parts = [there, *inside]
    everyone = join_people(parts, choices.ids)
    study = assemble(parts, choices, everyone)
    row = np.full(len(everyone), -1, dtype=np.intp)
    row[everyone.where[0]] = np.arange(len(ids))
    findings = tuple(f for f in study.findings if f.code != "no_scores")
    observed = [part for part in inside if part.visits is not None]
    has_row = row[everyone.keys.get_indexer(study.persons.index)]
    few = few_matches([there], observed, int((has_row >= 0).sum()), len(has_row), everyone.ids)
    if few is not None:
        findings += (few,)
    return replace(study, findings=findings), has_row
