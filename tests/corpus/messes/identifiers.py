"""Ids that have suffered: zeros lost, blanks, case, exponents, two people with one id."""

from __future__ import annotations

from collections.abc import Callable

from tests.corpus.messes.tools import (
    ALL_SCORES,
    PLAIN,
    Row,
    add,
    background_rows,
    long,
    outcome_mess,
    padded,
    text,
)
from tests.corpus.truth import PEOPLE, Person

PADDED = {"beside": ("scores_padded.csv",), "owner": "DATA"}


def _add(name: str, about: str, file: str, rows: list[Row], **rest: object) -> None:
    outcome_mess(name, about, {file: text(rows, ";")}, **{**PADDED, **rest})


def _ids(write: Callable[[Person], str]) -> list[Row]:
    return long(ident=write)


_add(
    "zeros_lost",
    "Excel has taken the leading zeros: 0042 is 42",
    "nollor.csv",
    _ids(lambda p: str(p.number)),
    expect="asked",
    words=("zero",),
    recipe={"ids": "zeros"},
)
_add(
    "zeros_and_decimals",
    "ids became 42.0",
    "flyttal.csv",
    _ids(lambda p: f"{p.number}.0"),
    expect="asked",
    words=("zero",),
    recipe={"ids": "zeros"},
)
_add(
    "case_differs",
    "k0042 against K0042",
    "gemener.csv",
    _ids(lambda p: p.code.lower()),
    beside=("scores.csv",),
    expect="asked",
    words=("case",),
    recipe={"ids": "case"},
)
_add(
    "case_mixed",
    "every third id in small letters",
    "blandade.csv",
    _ids(lambda p: p.code if p.number % 3 else p.code.lower()),
    beside=("scores.csv",),
    expect="asked",
    words=("case",),
    recipe={"ids": "case"},
)
_add(
    "blanks_around",
    "blanks before and after ids: no one would call that another person",
    "blanksteg.csv",
    _ids(lambda p: f" {p.code}  " if p.number % 2 else p.code),
    beside=("scores.csv",),
)
_add(
    "nbsp_around",
    "no-break spaces after ids, from a web page",
    "nbsp.csv",
    _ids(lambda p: f"{p.code}\u00a0" if p.number % 2 else p.code),
    beside=("scores.csv",),
)
_add(
    "punctuation",
    "K-0042 against K0042",
    "streck.csv",
    _ids(lambda p: f"K-{p.number:04d}"),
    beside=("scores.csv",),
    expect="asked",
    words=("punctuation",),
    recipe={"ids": "punctuation"},
)
_add(
    "all_at_once",
    "' k-42' against K0042",
    "allt.csv",
    _ids(lambda p: f" k-{p.number}"),
    beside=("scores.csv",),
    expect="asked",
    words=("allt.csv",),
    recipe={"ids": "all"},
)
_add(
    "exponent_ids",
    "long ids that Excel wrote as 4.71E+11: all lost",
    "exponent.csv",
    _ids(lambda p: f"{p.number * 7919 * 10**6:.2E}"),
    expect="refused",
    words=("exponent.csv", "person_id"),
)
_add(
    "ids_became_dates",
    "ids such as 3-12 that Excel turned into 03-dec",
    "dagar_som_id.csv",
    _ids(lambda p: f"{p.number % 28 + 1:02d}-{('jan', 'feb', 'mar', 'apr')[p.number % 4]}"),
    expect="refused",
    words=("dagar_som_id.csv",),
)
_add(
    "no_common_id",
    "ids of another system: nobody matches",
    "annat_system.csv",
    _ids(lambda p: f"Q{p.number * 31 + 7}"),
    expect="refused",
    words=("annat_system.csv",),
)
_ALMOST = PEOPLE[:4]
_add(
    "almost_nobody",
    "only four of sixty match",
    "fyra.csv",
    _ids(lambda p: p.padded if p in _ALMOST else f"X{p.number}"),
    expect="asked",
    words=("4 of 60",),
)
_EMPTY = _ids(padded)
_EMPTY[10][0] = ""
_add(
    "id_empty",
    "a row without an id",
    "utan_id.csv",
    _EMPTY,
    expect="asked",
    words=("utan_id.csv", "11"),
)
_MISSING = _ids(padded)
_MISSING[10][0] = "NA"
_MISSING[90][0] = "NA"
_add(
    "id_na",
    "two rows with the id NA: not one person of that name",
    "na_id.csv",
    _MISSING,
    expect="asked",
    words=("na_id.csv", "11"),
)


def _together() -> dict[str, bytes | str]:
    """A score table with 0042-like ids twice, once with and once without zeros."""
    lines = str(PLAIN["scores_padded.csv"]).splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("0"))
    ident, rest = lines[first].split(",", 1)
    lines.append(
        f"{ident.lstrip('0')},{','.join(str(round(float(c) + 0.5, 4)) for c in rest.split(','))}"
    )
    return {
        "poang_tva.csv": "\n".join(lines) + "\n",
        "nollor.csv": text(long(ident=lambda p: str(p.number))),
    }


outcome_mess(
    "two_ids_fall_together",
    "0042 and 42 are two people in the scores: without zeros they would be one",
    _together(),
    beside=(),
    expect="refused",
    words=("poang_tva.csv",),
    recipe={"ids": "zeros"},
    owner="DATA",
    people=(0,),
)
_TWO = background_rows()
_TWO.append([_TWO[9][0], str(int(_TWO[9][1]) % 50 + 19), *_TWO[9][2:]])
add(
    "two_people_one_id",
    "two people of different age share an id in the background table",
    {"bakgrund.csv": text(_TWO)},
    beside=("scores.csv", "outcomes.csv"),
    scores=ALL_SCORES,
    expect="refused",
    words=("bakgrund.csv", "10", "62"),
    owner="DATA",
)
_DOUBLE = background_rows()
_DOUBLE.append(list(_DOUBLE[9]))
add(
    "background_row_twice",
    "the same background row twice, word by word",
    {"bakgrund.csv": text(_DOUBLE)},
    beside=("scores.csv", "outcomes.csv"),
    scores=ALL_SCORES,
    covariates=("age", "sex", "diagnosis", "batch"),
    owner="DATA",
    noticed=("bakgrund.csv",),
)
add(
    "numeric_ids_both_sides",
    "ids without zeros on both sides: nothing to ask",
    {
        "s.csv": text(
            [
                [r[0].lstrip("0"), *r[1:]] if i else r
                for i, r in enumerate(
                    [line.split(",") for line in str(PLAIN["scores_padded.csv"]).splitlines()]
                )
            ]
        ),
        "o.csv": text(long(ident=lambda p: str(p.number))),
    },
    scores=ALL_SCORES,
    owner="DATA",
)
outcome_mess(
    "screening_and_study_id",
    "a screening number before the study id in the same table",
    {
        "tva_id.csv": text(
            [
                ["screening_no" if i == 0 else str(9000 + i * 7), *r]
                for i, r in enumerate(long(header=("study_id", "week", "PHQ-9")))
            ]
        )
    },
    extra=True,
    owner="OUTCOMES",
)
outcome_mess(
    "id_not_first",
    "the id stands last",
    {"sist.csv": text([[*r[1:], r[0]] for r in long()])},
    owner="OUTCOMES",
)
outcome_mess(
    "id_swedish_name",
    "the id is called 'Försökspersonskod'",
    {"fpkod.csv": text(long(header=("Försökspersonskod", "Vecka", "PHQ-9")), ";").encode("cp1252")},
    owner="OUTCOMES",
    expect="either",
    words=("fpkod.csv",),
)
