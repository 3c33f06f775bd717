"""Wide and long tables of every origin: names of visits, dates, ages, repeats, codes."""

from __future__ import annotations

from collections.abc import Callable

from tests.corpus.messes.tools import (
    THREE,
    Row,
    long,
    merged,
    outcome_mess,
    text,
    wide,
)
from tests.corpus.truth import FOLLOW_UP, POST, WEEKLY, WEEKS, observations, shuffled

TIMES = {"post": 8, "fu6": 34}


def _add(
    name: str, about: str, file: str, rows: list[Row] | str, sep: str = ";", **rest: object
) -> None:
    data = rows if isinstance(rows, str) else text(rows, sep)
    outcome_mess(name, about, {file: data}, **{"owner": "OUTCOMES", **rest})


def _named(weekly: Callable[[int], str], post: str, follow: str) -> Callable[[int], str]:
    return lambda week: {POST: post, FOLLOW_UP: follow}.get(week) or weekly(week)


# Wide

MIXED_SPELLINGS = {
    0: "PHQ9_pre",
    1: "phq_9_w1",
    2: "PHQ-9 vecka 2",
    3: "phq9.week3",
    4: "PHQ 9 v4",
    5: "Phq9_W05",
    6: "PHQ9 (week 6)",
    8: "phq-9 week 8",
    34: "PHQ9_w34",
}
_add(
    "wide_mixed_spellings",
    "one spelling per wave, as grown over the years",
    "vagor.csv",
    wide(name=lambda _, w: MIXED_SPELLINGS[w]),
)
_add(
    "wide_stata_suffix",
    "Stata's reshape: phq9_0 phq9_1 ... gad7_0 ...; the 9 and the 7 belong to the name",
    "wide_stata.csv",
    wide(THREE, name=lambda o, w: f"{o.replace('-', '').lower()}_{w}"),
    ",",
    outcomes=THREE,
)
_add(
    "wide_prefix_t",
    "the wave first: T0_PHQ9, T1_PHQ9",
    "tvag.csv",
    wide(weeks=WEEKLY, name=lambda o, w: f"T{w}_{o.replace('-', '')}"),
    weeks=WEEKLY,
    recipe={"times": {f"T{w}": w for w in WEEKLY}},
    expect="asked",
    words=("tvag.csv",),
)
_add(
    "wide_pre_post",
    "PRE, V1-V6, POST and UPPF6 in a Swedish treatment platform",
    "iterapi_export.csv",
    wide(
        ("MADRS-S", "PHQ-9"),
        name=lambda o, w: (
            f"{o} " + _named(lambda k: "PRE" if k == 0 else f"V{k}", "POST", "UPPF6")(w)
        ),
        id_name="Behandlingsid",
    ),
    outcomes=("MADRS-S", "PHQ-9"),
    recipe={"times": {"post": 8, "uppf6": 34}},
    expect="asked",
    words=("iterapi_export.csv",),
)
_add(
    "wide_post_before_pre",
    "columns in alphabetical order: follow-up, post, pre",
    "alfabetisk.csv",
    wide(weeks=(34, 8, 0), name=lambda _, w: {0: "phq9_pre", 8: "phq9_post", 34: "phq9_fu6"}[w]),
    weeks=(0, 8, 34),
    recipe={"times": TIMES},
    expect="asked",
    words=("alfabetisk.csv",),
)
_add(
    "wide_week10_before_week2",
    "columns sorted as text: week0, week1, week2, week34, week4 ...",
    "textordning.csv",
    wide(weeks=sorted(WEEKS, key=str)),
)
_add(
    "wide_three_instruments_mixed_order",
    "all instruments of a week side by side",
    "veckovis.csv",
    merged(
        *(wide(THREE, (w,), name=lambda o, k: f"w{k}_{o.lower().replace('-', '_')}") for w in WEEKS)
    ),
    outcomes=THREE,
)
_add(
    "wide_long_words",
    "LimeSurvey-like names: PHQ9 total score at week 3 of treatment",
    "survey_wide.csv",
    wide(name=lambda o, w: f"{o} total score week {w}"),
    ",",
)


def _two_headers() -> list[Row]:
    head = ["", "PHQ-9", *[""] * 8, "GAD-7", *[""] * 8]
    return [
        head,
        ["ID", *(f"Vecka {w}" for w in WEEKS), *(f"Vecka {w}" for w in WEEKS)],
        *wide(("PHQ-9", "GAD-7"))[1:],
    ]


_add(
    "two_header_rows",
    "instrument in the first header row, week in the second, as merged cells leave it in CSV",
    "tva_rubriker.csv",
    _two_headers(),
    outcomes=("PHQ-9", "GAD-7"),
    expect="either",
    words=("tva_rubriker.csv",),
    owner="SOURCE",
)

