"""Read the files of a cohort: recognise them by content, check them, join them into a study."""

from pgsicbt.ingest.answers import answered, codes_in
from pgsicbt.ingest.choices import ROLES, ReadingChoices, TableChoice
from pgsicbt.ingest.content.visits import VisitReading
from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.reading import FileReading, inspect
from pgsicbt.ingest.recognise.describe import ColumnReading
from pgsicbt.ingest.recognise.layout import KIND_NAMES, FileKind
from pgsicbt.ingest.study_files import Reading, check, read_files, read_study, report
from pgsicbt.ingest.uploads import Upload

__all__ = [
    "KIND_NAMES",
    "ROLES",
    "ColumnReading",
    "FileKind",
    "FileReading",
    "Question",
    "Reading",
    "ReadingChoices",
    "TableChoice",
    "Upload",
    "VisitReading",
    "answered",
    "check",
    "codes_in",
    "inspect",
    "read_files",
    "read_study",
    "report",
]
