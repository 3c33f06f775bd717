"""Rows entered twice, codes for missing answers, background of all kinds, waves in files."""

from __future__ import annotations

from tests.corpus.messes.layouts import _add
from tests.corpus.messes.tools import (
    ALL_SCORES,
    add,
    background_rows,
    long,
    outcome_mess,
    text,
    wide,
)
from tests.corpus.truth import WEEKS, observations, shuffled

# Repeats

_SAME = long()
_SAME = [*_SAME[:50], _SAME[20], _SAME[21], *_SAME[50:]]
_add(
    "repeat_identical",
    "two rows entered twice, word by word",
    "dubbletter.csv",
    _SAME,
    noticed=("dubbletter.csv",),
)
_OTHER = long()
_OTHER = [*_OTHER[:50], [*_OTHER[20][:2], str((int(_OTHER[20][2]) + 3) % 28)], *_OTHER[50:]]
_add(
    "repeat_different",
    "one visit entered twice with different totals",
    "dubbelt_olika.csv",
    _OTHER,
    expect="asked",
    words=("dubbelt_olika.csv", "21", "51"),
    recipe={"repeats": "first"},
)

# Missing codes

for number, about in (
    (-9, "SPSS users' -9"),
    (99, "99"),
    (999, "999"),
    (-99, "-99"),
    (88, "88, 'refused'"),
):
    _add(
        f"missing_{'minus' if number < 0 else ''}{abs(number)}",
        f"{about} for a missing total",
        f"kod{abs(number)}.csv",
        wide(missing=str(number)),
        recipe={"missing": {"PHQ-9": [number]}},
        expect="asked",
        words=("PHQ-9",),
    )
_add(
    "missing_two_codes",
    "-8 for refused and -9 for not asked, in the same column",
    "tva_koder.csv",
    [[(c or ("-8", "-9")[i % 2]) for c in row] for i, row in enumerate(wide())],
    recipe={"missing": {"PHQ-9": [-8, -9]}},
    expect="asked",
    words=("PHQ-9",),
)
_add(
    "missing_zero_impossible",
    "999 in a column of ages",
    "bakgrund999.csv",
    [
        ["999" if i % 11 == 5 and j == 1 else c for j, c in enumerate(row)]
        for i, row in enumerate(background_rows())
    ],
    beside=("scores.csv", "outcomes.csv"),
    covariates=("sex", "diagnosis", "batch"),
    expect="asked",
    words=("age",),
)

# Background

