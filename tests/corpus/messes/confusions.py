"""Columns that could be mistaken for one another: two ids, two clocks, subscales, units."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.corpus.messes.tools import (
    ALL_SCORES,
    Row,
    add,
    long,
    outcome_mess,
    score_rows,
    text,
    wide,
)
from tests.corpus.messes.workbooks import book
from tests.corpus.truth import WEEKS, Person, observations, shuffled

NUMBER = {p.number: str(i + 1) for i, p in enumerate(shuffled(90))}


def _running(person: Person) -> str:
    """Ids from 1 to 60: any count of rows looks the same."""
    return NUMBER[person.number]


SMALL = text(score_rows(ident=_running))


def _small(name: str, about: str, file: str, rows: list[Row] | str, **rest: object) -> None:
    data = rows if isinstance(rows, str) else text(rows, ";")
    add(
        name,
        about,
        {"poang.csv": SMALL, file: data},
        **{"scores": ALL_SCORES, "expect": "asked", "words": (file,), "owner": "OUTCOMES", **rest},
    )


_small(
    "row_number_called_id",
    "'id' counts the rows, 'patient' is the person; the scores have ids from 1 to 60 too",
    "radnummer.csv",
    [
        ["id" if i == 0 else str(i), *r]
        for i, r in enumerate(long(header=("patient", "week", "PHQ-9"), ident=_running))
    ],
    recipe={"roles": {"radnummer.csv": {"id": "ignore", "patient": "id"}}},
)
_small(
    "row_number_called_id_wide",
    "the same in a wide table, where the row number is as unique as the person",
    "radnummer_bred.csv",
    [
        ["id" if i == 0 else str(i), *r]
        for i, r in enumerate(wide(id_name="patient", ident=_running))
    ],
    recipe={"roles": {"radnummer_bred.csv": {"id": "ignore", "patient": "id"}}},
)
_small(
    "row_names_and_running_ids",
    "an unnamed row number before ids from 1 to 60",
    "namnlos.csv",
    [["" if i == 0 else str(i), *r] for i, r in enumerate(wide(ident=_running))],
    expect="ok",
)
add(
    "fid_running_iid_number",
    "FID counts 1 to 60, IID is the person, and the outcomes' ids are numbers",
    {
        "s.sscore": text(
            [
                ["#FID", "IID", "ALLELE_CT", "PGS_MDD_AVG"],
                *(
                    [str(i + 1), str(p.number), "9000", f"{p.scores['PGS_MDD'] / 1e3:.7f}"]
                    for i, p in enumerate(shuffled(91))
                ),
            ],
            "\t",
        ),
        "o.csv": text(long(ident=lambda p: str(p.number))),
    },
    scores={"PGS_MDD": "PGS_MDD"},
    scale="any",
    within=2e-3,
    owner="SCORES",
)
add(
    "fid_and_iid_swapped_numbers",
    "FID and IID are both numbers below 1000, and the outcomes are called by IID",
    {
        "s.sscore": text(
            [
                ["#FID", "IID", "ALLELE_CT", "PGS_MDD_AVG"],
                *(
                    [
                        str(shuffled(92)[i].number),
                        str(p.number),
                        "9000",
                        f"{p.scores['PGS_MDD'] / 1e3:.7f}",
                    ]
                    for i, p in enumerate(shuffled(91))
                ),
            ],
            "\t",
        ),
        "o.csv": text(long(header=("FID", "week", "PHQ-9"), ident=lambda p: str(p.number))),
    },
    scores={"PGS_MDD": "PGS_MDD"},
    scale="any",
    within=2e-3,
    expect="asked",
    words=("FID",),
    owner="SCORES",
)


def _add(name: str, about: str, file: str, rows: list[Row] | str | bytes, **rest: object) -> None:
    data = rows if isinstance(rows, (str, bytes)) else text(rows, ";")
    outcome_mess(
        name,
        about,
        {file: data},
        **{"owner": "OUTCOMES", "expect": "asked", "words": (file,), **rest},
    )


# Two clocks


def _clocks(first: str, second: str, shift: int = 0) -> list[Row]:
    rows = [["id", first, second, "PHQ-9"]]
    for p, _, w, t in observations(("PHQ-9",), WEEKS, shuffled(93)):
        rows.append([p.code, str(w), str(7 * w + shift * (p.number % 3)), str(t)])
    return rows


_add(
    "week_and_day",
    "the scheduled week and the actual day since the start",
    "tva_klockor.csv",
    _clocks("week", "day", 1),
    words=("day",),
)
_add(
    "week_and_day_agree",
    "week and day say the same",
    "samma_klocka.csv",
    _clocks("week", "day"),
    words=("day",),
    extra=True,
)
_add(
    "visit_and_week",
    "names of visits beside weeks: pre, w1 ... post, fu beside 0, 1 ... 8, 34",
    "namn_och_vecka.csv",
    [
        ["id", "visit", "week", "PHQ-9"],
        *(
            [p.code, {0: "pre", 8: "post", 34: "fu"}.get(w, f"w{w}"), str(w), str(t)]
            for p, _, w, t in observations(("PHQ-9",), WEEKS, shuffled(93))
        ),
    ],
    expect="ok",
)
_add(
    "visit_and_week_disagree",
    "visit 'week 3' on a row with week 4, for one row",
    "oense.csv",
    [
        ["id", "visit", "week", "PHQ-9"],
        *(
            [p.code, f"week {3 if i == 70 else w}", str(4 if i == 70 else w), str(t)]
            for i, (p, _, w, t) in enumerate(observations(("PHQ-9",), WEEKS, shuffled(93)))
        ),
    ],
    expect="said",
    words=("oense.csv", "72"),
)
_add(
    "weeks_as_ranges",
    "weeks as '0-1', '2-3'",
    "intervall.csv",
    long(visit=lambda _, w: f"{w}-{w + 1}", weeks=(0, 2, 4, 8)),
    weeks=(0, 2, 4, 8),
    words=("week",),
)

# Subscales, raters, arms

_HALF = [["id", "week", "instrument", "subscale", "score"]]
for _p, _o, _w, _t in observations(("PHQ-9",), WEEKS, shuffled(94)):
    _HALF += [
        [_p.code, str(_w), "PHQ-9", "affective", str(_t // 3)],
        [_p.code, str(_w), "PHQ-9", "somatic", str(_t - _t // 3)],
        [_p.code, str(_w), "PHQ-9", "total", str(_t)],
    ]
_add(
    "subscales_in_long",
    "subscales and total of one instrument on rows of their own",
    "delskalor.csv",
    _HALF,
    words=("delskalor.csv",),
)
_add(
    "two_raters",
    "self-report and clinician on rows of their own",
    "tva_bedomare.csv",
    [
        ["id", "week", "rater", "PHQ-9"],
        *(
            row
            for p, _, w, t in observations(("PHQ-9",), WEEKS, shuffled(94))
            for row in (
                [p.code, str(w), "self", str(t)],
                [p.code, str(w), "clinician", str(min(27, t + 2))],
            )
        ),
    ],
)
_add(
    "second_treatment",
    "some people come back for a second treatment, with weeks from 0 again",
    "tva_behandlingar.csv",
    [
        ["id", "treatment_no", "week", "PHQ-9"],
        *(
            [p.code, "1", str(w), str(t)]
            for p, _, w, t in observations(("PHQ-9",), WEEKS, shuffled(94))
        ),
        *(
            [p.code, "2", str(w), str(27 - t)]
            for p, _, w, t in observations(("PHQ-9",), (0, 1, 2), shuffled(94)[:12])
        ),
    ],
)

# Rows that are not people of the study, further headers

_add(
    "unit_row",
    "a second header row with units",
    "enheter.csv",
    [long()[0], ["code", "weeks", "points"], *long()[1:]],
    expect="either",
    words=("enheter.csv", "2"),
    owner="SOURCE",
)
_add(
    "spss_label_row",
    "a second header row with the text of the questions",
    "fragor.csv",
    [long()[0], ["Studiekod", "Behandlingsvecka", "Summa av PHQ-9"], *long()[1:]],
    expect="either",
    words=("fragor.csv", "2"),
    owner="SOURCE",
)
_add(
    "test_persons",
    "rows of test persons, TEST01 and test02, who have no scores",
    "testpersoner.csv",
    [*long(), *([f"TEST0{k}", str(w), "9"] for k in (1, 2) for w in (0, 1, 2))],
    expect="ok",
    owner="DATA",
)


def _float_ids(_: Workbook, sheet: Worksheet) -> None:
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, 1).value = float(str(sheet.cell(row, 1).value))


outcome_mess(
    "xlsx_ids_are_floats",
    "ids that Excel keeps as numbers, against ids without zeros in CSV",
    {
        "utfall.xlsx": book(long(ident=lambda p: str(p.number)), change=_float_ids),
        "poang.csv": text(score_rows(ident=lambda p: str(p.number))),
    },
    beside=(),
)
outcome_mess(
    "sav_like_wide_with_old_column",
    "an older total beside the final one: phq9_w4 and phq9_w4_old",
    {
        "gammal.csv": text(
            [
                [*r, "phq9_w4_old" if i == 0 else str(i % 28)]
                for i, r in enumerate(wide(name=lambda _, w: f"phq9_w{w}"))
            ],
            ";",
        )
    },
    expect="asked",
    words=("phq9_w4_old",),
    owner="OUTCOMES",
)
outcome_mess(
    "imputed_column_beside",
    "imputed totals beside the observed ones: phq9_w8 and phq9_w8_locf",
    {
        "locf.csv": text(
            [
                [*r, "phq9_w8_locf" if i == 0 else (r[8] or r[1] or "9")]
                for i, r in enumerate(wide(name=lambda _, w: f"phq9_w{w}"))
            ],
            ";",
        )
    },
    expect="asked",
    words=("phq9_w8_locf",),
    owner="OUTCOMES",
)
outcome_mess(
    "arabic_digits_and_fullwidth",
    "totals typed with a Japanese keyboard: １２",
    {
        "bred_siffra.csv": text(
            [
                r if i != 44 else [*r[:2], "".join(chr(ord(c) + 0xFEE0) for c in r[2])]
                for i, r in enumerate(long())
            ],
            ";",
        )
    },
    expect="either",
    words=("bred_siffra.csv", "45"),
    owner="OUTCOMES",
)
outcome_mess(
    "apostrophe_numbers",
    "Google Sheets' apostrophe before numbers: '12",
    {
        "apostrof.csv": text(
            [r if not i else [*r[:2], "'" + r[2]] for i, r in enumerate(long())], ";"
        )
    },
    expect="either",
    words=("apostrof.csv", "PHQ-9"),
)
outcome_mess(
    "empty_column_named_like_outcome",
    "GAD-7 was planned and never collected: an empty column",
    {"tom_gad.csv": text([[*r, "" if i else "GAD-7"] for i, r in enumerate(long())], ";")},
    owner="OUTCOMES",
)
outcome_mess(
    "invalid_utf8_byte",
    "UTF-8 with one byte of Windows-1252 pasted in a covariate",
    {
        "blandad_kod.csv": text(
            [[*r, ("klinik" if i == 0 else "Malmö")] for i, r in enumerate(long())]
        ).encode()
        + b"K9999,0,3,Malm\xf6\n"
    },
    expect="ok",
    extra=True,
)
