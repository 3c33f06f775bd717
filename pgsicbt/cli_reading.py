"""Files, recipes and answers on the command line, and the command ``check``."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pgsicbt.cli_output import write_files
from pgsicbt.cli_progress import StepLine
from pgsicbt.errors import SpecError
from pgsicbt.ingest import Reading, ReadingChoices, TableChoice, Upload, read_files, report
from pgsicbt.provenance import Provenance, read_provenance
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

_FORMS = (
    "FILE.COLUMN=ROLE, OUTCOME.missing=-9,999, time.LABEL=WEEK, name:FILE.COLUMN=NAME, "
    "identifier:FILE.COLUMN=strip|keep, header:FILE=LINE, decimal:FILE=MARK, use:TABLE=yes|no, "
    "INSTRUMENT.prorate=N, ids=HOW, repeats=WHICH or relatives=KINSHIP"
)
_COLUMN = re.compile(r"(?P<sheet> \[[^\]]*\])?\.(?P<column>.+)", re.DOTALL)


class UsageError(Exception):
    """The call itself is wrong."""


def add_reading(parser: argparse.ArgumentParser) -> None:
    """The options by which any command is told how to read."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"an answer to what the page would ask; may be repeated: {_FORMS}".replace("%", "%%"),
    )
    parser.add_argument("--recipe", metavar="JSON", help="reading choices saved earlier")


