"""Files that invite a misreading without a word: units of time, items, changes, look-alikes."""

from __future__ import annotations

from collections.abc import Callable

from tests.corpus.messes.tools import (
    PLAIN,
    Row,
    generator,
    long,
    outcome_mess,
    score_mess,
    score_rows,
    text,
    wide,
)
from tests.corpus.truth import SCORES, WEEKLY, WEEKS, shuffled

OWN = {"owner": "OUTCOMES", "expect": "asked"}


def _add(name: str, about: str, file: str, rows: list[Row], **rest: object) -> None:
    words = rest.pop("words", (file,))
    outcome_mess(name, about, {file: text(rows, ";")}, **{**OWN, "words": words, **rest})


# Units of time

for unit, column in (
    ("tag", "Tag"),
    ("dag", "dag"),
    ("days", "days_from_start"),
    ("dagar", "Dagar"),
):
    _add(
        f"days_called_{unit}",
        f"days since the start in a column called {column}",
        f"{unit}.csv",
        long(visit=lambda _, w: str(7 * w), header=("id", column, "PHQ-9")),
    )
_add(
    "days_called_time",
    "days in a column called only 'time': 238 weeks would be four and a half years",
    "time.csv",
    long(visit=lambda _, w: str(7 * w), header=("id", "time", "PHQ-9")),
    words=("time",),
)
_add(
    "visit_numbers_with_follow_up",
    "visits numbered 1 to 9; the eighth is week 8, the ninth week 34",
    "besoksnummer.csv",
    long(visit=lambda _, w: str(WEEKS.index(w) + 1), header=("id", "visit", "PHQ-9")),
    words=("visit",),
)
_add(
    "session_numbers",
    "sessions numbered 0 to 6 in a column called session",
    "sessioner.csv",
    long(weeks=WEEKLY, visit=lambda _, w: str(w), header=("id", "session", "PHQ-9")),
    weeks=WEEKLY,
    words=("session",),
)
MONTHS: dict[str, Callable[[int], str]] = {
    "6m": lambda w: "phq9_6m" if w == 34 else f"phq9_w{w}",
    "m6": lambda w: "phq9_m6" if w == 34 else f"phq9_w{w}",
    "6mfu": lambda w: "phq9_6mfu" if w == 34 else f"phq9_w{w}",
    "fu6": lambda w: "phq9_fu6" if w == 34 else f"phq9_w{w}",
    "6man": lambda w: "phq9_6mån" if w == 34 else f"phq9_v{w}",
    "month6": lambda w: "phq9_month6" if w == 34 else f"phq9_week{w}",
    "1yr": lambda w: "phq9_1yr" if w == 34 else f"phq9_week{w}",
    "12_month": lambda w: "PHQ9 12-month follow-up" if w == 34 else f"PHQ9 week {w}",
}
for kind, name in MONTHS.items():
    # Six months are 26.09 weeks from the start; others are asked about.
    _add(
        f"wide_follow_up_{kind}",
        f"a follow-up called {name(34)} among weeks: not week {''.join(filter(str.isdigit, kind))}",
        f"uppf_{kind}.csv",
        wide(weeks=(0, 4, 8, 34), name=lambda _, w, name=name: name(w)),  # type: ignore[misc]
        weeks=(0, 4, 8, 34),
        words=("phq",),
        at={"34": 26.0892857 if "6" in kind else 52.1785714},
    )
_add(
    "long_months_and_weeks",
    "'week 4' and 'month 6' in the same column of visits",
    "blandade_tider.csv",
    long(
        weeks=(0, 4, 8, 34),
        visit=lambda _, w: "month 6" if w == 34 else f"week {w}",
        header=("id", "visit", "PHQ-9"),
    ),
    weeks=(0, 4, 8, 34),
    at={"34": 26.0892857},
    words=("month",),
)

# Columns that carry an instrument's name and are no totals


def _with_extra(column: str, value: Callable[[int], str]) -> list[Row]:
    rows = long()
    return [[*r, value(int(r[2])) if i else column] for i, r in enumerate(rows)]


