"""Messes that only a person's answer settles: the recipe must bring the tidy study about."""

from __future__ import annotations

import io
import re
import zipfile

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.corpus.messes.components import _pairs
from tests.corpus.messes.identifying import _beside, _name
from tests.corpus.messes.tools import (
    ALL_SCORES,
    Row,
    add,
    long,
    outcome_mess,
    score_mess,
    score_rows,
    text,
    wide,
)
from tests.corpus.messes.workbooks import _dates, book, fill
from tests.corpus.truth import PEOPLE, WEEKS, Person, shuffled


def _add(
    name: str, about: str, file: str, data: str | bytes, recipe: dict[str, object], **rest: object
) -> None:
    outcome_mess(
        name,
        about,
        {file: data},
        **{"expect": "asked", "recipe": recipe, "words": (file,), "owner": "DATA", **rest},
    )


_add(
    "header_row_chosen",
    "an older header above the right one: both look like headers",
    "tva_huvuden.csv",
    text([["kod", "tid", "summa"], ["person_id", "week", "PHQ-9"], *long()[1:]], ";"),
    {"tables": {"tva_huvuden.csv": {"header_row": 2}}},
)


def _old_sheet(made: Workbook, _: Worksheet) -> None:
    rows = [r if not i else [*r[:2], str((int(r[2]) + 3) % 28)] for i, r in enumerate(long())]
    fill(made.create_sheet("gammal"), rows)


_add(
    "sheet_left_out",
    "an older version of the same table on a second sheet, with other values",
    "versioner.xlsx",
    book(long(), "slutlig", _old_sheet),
    {"tables": {"versioner.xlsx [gammal]": {"use": False}}},
)
_add(
    "names_stripped",
    "a column of names, which the user has told the program to leave out",
    "med_namn.csv",
    text(_beside("Namn", _name), ";"),
    {"identifiers": {"med_namn.csv": {"Namn": "strip"}}},
    secrets=("Lindqvist", "Hedlund"),
)
_add(
    "dates_stripped",
    "the exact day of inclusion, which the user has told the program to leave out",
    "med_datum.csv",
    text(_beside("inclusion_date", lambda p: p.start.isoformat()), ";"),
    {"identifiers": {"med_datum.csv": {"inclusion_date": "strip"}}},
    secrets=(PEOPLE[0].start.isoformat(),),
)
_add(
    "column_ignored",
    "a column that the user has told the program to leave out",
    "med_extra.csv",
    text(_beside("clinic_minutes", lambda p: str(p.number % 90)), ";"),
    {"roles": {"med_extra.csv": {"clinic_minutes": "ignore"}}},
    expect="answered",
)
_WRONG_FIRST = long()
_WRONG_FIRST = [
    *_WRONG_FIRST[:20],
    [*_WRONG_FIRST[20][:2], str((int(_WRONG_FIRST[20][2]) + 3) % 28)],
    *_WRONG_FIRST[20:],
]
_add(
    "repeat_last",
    "one visit twice; the later entry is the corrected one",
    "rattad.csv",
    text(_WRONG_FIRST, ";"),
    {"repeats": "last"},
    words=("rattad.csv", "21", "22"),
)
_AROUND = long()
_total = int(_AROUND[20][2])
_AROUND = [
    *_AROUND[:20],
    [*_AROUND[20][:2], str(_total - 2)],
    [*_AROUND[20][:2], str(_total + 2)],
    *_AROUND[21:],
]
_add(
    "repeat_mean",
    "one visit twice; their mean is asked for",
    "medel_av_tva.csv",
    text(_AROUND, ";"),
    {"repeats": "mean"},
    words=("medel_av_tva.csv", "21", "22"),
)
_add(
    "recipe_of_last_month",
    "the recipe was saved for last month's export, whose name holds another date",
    "utfall_2024-06-01.csv",
    text(
        long(
            header=("id", "tillfälle", "PHQ-9"),
            visit=lambda _, w: f"mätning {'abcdefghi'[WEEKS.index(w)]}",
        ),
        ";",
    ),
    {
        "roles": {"utfall_2024-05-01.csv": {"tillfälle": "visit"}},
        "times": {f"mätning {'abcdefghi'[i]}": w for i, w in enumerate(WEEKS)},
    },
)
_add(
    "recipe_of_another_name",
    "the recipe was saved for a file of another name with the same columns",
    "q2 export final.csv",
    text(long(header=("Pseudonym", "Zeit", "Summe")), ";"),
    {
        "roles": {"q1.csv": {"Zeit": "time", "Summe": "outcome", "Pseudonym": "id"}},
        "names": {"q1.csv": {"Summe": "PHQ-9"}},
        "tables": {"q1.csv": {"columns": ["Pseudonym", "Zeit", "Summe"]}},
    },
)
score_mess(
    "decimal_mark_chosen",
    "scores of three decimals between 1 and 9 with a comma, and one column of whole thousands",
    {
        "tre.csv": text(
            [
                [c.replace(".", ",") if i and j else c for j, c in enumerate(r)]
                for i, r in enumerate(score_rows(number=lambda x: f"{x + 5:.3f}"))
            ],
            ";",
        )
    },
    scale="shifted",
    within=6e-4,
    expect="asked",
    words=("tre.csv",),
    recipe={"tables": {"tre.csv": {"decimal": ","}}},
    owner="DATA",
)


def _answerable() -> tuple[list[Row], int]:
    """Items with one hole wherever the mean of the others is the missing answer itself."""
    rows, holes = [["id", "week", *(f"phq9_{i}" for i in range(1, 10))]], 0
    for p in shuffled(95):
        for w in WEEKS:
            if (items := p.answers.get(("PHQ-9", w))) is None:
                continue
            cells = [str(i) for i in items]
            fits = [k for k in range(9) if items[k] * 8 == sum(items) - items[k]]
            if fits:
                cells[fits[0]] = ""
                holes += 1
            rows.append([p.code, str(w), *cells])
    return rows, holes


