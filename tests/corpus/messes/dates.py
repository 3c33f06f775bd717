"""Dates and ages in place of weeks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tests.corpus.messes.layouts import _add
from tests.corpus.messes.tools import (
    Row,
    generator,
)
from tests.corpus.truth import WEEKS, Person, observations, shuffled

# Dates

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _serial(day: date) -> str:
    return str((day - date(1899, 12, 30)).days)


FORMS: dict[str, Callable[[date], str]] = {
    "iso": date.isoformat,
    "german": lambda d: f"{d.day:02d}.{d.month:02d}.{d.year}",
    "us": lambda d: f"{d.month}/{d.day}/{d.year}",
    "british": lambda d: f"{d.day:02d}/{d.month:02d}/{d.year}",
    "compact": lambda d: d.strftime("%Y%m%d"),
    "stata": lambda d: f"{d.day:02d}{MONTHS[d.month - 1]}{d.year}",
    "words": lambda d: f"{d.day} {MONTHS[d.month - 1].capitalize()} {d.year}",
    "short_year": lambda d: f"{d.day:02d}-{MONTHS[d.month - 1]}-{d.year % 100:02d}",
    "serial": _serial,
    "with_clock": lambda d: f"{d.isoformat()} 14:05:{d.day:02d}",
    "iso_zone": lambda d: f"{d.isoformat()}T09:30:00Z",
}
SWEDISH_COLUMN = {"serial": "Datum", "compact": "assessment_date"}
for form, write in FORMS.items():
    _add(
        f"date_{form}",
        f"the date of each visit ({form}) instead of weeks; weeks count from the start date",
        f"datum_{form}.csv",
        [
            ["id", "start_date", SWEDISH_COLUMN.get(form, "visit_date"), "PHQ-9"],
            *(
                [p.code, write(p.start), write(p.date(w)), str(t)]
                for p, _, w, t in observations(("PHQ-9",), WEEKS, shuffled(8))
            ),
        ],
        within=1e-3,
        recipe={
            "roles": {
                f"datum_{form}.csv": {
                    "start_date": "start:date",
                    SWEDISH_COLUMN.get(form, "visit_date"): "time:date",
                }
            }
        },
        noticed=("date",),
    )
_FIRST = [p for p in shuffled(8) if p.total("PHQ-9", 0) is not None]
_add(
    "date_without_start",
    "only the date of the visit: weeks count from each person's first one",
    "endast_datum.csv",
    [
        ["id", "date", "PHQ-9"],
        *(
            [p.code, p.date(w).isoformat(), str(t)]
            for p, _, w, t in observations(("PHQ-9",), WEEKS, _FIRST)
        ),
    ],
    people=tuple(p.number for p in _FIRST),
    recipe={"roles": {"endast_datum.csv": {"date": "time:date"}}},
    within=1e-3,
    noticed=("date",),
)


def _ambiguous() -> list[Row]:
    """All days up to the twelfth: nothing tells day from month."""
    rng = generator("ambiguous")
    rows = [["id", "date", "PHQ-9"]]
    for p in shuffled(8):
        start = date(2021, rng.randint(1, 12), rng.randint(1, 5))
        for w in (0, 1):
            if (t := p.total("PHQ-9", w)) is not None:
                day = start + timedelta(weeks=w)
                rows.append([p.code, f"{day.day:02d}/{day.month:02d}/{day.year}", str(t)])
    return rows


_add(
    "date_day_or_month",
    "all dates up to the twelfth of a month: day or month first cannot be told",
    "tvetydig.csv",
    _ambiguous(),
    ",",
    weeks=(0, 1),
    expect="asked",
    words=("tvetydig.csv", "date"),
)
_DATED = [
    ["id", "visit_date", "PHQ-9"],
    *(
        [p.code, p.date(w).isoformat(), str(t)]
        for p, _, w, t in observations(("PHQ-9",), WEEKS, _FIRST)
    ),
]
_IMPOSSIBLE = [list(row) for row in _DATED]
_IMPOSSIBLE[40][1] = "2021-02-30"
_add(
    "date_impossible",
    "one date that does not exist",
    "omojligt.csv",
    _IMPOSSIBLE,
    expect="refused",
    words=("omojligt.csv", "visit_date", "41"),
)
_CENTURY = [list(row) for row in _DATED]
_CENTURY[40][1] = "1021" + _CENTURY[40][1][4:]
_add(
    "date_wrong_century",
    "a year of 1021: a visit a thousand years before the others",
    "seklet.csv",
    _CENTURY,
    expect="refused",
    words=("seklet.csv", "visit_date", "41"),
)


def _age(person: Person, week: int) -> str:
    return f"{person.age + 0.31 + week * 7 / 365.25:.4f}"


def _beside(cell: str, person: Person, week: int) -> tuple[str, str]:
    """A cell beside the total of the week, both empty where there is no total."""
    total = person.total("PHQ-9", week)
    return ("", "") if total is None else (cell, str(total))


_AGED = [p for p in shuffled(5) if p.total("PHQ-9", 0) is not None]
_add(
    "age_per_wave_wide",
    "age at each wave beside the total of the wave: age_t0 phq9_t0 age_t1 phq9_t1 ...",
    "aldrar.csv",
    [
        ["id", *(c for w in WEEKS for c in (f"age_t{w}", f"phq9_t{w}"))],
        *([p.code, *(c for w in WEEKS for c in _beside(_age(p, w), p, w))] for p in _AGED),
    ],
    people=tuple(p.number for p in _AGED),
    within=0.02,
    recipe={"roles": {"aldrar.csv": {f"age_t{w}": "time:age" for w in WEEKS}}},
    expect="asked",
    words=("age",),
)
_add(
    "age_per_visit_long",
    "age at the visit in a long table, years with four decimals",
    "alder_lang.csv",
    [
        ["id", "age_at_visit", "PHQ-9"],
        *([p.code, _age(p, w), str(t)] for p, _, w, t in observations(("PHQ-9",), WEEKS, _AGED)),
    ],
    people=tuple(p.number for p in _AGED),
    within=0.02,
    recipe={"roles": {"alder_lang.csv": {"age_at_visit": "time:age"}}},
    expect="asked",
    words=("alder_lang.csv",),
)
_add(
    "date_per_wave_wide",
    "a date column per wave",
    "datum_per_vag.csv",
    [
        ["id", *(c for w in WEEKS for c in (f"date_t{w}", f"phq9_t{w}"))],
        *(
            [p.code, *(c for w in WEEKS for c in _beside(p.date(w).isoformat(), p, w))]
            for p in _AGED
        ),
    ],
    people=tuple(p.number for p in _AGED),
    within=1e-3,
    recipe={"roles": {"datum_per_vag.csv": {f"date_t{w}": "time:date" for w in WEEKS}}},
    expect="asked",
    words=("date",),
)