def add_files(parser: argparse.ArgumentParser) -> None:
    """The tables of a cohort, and where to save how they were read."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="tables, told apart by content")
    parser.add_argument(
        "--save-recipe",
        metavar="JSON",
        help="write how these files were read, for --recipe and the Data page",
    )


def load(paths: Sequence[str]) -> list[Upload]:
    """The files of a call, in memory.

    Raises
    ------
    UsageError
        If one of them cannot be opened.
    """
    uploads: list[Upload] = []
    for name in paths:
        path = Path(name)
        try:
            uploads.append(Upload(path.name, path.read_bytes()))
        except FileNotFoundError:
            raise UsageError(f"There is no file {name}. Check the path.") from None
        except OSError as error:
            reason = error.strerror or "no reason given"
            raise UsageError(f"{name} cannot be opened: {reason}.") from None
    return uploads


def text_of(path: str) -> str:
    """The text of a small file of a call, with or without a byte order mark.

    Raises
    ------
    UsageError
        If it cannot be opened.
    """
    (saved,) = load([path])
    return saved.data.decode("utf-8-sig", errors="replace")


def spec_of(path: str) -> AnalysisSpec:
    """The analysis that a file holds.

    Raises
    ------
    UsageError
        If the file cannot be opened.
    SpecError
        If it holds no analysis.
    """
    return AnalysisSpec.from_json(text_of(path), file=Path(path).name)


def read(args: argparse.Namespace) -> Reading:
    """Read the files of a call, say on a terminal what is being done, and save the recipe.

    Raises
    ------
    PgsIcbtError
        If the recipe cannot be read or written.
    """
    files = load(args.files)
    choices = choices_of(args.recipe, args.set, [file.name for file in files])
    line = StepLine(at_once=sum(len(file.data) for file in files) > 1_000_000)
    reading = read_files(files, choices, line)
    line.end()
    if args.save_recipe is not None:
        path = Path(args.save_recipe)
        write_files(path.parent, {path.name: (reading.recipe.to_json() + "\n").encode()})
    return reading


def read_or_refuse(args: argparse.Namespace) -> Study:
    """The study of the files of a call.

    Raises
    ------
    PgsIcbtError
        If a file cannot be used or the files do not fit together.
    """
    reading = read(args)
    if reading.study is None:
        raise reading.error or SpecError("There is nothing in these files.")
    return reading.study


def run_check(args: argparse.Namespace) -> bool:
    """Read, recognise, join, report; returns False where the files were refused."""
    body = report(read(args))
    if args.json:
        print(json.dumps(body, indent=2, ensure_ascii=False))
    else:
        _print(body)
    return bool(body["status"] != "refused")


def _print(body: dict[str, Any]) -> None:
    print(f"{body['status']}: {body['persons']:,} people, {body['observations']:,} observations")
    for kind in ("scores", "outcomes", "covariates"):
        print(f"{kind}: {', '.join(body[kind]) or 'none'}")
    for step in body["ledger"]:
        where = f" ({step['file']})" if step["file"] else ""
        lost = f", {step['lost_persons']:,} lost: {step['reason']}" if step["lost_persons"] else ""
        print(f"  {step['step']}{where}: {step['persons']:,} people{lost}")
    for finding in body["findings"]:
        word = "question" if finding["code"].startswith("question:") else finding["severity"]
        stream = sys.stderr if finding["severity"] == "error" else sys.stdout
        print(f"{word}: {finding['message']}", file=stream)


def choices_of(recipe: str | None, sets: Sequence[str], names: Sequence[str]) -> ReadingChoices:
    """The recipe of a call with the answers of ``--set`` above it.

    Parameters
    ----------
    names
        Names of the files, by which FILE.COLUMN is divided.

    Raises
    ------
    UsageError
        If an answer is not of a form that is known.
    DataError
        If the recipe is none, or an answer is not among those possible.
    """
    choices = ReadingChoices()
    if recipe is not None:
        choices = ReadingChoices.from_json(text_of(recipe), file=Path(recipe).name)
    for text in sets:
        left, equals, right = text.rpartition("=")
        if not equals or not left or not right:
            raise UsageError(f"--set {text} is not of the form NAME=VALUE.")
        choices = _answered(choices, left, right, names, text)
    return choices


def _answered(
    choices: ReadingChoices, left: str, right: str, names: Sequence[str], whole: str
) -> ReadingChoices:
    """The choices with one answer more."""
    what, colon, rest = left.partition(":")
    if left in ("ids", "repeats"):
        return replace(choices, **{left: right})  # type: ignore[arg-type]  # checked when built
    if left == "relatives":
        return replace(choices, relatives=_number(right, whole))
    if colon and what in ("name", "identifier"):
        part = "names" if what == "name" else "identifiers"
        key = _file_column(rest, names, whole)
        held: dict[str, Any] = {part: {**getattr(choices, part), key: right}}
        return replace(choices, **held)
    if colon and what in _TABLE:
        field, made = _TABLE[what]
        one = replace(choices.tables.get(rest, TableChoice()), **{field: made(right, whole)})
        return replace(choices, tables={**choices.tables, rest: one})
    if left.startswith("time."):
        label = left.removeprefix("time.")
        return replace(choices, times={**choices.times, label: _number(right, whole)})
    if left.endswith(".missing"):
        codes = tuple(_number(code, whole) for code in right.split(","))
        return replace(choices, missing={**choices.missing, left.removesuffix(".missing"): codes})
    if left.endswith(".prorate"):
        most = int(_number(right, whole))
        return replace(choices, prorate={**choices.prorate, left.removesuffix(".prorate"): most})
    return replace(choices, roles={**choices.roles, _file_column(left, names, whole): right})


def _yes(text: str, whole: str) -> bool:
    if text not in ("yes", "no"):
        raise UsageError(f"--set {whole} needs yes or no after the equals sign.")
    return text == "yes"


def _number(text: str, whole: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--set {whole} needs numbers after the equals sign.") from None


_TABLE: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "header": ("header_row", lambda text, whole: int(_number(text, whole))),
    "decimal": ("decimal", lambda text, _whole: text),
    "use": ("use", _yes),
}


def _file_column(left: str, names: Sequence[str], whole: str) -> tuple[str, str]:
    """Divide FILE.COLUMN where the file's name, or its stem, or that of its sheet ends."""
    for name in sorted(names, key=len, reverse=True):
        for spelling in (name, name.split(".")[0]):
            found = _COLUMN.fullmatch(left[len(spelling) :]) if left.startswith(spelling) else None
            if found:
                return name + (found["sheet"] or ""), found["column"]
    raise UsageError(f"--set {whole} names none of the files given; write {_FORMS}.")


def stated_of(args: argparse.Namespace, study: Study) -> dict[str, Provenance]:
    """What is stated of the scores' origin beside the files, by the names of the scores."""
    if args.provenance is None:
        return {}
    return read_provenance(text_of(args.provenance), study, file=Path(args.provenance).name)