for kind, column, write in (
    ("item9", "phq9_item9", lambda t: str(t % 4)),
    ("severity", "phq9_severity", lambda t: str(min(4, t // 5))),
    (
        "severity_words",
        "phq9_category",
        lambda t: ("none", "mild", "moderate", "severe")[min(3, t // 7)],
    ),
    ("change", "phq9_change", lambda t: str(t - 14)),
    ("z", "phq9_z", lambda t: f"{(t - 14) / 5:.3f}"),
    ("complete", "phq9_complete", lambda _: "2"),
    ("minutes", "phq9_duration_s", lambda t: str(40 + 3 * t)),
    ("missing_count", "phq9_n_missing", lambda t: str(t % 2)),
    ("sum_and_mean", "phq9_mean", lambda t: f"{t / 9:.4f}"),
):
    _add(
        f"beside_total_{kind}",
        f"a column {column} beside the total: not another total",
        f"bredvid_{kind}.csv",
        _with_extra(column, write),
        words=(column,),
        extra=True,
    )
_add(
    "only_change_scores",
    "nothing but changes since baseline, called phq9_change_w4 ...",
    "forandring.csv",
    [
        ["id", *(f"phq9_change_w{w}" for w in (2, 4, 8))],
        *([p.code, *(str(p.number % 23 - 14) for _ in (2, 4, 8))] for p in shuffled(5)),
    ],
    words=("phq9_change",),
    expect="said",
)
_add(
    "standardised_totals",
    "totals that somebody has standardised: PHQ-9 of -1.32",
    "zpoang.csv",
    [r if not i else [*r[:2], f"{(int(r[2]) - 13.1) / 5.7:.4f}"] for i, r in enumerate(long())],
    words=("zpoang.csv", "PHQ-9"),
)
_add(
    "mean_of_items",
    "the mean of the nine answers instead of their sum: 0 to 3",
    "medelvarde.csv",
    [r if not i else [*r[:2], f"{int(r[2]) / 9:.4f}"] for i, r in enumerate(long())],
    words=("PHQ-9",),
)
_add(
    "percent_of_maximum",
    "per cent of the maximum instead of points",
    "procent.csv",
    [r if not i else [*r[:2], f"{int(r[2]) / 0.27:.1f}"] for i, r in enumerate(long())],
    words=("procent.csv", "PHQ-9"),
)
for look in ("PHQ-4", "PHQ-A", "PHQ-2", "GAD-2", "MADRS"):
    _add(
        f"look_alike_{look.lower()}",
        f"a column called {look}: another instrument than those of a similar name",
        f"{look}.csv",
        long(header=("id", "week", look)),
        outcomes=("never",),
        expect="said",
        words=(look,),
    )

# Cells that a programming language takes for numbers


def _cell(value: str, row: int = 77, column: int = 2) -> list[Row]:
    rows = long()
    rows[row][column] = value
    return rows


for kind, value in (
    ("underscore", "1_2"),
    ("hex", "0x0C"),
    ("star", "12*"),
    ("less_than", "<10"),
    ("tilde", "~12"),
    ("range", "10-12"),
    ("per_cent", "12%"),
    ("infinity", "Infinity"),
    ("true", "TRUE"),
    ("points", "12 p"),
    ("question_mark", "12?"),
    ("fraction", "12½"),
    ("superscript", "12²"),
    ("clock", "12:00"),
    ("letter_o", "1O"),
):
    _add(
        f"cell_{kind}",
        f"one total written as {value}",
        f"cell_{kind}.csv",
        _cell(value),
        expect="refused",
        words=(f"cell_{kind}.csv", "PHQ-9", "78"),
    )
_add(
    "week_in_words",
    "one week written as 'four'",
    "fyra_vecka.csv",
    _cell("four", column=1),
    expect="refused",
    words=("fyra_vecka.csv", "week", "78"),
)
_add(
    "week_empty",
    "one row without a week",
    "vecka_tom.csv",
    _cell("", column=1),
    expect="refused",
    words=("vecka_tom.csv", "week", "78"),
)
_add(
    "person_on_two_rows",
    "wide, with early weeks on one row of a person and late ones on another",
    "tva_rader.csv",
    [
        wide()[0],
        *([c if j <= 4 else "" for j, c in enumerate(r)] for r in wide()[1:]),
        *([c if j > 4 or j == 0 else "" for j, c in enumerate(r)] for r in wide()[1:]),
    ],
)
_add(
    "two_files_conflict",
    "two exports of the same visits that disagree in one value",
    "andra.csv",
    _cell(str((int(long()[77][2]) + 5) % 28)),
    beside=("scores.csv", "outcomes.csv"),
    expect="refused",
    words=("andra.csv", "78"),
)

# Scores


def _scores(name: str, about: str, file: str, rows: list[Row], **rest: object) -> None:
    words = rest.pop("words", (file,))
    score_mess(name, about, {file: text(rows, "\t")}, **{"expect": "asked", "words": words, **rest})


_scores(
    "scores_minus_nine",
    "-9 for people who were not genotyped, among scores of standard deviation one",
    "minus9.txt",
    [
        [("-9" if i in (4, 17, 33) and j else c) for j, c in enumerate(r)]
        for i, r in enumerate(score_rows())
    ],
    words=("-9",),
)
_scores(
    "scores_percentiles_beside",
    "each score with its percentile and decile",
    "percentiler.txt",
    [
        [
            *r,
            *(
                (f"{s}_percentile" for s in SCORES)
                if not i
                else (str(int(float(c) * 20 + 50)) for c in r[1:])
            ),
        ]
        for i, r in enumerate(score_rows())
    ],
    words=("percentile",),
)
_scores(
    "scores_pheno_case_status",
    "a score file with case status of 1 and 2 in PHENO1: neither score nor outcome",
    "status.sscore",
    [
        ["#FID", "IID", "PHENO1", "ALLELE_CT", "PGS_MDD_AVG"],
        *(
            ["0", p.code, str(p.number % 2 + 1), "90000", f"{p.scores['PGS_MDD'] / 1000:.8f}"]
            for p in shuffled(6)
        ),
    ],
    expect="ok",
    scores={"PGS_MDD": "PGS_MDD"},
    scale="any",
    within=2e-3,
)
score_mess(
    "two_score_files_same_name",
    "the same score name in two files with different values (two versions of the weights)",
    {
        "v1.txt": text(score_rows(("PGS_MDD",)), "\t"),
        "v2.txt": text(
            [
                [r[0], r[1] if not i else f"{float(r[1]) * 0.8 + 0.1 * (i % 5):.4f}"]
                for i, r in enumerate(score_rows(("PGS_MDD",)))
            ],
            "\t",
        ),
    },
    expect="said",
    words=("PGS_MDD",),
)
_scores(
    "scores_index_as_score",
    "row number and number of variants beside the score: not scores",
    "med_antal.txt",
    [
        [*r, *(("rownum", "N_SNPS") if not i else (str(i), "812345"))]
        for i, r in enumerate(score_rows())
    ],
    words=("N_SNPS",),
)
_rng = generator("silent sampleset")
_scores(
    "scores_two_samplesets",
    "two cohorts in one pgsc_calc file; one is ours",
    "tva_kohorter.txt",
    [
        ["sampleset", "IID", "PGS", "SUM", "Z_norm1", "Z_norm2"],
        *(
            [
                "other",
                f"X{i}",
                "PGS_MDD",
                f"{_rng.gauss(0, 1):.5f}",
                f"{_rng.gauss(0, 1):.5f}",
                f"{_rng.gauss(0, 1):.5f}",
            ]
            for i in range(40)
        ),
        *(
            ["icbt", p.code, "PGS_MDD", *(f"{p.scores['PGS_MDD']:.5f}" for _ in range(3))]
            for p in shuffled(7)
        ),
    ],
    scores={"PGS_MDD": "PGS_MDD"},
    scale="any",
    within=1e-3,
    words=("tva_kohorter.txt",),
)
_BY_ROW = [line.split(",") for line in str(PLAIN["scores.csv"]).splitlines()]
score_mess(
    "scores_without_ids",
    "scores without any ids, 'in the same order as the outcomes'",
    {"utan_id.txt": text([r[1:] for r in _BY_ROW], "\t")},
    expect="refused",
    words=("utan_id.txt",),
)
