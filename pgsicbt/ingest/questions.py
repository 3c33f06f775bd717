"""What reading could not settle by itself: a question with answers to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pgsicbt.errors import DataError

QuestionKind = Literal[
    "missing_codes", "visit_week", "decimal", "date_order", "ids", "normalisation", "sheet",
    "header_row", "repeats", "items", "role", "unit", "scale", "total",
]  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One thing to ask about a reading, fit to be shown to a person.

    Parameters
    ----------
    kind
        What the answer is about; :func:`pgsicbt.ingest.answers.answered` says which part of the
        recipe takes it.
    table, column
        Where it arose; empty where that does not apply.
    text
        What is asked, in one or two sentences; never a value of a person.
    options
        Answers that can be chosen; empty where the answer is a number or a name.
    proposed
        The answer that seems right, or '' where none does.
    """

    kind: QuestionKind
    table: str
    column: str
    text: str
    options: tuple[str, ...] = ()
    proposed: str = ""


class AskingError(DataError):
    """An error that an answer would mend; ``questions`` are to be put to the user."""

    def __init__(
        self, sentence: str, hint: str = "", *, questions: tuple[Question, ...], **where: Any
    ) -> None:
        super().__init__(sentence, hint, **where)
        self.questions = questions
