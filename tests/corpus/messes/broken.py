"""Text tables that are broken, and cells that are no numbers."""

from __future__ import annotations

import random

from tests.corpus.messes.tools import (
    THREE,
    background_rows,
    long,
    merged,
    outcome_mess,
    score_rows,
    text,
    wide,
)
from tests.corpus.truth import SCORES, Person, shuffled

# What must be refused


PLAIN_LONG = text(long())


def _ragged() -> str:
    lines = text(long(THREE)).splitlines()
    lines[57] += ",3,stray"
    return "\n".join(lines) + "\n"


outcome_mess(
    "ragged_row",
    "one row has more cells than the header",
    {"ragged.csv": _ragged()},
    expect="refused",
    words=("ragged.csv", "58"),
    outcomes=THREE,
)
outcome_mess(
    "unclosed_quote",
    "a quote that is never closed swallows the rest of the file",
    {"citat.csv": PLAIN_LONG[:1500].replace("\nK", '\n"K', 3) + PLAIN_LONG[1500:]},
    expect="refused",
    words=("citat.csv",),
)


def _one(column: int, row: int, value: str, *, sep: str = ",") -> str:
    rows = long()
    rows[row][column] = value
    return text(rows, sep)


outcome_mess(
    "score_became_date",
    "a total typed as '2-3' that Excel turned into a date",
    {"datum.csv": _one(2, 120, "02-mar")},
    expect="refused",
    words=("datum.csv", "PHQ-9", "121"),
    owner="OUTCOMES",
)
outcome_mess(
    "word_among_totals",
    "a remark typed into the column of totals",
    {"anmärkning.csv": _one(2, 64, "ringde, ej ifyllt")},
    expect="refused",
    words=("anmärkning.csv", "PHQ-9", "65"),
    owner="OUTCOMES",
)
outcome_mess(
    "two_totals_in_a_cell",
    "two answers in one cell, '14/15'",
    {"dubbelt.csv": _one(2, 200, "14/15")},
    expect="refused",
    words=("dubbelt.csv", "PHQ-9", "201"),
    owner="OUTCOMES",
)
outcome_mess(
    "out_of_range_once",
    "one total of 72 on a scale to 27 (digits swapped)",
    {"kastat.csv": _one(2, 33, "72")},
    expect="asked",
    words=("PHQ-9",),
    owner="OUTCOMES",
)
outcome_mess(
    "negative_total",
    "one total of -4, which is no usual code",
    {"minus.csv": _one(2, 33, "-4")},
    expect="asked",
    words=("PHQ-9",),
    owner="OUTCOMES",
)
outcome_mess(
    "header_other_separator",
    "the header with semicolons, the rows with commas",
    {"blandat.csv": "person_id;week;PHQ-9\n" + PLAIN_LONG.split("\n", 1)[1]},
    expect="either",
    words=("blandat.csv",),
)


def _no_header() -> str:
    return text(long()[1:])


outcome_mess(
    "no_header",
    "no header at all: the first person's values would become names of columns",
    {"utan_rubrik.csv": _no_header()},
    expect="refused",
    words=("utan_rubrik.csv",),
)
outcome_mess(
    "double_names_differ",
    "two columns with the same name and different values",
    {
        "dubbla_namn.csv": text(
            long(("PHQ-9", "GAD-7"), header=("person_id", "week", "PHQ-9", "PHQ-9"))
        )
    },
    expect="refused",
    words=("dubbla_namn.csv", "PHQ-9"),
)
outcome_mess(
    "double_names_same",
    "the same column twice, as a merge leaves it",
    {
        "tva_ganger.csv": text(
            [[*row, row[2]] for row in long()],
        )
    },
    expect="either",
    words=("tva_ganger.csv", "PHQ-9"),
)


def _lost_rows() -> str:
    """A file cut off in the middle of a line."""
    return PLAIN_LONG[: len(PLAIN_LONG) // 2 + 3]


def _transposed() -> str:
    rows = wide(weeks=(0, 1, 2, 3))
    return text([list(column) for column in zip(*rows, strict=True)], ";")


outcome_mess(
    "transposed",
    "people in columns, variables in rows",
    {"liggande.csv": _transposed()},
    expect="refused",
    words=("liggande.csv",),
    weeks=(0, 1, 2, 3),
)


def _mixed_missing() -> list[list[str]]:
    words = (
        "NA",
        "n/a",
        ".",
        "-",
        "missing",
        "saknas",
        "keine Angabe",
        "refused",
        "",
        "NULL",
        "NaN",
    )
    rng = random.Random(9)
    return [
        rows if i == 0 else [c or rng.choice(words) for c in rows] for i, rows in enumerate(wide())
    ]


outcome_mess(
    "every_word_for_missing",
    "eleven ways to say that an answer is missing, in one table",
    {"bortfall.csv": text(_mixed_missing(), ";")},
    owner="OUTCOMES",
)
outcome_mess(
    "one_table_of_all",
    "scores, background and outcomes of three instruments in one wide table, semicolons",
    {
        "analysfil.csv": text(
            merged(score_rows(), background_rows(), wide(THREE, (0, 1, 2, 3, 4, 5, 6, 8, 34))), ";"
        )
    },
    beside=(),
    outcomes=THREE,
    covariates=("age", "sex", "diagnosis", "batch"),
    owner="OUTCOMES",
)


def _repeated(person: Person, week: int, total: int) -> list[str]:
    return [
        person.code,
        *(f"{person.scores[s]:.4f}" for s in SCORES),
        str(person.age),
        person.sex,
        str(week),
        str(total),
    ]


outcome_mess(
    "one_long_table_of_all",
    "one long table in which scores and background are repeated on each visit's row",
    {
        "longfil.csv": text(
            [
                ["id", *SCORES, "age", "sex", "week", "phq9"],
                *(
                    _repeated(p, w, t)
                    for p in shuffled(12)
                    for w in (0, 1, 2, 3, 4, 5, 6, 8, 34)
                    if (t := p.total("PHQ-9", w)) is not None
                ),
            ],
            ";",
        )
    },
    beside=(),
    covariates=("age", "sex"),
    owner="OUTCOMES",
)
