"""Reading the summary file of a site: checked field by field, since it comes from elsewhere."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import DataError
from pgsicbt.pooling.site_summary import (
    EFFECT_COLUMNS,
    LONGEST_TEXT,
    ORIGIN_FIELDS,
    SCHEMA,
    VERSION,
    SiteOutcome,
    SiteSummary,
    digest_of,
)
from pgsicbt.spec import AnalysisSpec

LARGEST_FILE = 5_000_000
"""Bytes of the largest summary that is read; eight scores make some 10,000."""
_MOST_EFFECTS = 20_000
_ABOUT = ("severity", "change", "outcome")
_UNITS = ("points", "log odds", "log hazard")
_TEXT = ("program", "study", "random_used")


def read_summary(data: bytes, file: str) -> SiteSummary:
    """The summary in a file.

    Parameters
    ----------
    data
        Bytes of the file.
    file
        Its name, for messages.

    Raises
    ------
    DataError
        If it is no summary, was made by a later program, was changed after it was written, or
        holds what a summary cannot hold.
    SpecError
        If the specification in it makes no sense.
    """
    body = _body(data, file)
    if body.get("schema") != SCHEMA:
        raise DataError(
            f"{file} is not the summary of a site.",
            "Make one with the command summary, or on the page Power and pooling.",
            file=file,
        )
    if body.get("version") != VERSION:
        raise DataError(
            f"{file} was written in a form that this program does not know.",
            "Use the same version of the program at every site.",
            file=file,
        )
    if body.get("digest") != digest_of(body):
        raise DataError(
            f"{file} was changed after it was written, or arrived damaged.",
            "Ask the site for the file as the program wrote it.",
            code="changed_summary",
            file=file,
        )
    spec = _field(body, "spec", dict, file)
    texts = {name: _text(body, name, file) for name in ("site", "unit", *_TEXT)}
    if not texts["site"].strip() or texts["unit"] not in _UNITS:
        raise _odd(file, "site" if not texts["site"].strip() else "unit")
    simulated = body.get("simulated")
    if not isinstance(simulated, bool):
        raise _odd(file, "simulated")
    weeks = [_number(body, name, file, optional=True) for name in ("first_week", "last_week")]
    return SiteSummary(
        site=texts["site"],
        spec=AnalysisSpec.from_json(json.dumps(spec), file=file),
        outcome=_outcome(_field(body, "outcome", dict, file), file),
        effects=_effects(_field(body, "effects", list, file), file),
        unit=texts["unit"],
        n_persons=_count(body, "n_persons", file),
        n_observations=_count(body, "n_observations", file),
        first_week=weeks[0],
        last_week=weeks[1],
        random_used=texts["random_used"],
        study=texts["study"],
        program=texts["program"],
        simulated=simulated,
        withheld=_count(body, "withheld", file),
        origins=_origins(body.get("origins", {}), file),  # older summaries have none
    )


def _body(data: bytes, file: str) -> dict[str, Any]:
    if len(data) > LARGEST_FILE:
        raise DataError(
            f"{file} is too large for the summary of a site.",
            "Choose the file that the command summary wrote.",
            file=file,
        )
    try:
        body = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise DataError(
            f"{file} is not valid JSON.", "Ask the site to send the file again.", file=file
        ) from None
    if not isinstance(body, dict):
        raise DataError(f"{file} does not hold the summary of a site.", file=file)
    return body


def _odd(file: str, name: str) -> DataError:
    return DataError(
        f"{file}: the field {name!r} does not hold what a summary holds there.",
        "Ask the site for the file as the program wrote it.",
        code="odd_summary",
        file=file,
        column=name,
    )


def _field(body: dict[str, Any], name: str, kind: type, file: str) -> Any:
    value = body.get(name)
    if not isinstance(value, kind):
        raise _odd(file, name)
    return value


def _text(body: dict[str, Any], name: str, file: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise _odd(file, name)
    return value


def _number(body: dict[str, Any], name: str, file: str, *, optional: bool = False) -> float | None:
    value = body.get(name)
    if value is None and optional:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _odd(file, name)
    return float(value)


def _count(body: dict[str, Any], name: str, file: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _odd(file, name)
    return value


def _outcome(body: dict[str, Any], file: str) -> SiteOutcome:
    worse, instruments = body.get("higher_is_worse"), body.get("instruments")
    if not isinstance(worse, bool):
        raise _odd(file, "higher_is_worse")
    if not isinstance(instruments, list) or not all(isinstance(i, str) for i in instruments):
        raise _odd(file, "instruments")
    return SiteOutcome(
        _text(body, "name", file),
        _text(body, "label", file),
        _text(body, "unit", file),
        worse,
        _number(body, "minimum", file, optional=True),
        _number(body, "maximum", file, optional=True),
        tuple(instruments),
    )


def _origins(found: Any, file: str) -> dict[str, dict[str, str]]:
    if not isinstance(found, dict) or len(found) > _MOST_EFFECTS:
        raise _odd(file, "origins")
    for score, told in found.items():
        if len(score) > LONGEST_TEXT or not isinstance(told, dict):
            raise _odd(file, "origins")
        if not set(told) <= set(ORIGIN_FIELDS):
            raise _odd(file, "origins")
        for name in told:
            _text(told, name, file)
    return found


def _effects(rows: list[Any], file: str) -> pd.DataFrame:
    if not 0 < len(rows) <= _MOST_EFFECTS:
        raise _odd(file, "effects")
    made: list[dict[str, Any]] = []
    for row in rows:
        if not isinstance(row, dict):
            raise _odd(file, "effects")
        df = _number(row, "df", file, optional=True)
        effect: dict[str, Any] = {
            name: _text(row, name, file) for name in ("score", "label", "model", "about")
        }
        effect |= {name: _number(row, name, file) for name in ("estimate", "std_error")}
        effect |= {"df": np.nan if df is None else df, "n_persons": _count(row, "n_persons", file)}
        if effect["about"] not in _ABOUT or not effect["std_error"] > 0:
            raise _odd(file, "effects")
        if effect["n_persons"] < MINIMUM_CELL:
            raise DataError(
                f"{file} holds an effect that rests on fewer than {MINIMUM_CELL} people.",
                "Ask the site to make the summary again with this program.",
                code="small_cell",
                file=file,
            )
        made.append(effect)
    frame = pd.DataFrame(made, columns=list(EFFECT_COLUMNS))
    if frame.duplicated(["score", "model", "about"]).any():
        raise _odd(file, "effects")
    return frame
