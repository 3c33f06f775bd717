"""Answers to single questions in place of totals; survey systems that export them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.messes.surveys import QUESTIONS, SHORT, _add, _answers, _total
from tests.corpus.messes.tools import Row, generator
from tests.corpus.truth import WEEKLY, WEEKS, shuffled

# Items


def _items_long(low: int = 0, holes: bool = False, weeks: Sequence[int] = WEEKS) -> list[Row]:
    rng = generator("items")
    rows = [["id", "week", *(f"phq9_{i}" for i in range(1, 10))]]
    for p in shuffled(35):
        for w in WEEKS:
            if w in weeks and ("PHQ-9", w) in p.answers:
                cells = [str(int(c) + low) for c in _answers(p, "PHQ-9", w)]
                if holes and rng.random() < 0.1:
                    cells[rng.randrange(9)] = ""
                rows.append([p.code, str(w), *cells])
    return rows


_add(
    "items_long",
    "answers to the nine questions instead of the total, one row per week",
    "items.csv",
    _items_long(),
)
_add(
    "items_names_q",
    "the questions named after their content: phq9_1_interest ...",
    "items_ord.csv",
    [
        [*r[:2], *(f"phq9_{i}_{q}" for i, q in enumerate(QUESTIONS, 1))] if k == 0 else r
        for k, r in enumerate(_items_long())
    ],
    expect="either",
    words=("items_ord.csv",),
)
_add(
    "items_from_one",
    "answers counted from 1 to 4 instead of 0 to 3: totals would be nine points too high",
    "items14.csv",
    _items_long(1),
    expect="asked",
    words=("items14.csv", "phq9"),
)


def _swedish(answer: str) -> str:
    words = ("Inte alls", "Flera dagar", "Mer än hälften av dagarna", "Nästan varje dag")
    return f"{words[int(answer)]} ({answer})" if answer else ""


def _items_wide() -> list[Row]:
    rows = [["id", *(f"phq9_{i}_w{w}" for w in WEEKS for i in range(1, 10))]]
    for p in shuffled(36):
        rows.append([p.code, *(c for w in WEEKS for c in _answers(p, "PHQ-9", w))])
    return rows


_add(
    "items_wide", "nine questions times nine weeks in columns", "items_bred.csv", _items_wide(), ";"
)
_add(
    "items_wide_time_first",
    "the week first: w0_madrs1 ... w34_madrs9",
    "madrs_items.csv",
    [
        ["id", *(f"w{w}_madrs_s_{i}" for w in WEEKS for i in range(1, 10))],
        *([p.code, *(c for w in WEEKS for c in _answers(p, "MADRS-S", w))] for p in shuffled(36)),
    ],
    ";",
    outcomes=("MADRS-S",),
)


def _items_and_total(wrong: int = 0) -> list[Row]:
    rows = _items_long()
    rows[0].append("phq9_total")
    for row in rows[1:]:
        row.append(str(sum(int(c) for c in row[2:])))
    if wrong:
        rows[wrong][-1] = str((int(rows[wrong][-1]) + 5) % 28)
    return rows


_add("items_and_total", "items and a total that agrees", "items_total.csv", _items_and_total())
_add(
    "items_and_total_differ",
    "items and a total that differs on one row",
    "items_total_fel.csv",
    _items_and_total(90),
    expect="asked",
    words=("items_total_fel.csv", "91"),
)
_add(
    "items_missing_nine",
    "an unanswered question coded 9 among answers of 0 to 3",
    "items9.csv",
    [[c if c or i < 2 else "9" for i, c in enumerate(r)] for r in _items_long(holes=True)],
    expect="asked",
    words=("items9.csv",),
)
_add(
    "items_in_words",
    "answers in words: 'Not at all', 'Several days' ...",
    "items_words.csv",
    [
        r
        if k == 0
        else [
            *r[:2],
            *(
                ("Not at all", "Several days", "More than half the days", "Nearly every day")[
                    int(c)
                ]
                for c in r[2:]
            ),
        ]
        for k, r in enumerate(_items_long(weeks=SHORT))
    ],
    weeks=SHORT,
    noticed=("items_words.csv", "in words"),
)
_add(
    "items_labelled_numbers",
    "answers as '0 - Not at all'",
    "items_labels.csv",
    [
        r
        if k == 0
        else [
            *r[:2],
            *(
                f"{c} - "
                + ("Not at all", "Several days", "More than half the days", "Nearly every day")[
                    int(c)
                ]
                for c in r[2:]
            ),
        ]
        for k, r in enumerate(_items_long(weeks=SHORT))
    ],
    weeks=SHORT,
    noticed=("in words",),
)

# Survey systems


def _qualtrics() -> list[Row]:
    names = [
        "StartDate",
        "Status",
        "Progress",
        "Finished",
        "ResponseId",
        "DistributionChannel",
        "study_id",
        "week",
        *(f"PHQ9_{i}" for i in range(1, 10)),
    ]
    texts = [
        "Start Date",
        "Response Type",
        "Progress",
        "Finished",
        "Response ID",
        "Distribution Channel",
        "study_id",
        "week",
        *(f"Over the last 2 weeks ... - {q}" for q in QUESTIONS),
    ]
    imports = [f'{{"ImportId":"QID{i}"}}' for i in range(len(names))]
    rows = [names, texts, imports]
    for k, row in enumerate(_items_long()[1:]):
        rows.append(["2023-05-02 10:00:00", "0", "100", "1", f"R_{k:05d}xYz", "anonymous", *row])
    return rows


_add(
    "items_in_swedish_words",
    "answers in Swedish words with the number in brackets, one column per visit and question",
    "svar.csv",
    [
        ["id", *(f"phq9_{i}_w{w}" for w in SHORT for i in range(1, 10))],
        *(
            [p.code, *(_swedish(c) for w in SHORT for c in _answers(p, "PHQ-9", w))]
            for p in shuffled(37)
        ),
    ],
    ";",
    weeks=SHORT,
    noticed=("svar.csv", "in words"),
)
_add(
    "qualtrics_three_headers",
    "Qualtrics: name, text and ImportId in three header rows; items",
    "ICBT+weekly_May+2,+2023_10.15.csv",
    _qualtrics(),
    extra=True,
    noticed=("StartDate",),
    quote="all",
)


def _lime() -> list[Row]:
    rows = [
        [
            "id",
            "submitdate",
            "lastpage",
            "startlanguage",
            "seed",
            "token",
            "week",
            *(f"PHQ9[SQ{i:03d}]" for i in range(1, 10)),
        ]
    ]
    rng = generator("lime")
    for k, row in enumerate(_items_long()[1:], 1):
        rows.append(
            [str(k), "1980-01-01 00:00:00", "4", "sv", str(rng.randrange(10**8, 10**9)), *row]
        )
    return rows


_add(
    "limesurvey_codes",
    "LimeSurvey: response number called id, the person in token, items as PHQ9[SQ001]",
    "results-survey482913.csv",
    _lime(),
    quote="all",
    expect="asked",
    words=("results-survey482913.csv",),
    recipe={
        "roles": {
            "results-survey482913.csv": {
                "id": "ignore",
                "submitdate": "ignore",
                "lastpage": "ignore",
                "startlanguage": "ignore",
                "seed": "ignore",
                "token": "id",
            }
        }
    },
)


def _castor() -> list[Row]:
    rows = [
        [
            "Participant Id",
            "Participant Status",
            "Site Abbreviation",
            "Participant Creation Date",
            "Repeating Data Name",
            "visit",
            "phq9_sum",
        ]
    ]
    for p in shuffled(37):
        rows += [
            [p.code, "", "STO", "11-01-2021 09:00:00", "", f"Week {w}", t]
            for w in WEEKS
            if (t := _total(p, "PHQ-9", w))
        ]
    return rows


_add(
    "castor",
    "Castor EDC: participant, status, site, creation date",
    "castor_export.csv",
    _castor(),
    ";",
    extra=True,
)


def _openclinica() -> list[Row]:
    rows = [
        [
            "SubjectID",
            "ProtocolID",
            "PHQ9_TOTAL_E1_C1",
            *(f"PHQ9_TOTAL_E2_{k}_C1" for k in range(1, 7)),
        ]
    ]
    for p in shuffled(38):
        rows.append([p.code, "ICBT-1", *(_total(p, "PHQ-9", w) for w in WEEKLY)])
    return rows


_add(
    "openclinica",
    "OpenClinica: events and versions of forms coded into the names (E2_3_C1)",
    "openclinica.tsv",
    _openclinica(),
    "\t",
    weeks=WEEKLY,
    expect="asked",
    words=("openclinica.tsv",),
)


def _google() -> list[Row]:
    rows = [["Timestamp", "Study code", "Which week is it?", "PHQ-9 total"]]
    for p in shuffled(39):
        for w in WEEKS:
            if t := _total(p, "PHQ-9", w):
                d = p.date(w)
                rows.append(
                    [
                        f"{d.month}/{d.day}/{d.year} 10:{p.number % 60:02d}:00",
                        f" {p.code} ",
                        f"Week {w}",
                        t,
                    ]
                )
    return rows


_add(
    "google_forms",
    "Google Forms: time stamp, questions as names, codes typed with blanks around them",
    "Weekly form (Responses) - Form Responses 1.csv",
    _google(),
    extra=True,
    noticed=("Timestamp",),
)