# Long: words for visits

for language, word, pre in (
    ("swedish", "Vecka", "Förmätning"),
    ("german", "Woche", "Baseline"),
    ("french", "Semaine", "Inclusion"),
    ("norwegian", "Uke", "Baseline"),
    ("finnish", "Viikko", "Alku"),
    ("dutch", "Week", "Voormeting"),
    ("spanish", "Semana", "Basal"),
):
    _add(
        f"visits_{language}",
        f"visits called '{pre}', '{word} 1' and so on",
        f"besok_{language}.csv",
        long(
            visit=lambda _, w, word=word, pre=pre: pre if w == 0 else f"{word} {w}",
            header=("id", "visit", "PHQ-9"),
        ),  # type: ignore[misc]
        recipe={"times": {pre: 0}},
        expect="either" if pre in ("Alku", "Inclusion", "Basal", "Voormeting") else "ok",
        words=("visit",),
    )
_add(
    "visits_modules",
    "'Modul 1' to 'Modul 6' in a programme with one module a week",
    "moduler.csv",
    long(
        weeks=WEEKLY,
        visit=lambda _, w: "Före" if w == 0 else f"Modul {w}",
        header=("id", "tillfälle", "PHQ-9"),
    ),
    weeks=WEEKLY,
    recipe={"times": {"Före": 0, **{f"Modul {w}": w for w in WEEKLY if w}}},
    expect="asked",
    words=("moduler.csv",),
)
_add(
    "visits_mixed_case",
    "the same visit as 'Post', 'post ' and 'POST'",
    "blandat_fall.csv",
    [
        [
            *row[:1],
            {"8": ("Post", "post ", "POST")[i % 3], "34": ("FU6", "fu6")[i % 2]}.get(
                row[1], f"week {row[1]}"
            ),
            *row[2:],
        ]
        if i
        else ["id", "visit", "PHQ-9"]
        for i, row in enumerate(long())
    ],
    recipe={"times": TIMES},
    expect="asked",
    words=("blandat_fall.csv",),
)
_add(
    "weeks_with_letter",
    "weeks as w00, w01 ... w34",
    "w00.csv",
    long(visit=lambda _, w: f"w{w:02d}"),
)
_add(
    "days_relative",
    "days since the start instead of weeks",
    "dagar.csv",
    long(visit=lambda _, w: str(7 * w), header=("id", "day", "PHQ-9")),
)
_add(
    "weeks_from_one",
    "the first visit is week 1: taken as it stands",
    "fran_ett.csv",
    long(visit=lambda _, w: str(w + 1)),
    shift=1.0,
)
_add(
    "instrument_and_value",
    "one row per person, week and scale, the scales spelt in several ways",
    "skattningar.csv",
    [
        ["pseudonym", "scale", "week", "sum"],
        *(
            [p.code, {"PHQ-9": "phq9", "GAD-7": "GAD7", "MADRS-S": "MADRS-S"}[o], str(w), str(t)]
            for p, o, w, t in observations(THREE, WEEKS, shuffled(8))
        ),
    ],
    outcomes=THREE,
)
_add(
    "instrument_spellings_mixed",
    "within one column 'PHQ9', 'PHQ-9' and 'phq 9'",
    "skattningar_blandat.csv",
    [
        ["id", "instrument", "week", "total"],
        *(
            [p.code, ("PHQ9", "PHQ-9", "phq 9", "Phq_9")[i % 4], str(w), str(t)]
            for i, (p, _, w, t) in enumerate(observations(("PHQ-9",), WEEKS, shuffled(8)))
        ),
    ],
)
for kind, column in (
    ("of_treatment", "week of treatment"),
    ("messwoche", "Messwoche"),
    ("vecka_nr", "vecka nr"),
    ("time_wk", "Time_wk"),
):
    _add(
        f"weeks_called_{kind}",
        f"weeks in a column called '{column}'",
        f"veckor_{kind}.csv",
        long(header=("id", column, "PHQ-9")),
    )
_add(
    "wide_total_after_week",
    "the week between the scale and the word total: phq9_week_3_total",
    "total_sist.csv",
    wide(name=lambda _, w: f"phq9_week_{w}_total"),
)
_add(
    "wide_time_points",
    "time points: PHQ9_TP0 to PHQ9_TP34; read as they stand, or asked about",
    "tidpunkter.csv",
    wide(name=lambda _, w: f"PHQ9_TP{w}"),
    expect="asked",
    words=("tidpunkter.csv",),
)
