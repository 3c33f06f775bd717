"""What was declared before looking and what was looked at, in this sitting."""

from __future__ import annotations

import streamlit as st

from pages.common import show, state
from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.export import csv_bytes
from pgsicbt.ledger import Declared, declaration_text, read_declaration
from pgsicbt.models.grid.grid import named
from pgsicbt.models.grid.sample import everybody
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study
from pgsicbt.words.ledger import ledger_line, ledger_rows, purpose_note


def declare(current: Study, wanted: AnalysisSpec) -> None:
    """Fix an analysis of the open study before its result is seen.

    Raises
    ------
    SpecError
        If it was looked at already.
    """
    st.session_state[state.Key.LEDGER] = state.ledger().declare(wanted, current.digest)


def take_declaration(found: Declared) -> None:
    """Take up what was declared elsewhere, for whatever is opened."""
    st.session_state[state.Key.LEDGER] = state.ledger().take(found)


def purpose_line(current: Study) -> str:
    """Whether what is shown was declared before, as a sentence."""
    return purpose_note(state.ledger().entry(state.spec(), current.digest))


def declare_part(current: Study) -> None:
    """Declare the analysis before any result is on the screen, or take up a declaration."""
    st.header("Declare the analysis before you look")
    st.write(
        "An analysis that is declared before its result is seen counts as confirmatory; any other "
        "as exploratory. The ledger keeps both, and the report prints it. The declaration can be "
        "saved and deposited; what is deposited elsewhere can be loaded here."
    )
    seen = state.ledger().seen(state.spec(), current.digest)
    with st.container(horizontal=True):
        if st.button("Declare the current analysis", disabled=seen):
            declare(current, state.spec())
        st.download_button(
            "Declaration (JSON)",
            declaration_text(state.spec()).encode(),
            "declaration.json",
            "application/json",
            on_click="ignore",
        )
    if seen:
        show.quiet("The current analysis has been looked at already.")
    elif state.ledger().declaration(state.spec(), current.digest) is not None:
        show.quiet("The current analysis is declared, and has not been looked at.")
    saved = st.file_uploader("Load a declaration", type="json", key="declaration")
    if saved is not None and saved.file_id != st.session_state.get("declaration-read"):
        st.session_state["declaration-read"] = saved.file_id
        text = saved.getvalue().decode("utf-8", errors="replace")
        try:
            found = read_declaration(text, file=saved.name)
        except PgsIcbtError as wrong:
            show.error(wrong)
        else:
            take_declaration(found)
            _make_current(current, found.spec)


def _make_current(current: Study, declared: AnalysisSpec) -> None:
    """Take up a declared analysis, unless it names what the open study does not have."""
    try:
        everybody(current, named(current, declared))
    except PgsIcbtError as wrong:
        show.error(wrong)
        show.quiet("The declaration is kept in the ledger; the current choices stay as they were.")
        return
    st.session_state[state.Key.SPEC] = declared
    show.quiet("The declaration is taken up, and is the current analysis now.")
    if state.ledger().declaration(declared, current.digest) is None:
        show.quiet(
            "Its result was looked at in this sitting before the declaration was loaded, so it "
            "stays exploratory."
        )


def ledger_part() -> None:
    """Every analysis looked at in this sitting."""
    ledger = state.ledger()
    part = show.folded(f"Analyses looked at in this sitting ({len(ledger.entries)})", "sitting")
    if not part.open:
        return
    with part:
        show.sentence(ledger_line(ledger))
        show.journal_table(
            ledger_rows(ledger),
            [
                ("", "In the order in which they were looked at"),
                ("When", "Coordinated universal time"),
                ("Analysis", "What was analysed, and where it was shown"),
                ("Models", "How many models were fitted"),
                ("Purpose", "Confirmatory if it was declared before it was looked at"),
            ],
            "Every analysis of this sitting, in order",
            numeric=(0, 3),
        )
        with st.container(horizontal=True):
            st.download_button(
                "Ledger (CSV)",
                lambda: csv_bytes(ledger.table()),
                "ledger.csv",
                "text/csv",
                on_click="ignore",
                key="sitting-csv",
            )
            st.download_button(
                "Ledger (JSON)",
                lambda: ledger.to_json().encode(),
                "ledger.json",
                "application/json",
                on_click="ignore",
                key="sitting-json",
            )
