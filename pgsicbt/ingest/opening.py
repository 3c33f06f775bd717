"""Uploads opened one after the other, with a recipe brought to their names and shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pgsicbt.errors import DataError
from pgsicbt.ingest import recipe
from pgsicbt.ingest.choices import ReadingChoices, TableChoice
from pgsicbt.ingest.source.contents import Contents, open_contents
from pgsicbt.ingest.uploads import Upload
from pgsicbt.study import Finding


@dataclass
class Opening:
    """Opens uploads under the recipe that fits them.

    Parameters
    ----------
    choices
        The recipe under the names of the tables that are there.
    findings
        Which tables were known again under another name.
    ready
        What had to be opened to find that out, by upload; handed out once.
    """

    choices: ReadingChoices
    findings: tuple[Finding, ...] = ()
    ready: dict[str, Contents] = field(default_factory=dict)

    def contents(self, upload: Upload) -> Contents:
        """The contents of a file.

        Raises
        ------
        DataError
            If there is no table in it that can be read.
        """
        known = self.ready.pop(upload.name, None)
        return open_contents(upload, self.choices.tables) if known is None else known


def fit_recipe(uploads: Sequence[Upload], choices: ReadingChoices) -> Opening:
    """Bring a recipe to files whose names have changed since it was saved.

    Names that differ in dates and version numbers only are told first, without opening anything;
    then tables are known again by their columns, for which files without an answer are opened.
    """
    names = [upload.name for upload in uploads]
    choices, renamed = recipe.by_file_name(choices, names)
    saved = recipe.tables_of(choices)
    if all(table in names for table in saved):
        return Opening(choices, recipe.match_notes(renamed))
    ready: dict[str, Contents] = {}
    for upload in uploads:
        if upload.name not in saved:
            opened = _opened(upload, choices.tables)
            if opened is not None:
                ready[upload.name] = opened
    fitted, found = recipe.by_columns(choices, _shapes(ready), names)
    for upload in uploads:
        if upload.name in ready and not _known(ready[upload.name], fitted):
            for old, choice in fitted.tables.items():
                if choice.header_row is None or old in names:
                    continue
                tried = _opened(upload, {**fitted.tables, **_as_if(upload.name, old, choice)})
                again = {} if tried is None else _shapes({upload.name: tried})
                more, also = recipe.by_columns(fitted, again, names)
                if also and tried is not None:
                    fitted, ready[upload.name] = more, tried
                    found |= also
                    break
    for table, old in found.items():
        # How to read it was not known when it was opened.
        if _reads(choices.tables.get(old)):
            ready = {name: one for name, one in ready.items() if not table.startswith(name)}
    return Opening(fitted, recipe.match_notes({**renamed, **found}), ready)


def _opened(upload: Upload, tables: Mapping[str, TableChoice]) -> Contents | None:
    """The contents, or None where the file will be refused anyway."""
    try:
        return open_contents(upload, tables)
    except DataError:
        return None


def _shapes(opened: Mapping[str, Contents]) -> dict[str, tuple[str, ...]]:
    return {
        table.name: table.columns
        for contents in opened.values()
        for table in (*contents.tables, *contents.unread)
    }


def _known(contents: Contents, choices: ReadingChoices) -> bool:
    saved = recipe.tables_of(choices)
    return any(table.name in saved for table in contents.tables)


def _as_if(file: str, old: str, choice: TableChoice) -> dict[str, TableChoice]:
    """The choice of a saved table for the table of the same sheet in another file."""
    return {file + old[len(recipe.file_of(old)) :]: replace(choice, columns=())}


def _reads(choice: TableChoice | None) -> bool:
    """Whether a choice changes how the file itself is read."""
    return choice is not None and replace(choice, columns=()) != TableChoice()
