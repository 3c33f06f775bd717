"""The errors that the package raises: one sentence for a person, one hint on what to do.

Every error that a user can cause derives from :class:`PgsIcbtError`. Its text is shown as it is
in the browser and on the command line, so it names the file and the column and never a value
that belongs to a person.
"""

from __future__ import annotations


class PgsIcbtError(Exception):
    """Root of all errors of this package.

    Parameters
    ----------
    sentence
        What is wrong, in one sentence that a person without the source code understands.
    hint
        What to do about it, in one sentence; may be empty.
    code
        A short stable name for programs, such as ``"no_matching_ids"``.
    file, column
        Where it is wrong, as the user named it; empty where that does not apply.
    """

    default_code = "error"

    def __init__(
        self,
        sentence: str,
        hint: str = "",
        *,
        code: str = "",
        file: str = "",
        column: str = "",
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        self.code = code or self.default_code
        self.file = file
        self.column = column

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".strip()


class DataError(PgsIcbtError):
    """A file, a column or a join is not what an analysis needs."""

    default_code = "data"


class SpecError(PgsIcbtError):
    """An analysis was asked for that makes no sense, or not for this study."""

    default_code = "spec"


class FitError(PgsIcbtError):
    """A model cannot be estimated from the data that are left."""

    default_code = "fit"
