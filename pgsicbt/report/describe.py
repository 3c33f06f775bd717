"""A cohort described in one self-contained HTML page."""

from __future__ import annotations

from pgsicbt.cohort import Description
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.export import svg_bytes
from pgsicbt.report import markup
from pgsicbt.study import Study
from pgsicbt.words.cohort import checks_note, relatives_rows, seen, soundness, who
from pgsicbt.words.cohort_table import TableOne, table_one

_HEADINGS = {
    "scores": "Scores",
    "courses": "Instruments",
    "correlations": "Scores with one another",
    "components": "Ancestry and batches",
    "presence": "Who is seen when",
    "floor_ceiling": "Floor and ceiling",
}
_STYLE = """
thead th.n { white-space: normal; }
tr.group th { font-weight: 600; padding-top: .7rem; }
main > .wide table th[scope=row] { white-space: nowrap; }
"""


def describe_report(
    study: Study,
    found: Description,
    figures: dict[str, CohortFigure],
    *,
    median: bool = False,
    differences: bool = False,
) -> str:
    """Table 1, figures and checks as one HTML page: no script, nothing loaded from anywhere.

    Parameters
    ----------
    figures
        Of :func:`pgsicbt.figures.cohort.cohort_figures`.
    median, differences
        As in :func:`pgsicbt.words.cohort_table.table_one`.
    """
    title = "Who is in the cohort"
    table = table_one(study, found, median=median, differences=differences)
    parts = [
        markup.tag("h1", markup.text(title)),
        markup.paragraph("Simulated data: no real person is described here.", "simulated")
        if study.simulated
        else "",
        markup.paragraph(who(study, found), "answer"),
        markup.paragraph(seen(found)),
        markup.paragraph(soundness(study, found)),
        _table(table),
        *(markup.paragraph(note, "quiet") for note in table.notes),
    ]
    for name, figure in figures.items():
        parts.append(markup.tag("h2", markup.text(_HEADINGS[name])))
        drawing = svg_bytes(figure.static())
        parts.append(markup.figure(drawing, name.replace("_", "-"), figure.alt, figure.note))
    if not found.relatives.empty:
        parts.append(
            markup.table(
                "Relatives in the cohort, by kinship coefficient.",
                ["Relatives", "Pairs", "People"],
                relatives_rows(found),
                numeric=(1, 2),
            )
        )
    parts.append(markup.tag("h2", "Checks, and what to do about them"))
    if found.findings:
        parts.append(markup.bullets([f.message for f in found.findings]))
    parts += [markup.paragraph(text, "quiet") for text in checks_note(study, found)]
    facts = [
        ("Files", ", ".join(study.files) or "not named"),
        ("Digest of the files and reading choices (SHA-256)", study.digest),
    ]
    parts.append(markup.tag("h2", "Made from"))
    parts.append(
        markup.tag(
            "dl",
            "".join(markup.tag("dt", markup.text(k)) + markup.tag("dd", markup.text(v))
                    for k, v in facts),
        )
    )  # fmt: skip
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{markup.text(title)}</title><style>{markup.STYLE}{_STYLE}</style>"
    )
    body = markup.tag("main", "\n".join(p for p in parts if p))
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _table(table: TableOne) -> str:
    """The table of characteristics, sections as headings that span it."""
    width = len(table.header)
    head = "".join(
        markup.tag(
            "th",
            markup.text(text).replace("\n", "<br>"),
            scope="col",
            **({"class_": "n"} if i else {}),
        )
        for i, (text, _) in enumerate(table.header)
    )
    rows = []
    for row in table.rows:
        if len(row) == 1:
            cell = markup.tag("th", markup.text(row[0]), scope="rowgroup", colspan=str(width))
            rows.append(markup.tag("tr", cell, class_="group"))
            continue
        cells = [markup.tag("th", markup.text(row[0]), scope="row")]
        cells += [markup.tag("td", markup.text(cell), class_="n") for cell in row[1:]]
        rows.append(markup.tag("tr", "".join(cells)))
    inside = (
        markup.tag("caption", markup.text(f"{table.caption}."))
        + markup.tag("thead", markup.tag("tr", head))
        + markup.tag("tbody", "".join(rows))
    )
    return markup.tag("div", markup.tag("table", inside), class_="wide")