_SEXES = {"female": ("F", "f", "Female", "kvinna", "K"), "male": ("M", "m", "Male", "man", "Man")}
add(
    "sex_mixed_codings",
    "sex as F, f, Female, kvinna, K and M, m, Male, man within one column",
    {
        "bakgrund.csv": text(
            [
                row if i == 0 else [row[0], row[1], _SEXES[row[2]][i % 5], *row[3:]]
                for i, row in enumerate(background_rows())
            ],
            ";",
        )
    },
    beside=("scores.csv", "outcomes.csv"),
    scores=ALL_SCORES,
    covariates=("age", "sex", "diagnosis", "batch"),
    owner="OUTCOMES",
    expect="asked",
    words=("sex",),
)
add(
    "sex_one_two",
    "sex as 1 and 2",
    {
        "bakgrund.csv": text(
            [
                row if i == 0 else [row[0], row[1], "2" if row[2] == "female" else "1", *row[3:]]
                for i, row in enumerate(background_rows())
            ],
            ";",
        )
    },
    beside=("scores.csv", "outcomes.csv"),
    scores=ALL_SCORES,
    covariates=("age", "sex", "diagnosis", "batch"),
    owner="OUTCOMES",
)
add(
    "background_repeated_per_visit",
    "age, sex and diagnosis repeated on each row of the outcomes",
    {
        "lang.csv": text(
            [
                [*a, *b]
                for a, b in (
                    (
                        row,
                        {r[0]: r[1:] for r in background_rows()}.get(
                            row[0], ["age", "sex", "diagnosis", "batch"]
                        ),
                    )
                    for row in long()
                )
            ]
        )
    },
    beside=("scores.csv",),
    scores=ALL_SCORES,
    covariates=("age", "sex", "diagnosis", "batch"),
    owner="OUTCOMES",
)
_CHANGES = [
    [*a, *b]
    for a, b in (
        (row, {r[0]: r[2:3] for r in background_rows()}.get(row[0], ["sex"])) for row in long()
    )
]
_CHANGES[77][3] = "male" if _CHANGES[77][3] == "female" else "female"
_add(
    "background_changes_within_person",
    "sex differs between the visits of one person",
    "byter.csv",
    _CHANGES,
    expect="asked",
    words=("byter.csv", "sex"),
)
_add(
    "background_only_first_row",
    "age and sex only on the first row of each person (merged cells)",
    "forsta_raden.csv",
    [
        [
            *row,
            *(
                {r[0]: r[1:3] for r in background_rows()}.get(row[0], ["age", "sex"])
                if i == 0 or row[0] != long()[i - 1][0]
                else ["", ""]
            ),
        ]
        for i, row in enumerate(long())
    ],
    covariates=("age", "sex"),
)
_add(
    "id_only_first_row",
    "the id only on the first row of each person (merged cells): never guessed in silence",
    "ifyllt.csv",
    [
        [*([""] if i and row[0] == long()[i - 1][0] else row[:1]), *row[1:]]
        for i, row in enumerate(long())
    ],
    expect="asked",
    words=("ifyllt.csv", "person_id"),
)
_add(
    "no_time_column",
    "one total per person and nothing that says when",
    "eftermatning.csv",
    [
        ["id", "PHQ-9"],
        *([p.code, str(t)] for p, _, _, t in observations(("PHQ-9",), (8,), shuffled(2))),
    ],
    expect="refused",
    words=("eftermatning.csv",),
    weeks=(8,),
)
_add(
    "two_files_pre_post",
    "one file per wave; the wave stands in the names of columns",
    "fore.csv",
    wide(weeks=(0,)),
    beside=("scores.csv", "outcomes.csv"),
)
outcome_mess(
    "one_file_per_week",
    "a file per week, each with the week in the name of its column",
    {f"matning_{w}.csv": text(wide(weeks=(w,), seed=20 + w), ";") for w in WEEKS},
    owner="DATA",
)
_add(
    "outcome_unknown_scale",
    "a scale that no registry knows, with totals",
    "okand.csv",
    long(header=("id", "week", "Trivselindex")),
    outcomes=("PHQ-9",),
    recipe={
        "roles": {"okand.csv": {"Trivselindex": "outcome"}},
        "names": {"okand.csv": {"Trivselindex": "PHQ-9"}},
    },
    expect="asked",
    words=("Trivselindex",),
)
_add(
    "outcome_foreign_name",
    "the column is only called 'Summe'; the recipe says what it is",
    "summe.csv",
    long(header=("Pseudonym", "Woche", "Summe")),
    recipe={
        "roles": {"summe.csv": {"Summe": "outcome"}},
        "names": {"summe.csv": {"Summe": "PHQ-9"}},
    },
    expect="asked",
    words=("Summe",),
)
for kind, marks in (
    ("excel_errors_localised", ("#NV", "#SAKNAS!", "#DIVISION/0!", "#BEZUG!", "#VÄRDEFEL!")),
    ("python_and_stata", ("None", ".a", ".z", "<NA>", "NaT")),
    ("words_of_clinics", ("bortfall", "ej svar", "ej ifyllt", "not done", "ND")),
):
    _add(
        f"missing_{kind}",
        f"missing totals as {', '.join(marks)}",
        f"{kind}.csv",
        [[c or marks[i % len(marks)] for c in row] for i, row in enumerate(wide())],
    )
