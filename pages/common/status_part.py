"""Response, remission and reliable change of the cohort, on the Cohort page."""

from __future__ import annotations

from pages.common import show, state
from pgsicbt.outcomes import status_table
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.outcomes import status_cells, status_note


def status_part(study: Study) -> None:
    """Every definition of every instrument side by side, folded away."""
    part = show.folded("Response, remission and reliable change after treatment", "status")
    if not part.open:
        return
    with part:
        table = state.described(study, status_table)
        if table.empty:
            show.quiet("No instrument here has a definition of response or remission.")
            return
        show.journal_table(
            [status_cells(row) for row in table.to_dict("records")],
            [
                ("Instrument", "Each definition of the registry in a row of its own"),
                ("What", "What the definition decides"),
                ("Definition", "As it stands in the registry, with whom it was made for"),
                (
                    "People",
                    "With a value before and after treatment; for remission, those above it before",
                ),
                (
                    "Share (95 % interval)",
                    "Wilson's interval; hidden where it would tell of one to seven people",
                ),
            ],
            status_note(study, table),
            numeric=(3, 4),
        )
        show.quiet(
            "Whoever was not seen after treatment is missing here and not a failure. "
            f"A share is left out ({numbers.MISSING}) where one to seven people meet it or fail "
            "it, and numbers of people where subtraction would tell of so few."
        )
        show.downloads("outcomes", table, "outcomes")