_ROWS, HOLES = _answerable()
_add(
    "items_prorated",
    f"{HOLES} times one of nine questions is unanswered; the mean of the others stands in",
    "luckor.csv",
    text(_ROWS, ";"),
    {"prorate": {"PHQ-9": 2}},
    owner="OUTCOMES",
    words=("luckor.csv",),
)
_add(
    "items_not_prorated",
    "the same with no question made up for: these totals are missing",
    "luckor.csv",
    text(_ROWS, ";"),
    {"prorate": {"PHQ-9": 0}},
    owner="OUTCOMES",
    words=("luckor.csv",),
    without=tuple(
        (p.number, "PHQ-9", w)
        for p in PEOPLE
        for w in WEEKS
        if (a := p.answers.get(("PHQ-9", w))) and any(a[k] * 8 == sum(a) - a[k] for k in range(9))
    ),
)


def _fewer(a: Person, b: Person) -> int:
    """The number of the one with fewer totals, who is left out; 0 if they have as many."""
    counts = [sum(p.total("PHQ-9", w) is not None for w in WEEKS) for p in (a, b)]
    return 0 if counts[0] == counts[1] else (a, b)[counts.index(min(counts))].number


_OUT = [_fewer(a, b) for a, b, k in _pairs() if k > 0.2]
add(
    "relatives_left_out",
    "of two pairs of close relatives, those with fewer observations are left out",
    {
        "king.kin0": text(
            [
                ["#IID1", "IID2", "NSNP", "HETHET", "IBS0", "KINSHIP"],
                *([a.code, b.code, "81234", "0.11", "0.001", f"{k:.6f}"] for a, b, k in _pairs()),
            ],
            "\t",
        )
    },
    beside=("scores.csv", "outcomes.csv"),
    scores=ALL_SCORES,
    people=tuple(p.number for p in PEOPLE if p.number not in _OUT),
    expect="said",
    recipe={"relatives": 0.2},
    relatives=1,
    words=("relat",),
    owner="SCORES",
)

# More of Excel


def _base_1904(data: bytes) -> bytes:
    """The same days in a workbook that counts from 1904, as Excel for Mac once did."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/workbook.xml":
                part = re.sub(rb"<workbookPr[^>]*/>", b'<workbookPr date1904="1"/>', part)
            if name.endswith("sheet1.xml"):
                part = re.sub(
                    rb"<v>(4[45]\d{3})</v>", lambda m: b"<v>%d</v>" % (int(m[1]) - 1462), part
                )
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, part)
    return out.getvalue()


_add(
    "xlsx_dates_of_1904",
    "date cells in a workbook that counts from 1904",
    "mac.xlsx",
    _base_1904(_dates("yyyy-mm-dd")),
    {"roles": {"mac.xlsx": {"Start": "start:date", "Datum": "time:date"}}},
    within=1e-3,
    owner="OUTCOMES",
)


def _shared(data: bytes) -> bytes:
    """Texts in one table for all cells, with formats within, as Excel itself writes."""
    texts: list[bytes] = []

    def index(found: re.Match[bytes]) -> bytes:
        if found[1] not in texts:
            texts.append(found[1])
        return b't="s"><v>%d</v>' % texts.index(found[1])

    out = io.BytesIO()
    inline = rb't="inlineStr"><is><t[^>]*>([^<]*)</t></is>'
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    relation = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        parts = {name: old.read(name) for name in old.namelist()}
        sheet = "xl/worksheets/sheet1.xml"
        parts[sheet] = re.sub(inline, index, parts[sheet])
        runs = b"".join(
            b"<si><r><t>" + t[:1] + b"</t></r><r><rPr><b/></rPr><t>" + t[1:] + b"</t></r></si>"
            for t in texts
        )
        main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        parts["xl/sharedStrings.xml"] = b"<sst " + main + b">" + runs + b"</sst>"
        types, relations = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
        parts[types] = parts[types].replace(
            b"</Types>",
            b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>',
        )
        parts[relations] = parts[relations].replace(
            b"</Relationships>",
            b'<Relationship Id="rId99" Target="sharedStrings.xml" Type="'
            + relation
            + b'"/></Relationships>',
        )
        for name, part in parts.items():
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, part)
    return out.getvalue()


outcome_mess(
    "xlsx_shared_rich_text",
    "texts in the shared table, half in bold, as Excel itself saves them",
    {"excel.xlsx": _shared(book(long()))},
)
outcome_mess("xlsm", "a workbook with macros, by its name", {"makro.xlsm": book(long())})
outcome_mess(
    "xlsx_percent_and_currency",
    "totals formatted as currency: 12 kr",
    {
        "kronor.xlsx": book(
            long(),
            change=lambda _, s: (
                [
                    setattr(s.cell(r, 3), "number_format", '#,##0.00 "kr"')
                    for r in range(2, s.max_row + 1)
                ]
                and None
            ),
        )
    },
)
outcome_mess(
    "xlsx_two_workbooks",
    "scores in one workbook, outcomes in another, each with an empty second sheet",
    {
        "poang.xlsx": book(score_rows(), change=lambda b, _: b.create_sheet("Blad2") and None),
        "utfall.xlsx": book(wide(), change=lambda b, _: b.create_sheet("Blad2") and None),
    },
    beside=(),
)
outcome_mess(
    "csv_in_xlsx_column",
    "a CSV opened without splitting: everything in column A",
    {"kolumn_a.xlsx": book([[",".join(r)] for r in long()])},
    expect="either",
    words=("kolumn_a.xlsx",),
)
