"""Parts about scores: where one comes from, and what the grid finds where there is nothing."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.common import show, state
from pgsicbt.errors import PgsIcbtError
from pgsicbt.models.permutation.shuffled import control_check
from pgsicbt.provenance import Provenance, read_provenance
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words.controls import control_rows, control_sentence, named_controls
from pgsicbt.words.provenance import card, card_notes

_STATED = "provenance"
_SHUFFLES = 100


def stated(study: Study) -> dict[str, Provenance]:
    """The provenance that was loaded for this study."""
    digest, found = st.session_state.get(_STATED, ("", {}))
    return found if digest == study.digest else {}


def provenance_part(study: Study, score: str) -> None:
    """The card of the score that is open, and a way to load what is not in the files."""
    part = show.folded("Where this score comes from", "provenance-card")
    if not part.open:
        return
    with part:
        show.journal_table(
            card(study, score, stated(study)),
            [("What", ""), ("Stated", "By the files, or by the table that was loaded")],
            "Provenance of the score",
        )
        show.sentences(card_notes(study, score, stated(study)))
        saved = st.file_uploader(
            "Load a table of provenance (CSV with score, pgs_id, gwas, n, ancestry, overlap, "
            "method)",
            type=["csv", "tsv", "txt"],
            key="provenance-file",
        )
        if saved is not None and saved.file_id != st.session_state.get("provenance-read"):
            st.session_state["provenance-read"] = saved.file_id
            text = saved.getvalue().decode("utf-8", errors="replace")
            try:
                found = read_provenance(text, study, file=saved.name)
            except PgsIcbtError as problem:
                show.error(problem)
            else:
                st.session_state[_STATED] = (study.digest, found)
                st.rerun()


def controls_part(study: Study, result: Result) -> None:
    """Negative controls: scores handed out at random, and those that are named as controls."""
    part = show.folded("What the grid finds where there is nothing: negative controls", "controls")
    if not part.open:
        return
    with part:

        def make() -> pd.DataFrame | PgsIcbtError:
            try:
                return control_check(study, result.spec, times=_SHUFFLES, random=result.random_used)
            except PgsIcbtError as problem:
                problem.__traceback__ = problem.__context__ = None
                return problem

        with st.spinner("Handing out scores at random"):
            found = state.kept(study, "controls", result.spec.canonical(), make)
        if isinstance(found, PgsIcbtError):
            show.error(found)
        else:
            show.sentence(control_sentence(found, _SHUFFLES))
            show.journal_table(
                control_rows(found),
                [
                    ("Model", ""),
                    ("Tests of", ""),
                    ("Below .05", "Share of the tests of shuffled scores; 5 % where all is well"),
                    ("Interval", "95 %, from the number of tests"),
                    ("Inflation", "Median of t squared over what it should be; 1 is right"),
                ],
                "Tests of shuffled scores",
                numeric=(2, 3, 4),
            )
            show.downloads("negative-controls", found, "negative-controls")
        show.sentences(named_controls(result, study))
