"""A cohort described in one self-contained HTML page."""

from __future__ import annotations

from pgsicbt.cohort import Description
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.export import svg_bytes
from pgsicbt.report import markup
from pgsicbt.study import Study
from pgsicbt.words.cohort import checks_note, relatives_rows, seen, soundness, who
from pgsicbt.words.cohort_table import table_one

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
    table = table_one(study, found, median=median, differences=differences)
    parts = [
        markup.paragraph(who(study, found), "answer"),
        markup.paragraph(seen(found)),
        markup.paragraph(soundness(study, found)),
        markup.table(
            f"{table.caption}.",
            [text for text, _ in table.header],
            table.rows,
            numeric=range(1, len(table.header)),
        ),
        *(markup.paragraph(note, "quiet") for note in table.notes),
    ]
    for name, figure in figures.items():
        parts.append(markup.heading(_HEADINGS[name]))
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
    parts.append(markup.heading("Checks, and what to do about them"))
    if found.findings:
        parts.append(markup.bullets([f.message for f in found.findings]))
    parts += [markup.paragraph(text, "quiet") for text in checks_note(study, found)]
    facts = [
        ("Files", ", ".join(study.files) or "not named"),
        ("Digest of the files and reading choices (SHA-256)", study.digest),
    ]
    parts.append(markup.heading("Made from"))
    parts.append(markup.facts(facts))
    return markup.page("Who is in the cohort", parts, simulated=study.simulated, style=_STYLE)
