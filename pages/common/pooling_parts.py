"""Pooling: the summary that a site hands over, and what several say together."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.common import long_run, show, state
from pages.common.score_parts import stated
from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.pooling import pooled_drawing
from pgsicbt.pooling import (
    PooledSites,
    SiteSummary,
    group_summaries,
    pool_sites,
    read_summary,
    site_summary,
)
from pgsicbt.pooling.random_effects import ESTIMATORS, Estimator
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.pooling import (
    ESTIMATORS as SAID,
)
from pgsicbt.words.pooling import (
    lead_model,
    left_out_sentence,
    pooled_answer,
    pooled_header,
    pooled_rows,
    pooled_sentence,
    site_rows,
)


def own_summary_part(study: Study, result: Result) -> None:
    """The summary of the open cohort, to be handed to whoever pools."""
    part = show.folded("Hand over a summary of this cohort", "own-summary")
    if not part.open:
        return
    with part:
        st.write(
            "The summary holds every score's estimate with its standard error, the specification, "
            "the outcome and its instruments, and nothing about a person. Estimates that rest on "
            "few people are left out."
        )
        name = st.text_input("Name of the site", max_chars=80, key="site-name")
        if not name.strip():
            return
        try:
            made = site_summary(study, result, name, stated(study))
        except PgsIcbtError as problem:
            show.error(problem)
            return
        st.download_button(
            f"Summary (JSON), {len(made.effects)} estimates",
            made.to_json().encode(),
            "site-summary.json",
            "application/json",
            on_click="ignore",
        )
        if made.withheld:
            show.quiet(f"{made.withheld} estimates rest on too few people and are left out.")


def pooling_part(study: Study | None) -> None:
    """Pool summaries of sites, or the groups of the open cohort as if they were sites."""
    st.header("What do several sites say together?")
    files = st.file_uploader(
        "Summaries of sites (JSON)", type="json", accept_multiple_files=True, key="site-files",
        max_upload_size=5,
        help="Made on this page at each site, or with the command summary. No person's data is "
        "in them.",
    )  # fmt: skip
    sites = _read(files or [])
    if not sites and study is not None:
        sites = _groups(study)
    if len(sites) < 2:
        if sites:
            show.sentence(f"{sites[0].site} is here; pooling needs at least one more site.")
        else:
            show.quiet("Load the summaries of two sites or more to pool them.")
        return
    with st.container(horizontal=True):
        estimator: Estimator = st.selectbox(
            "Variance between sites by", ESTIMATORS, format_func=SAID.__getitem__,
            key="pool-estimator",
        )  # fmt: skip
        modified = st.checkbox(
            "Intervals never narrower than those of normal theory", value=True,
            key="pool-modified",
            help="With few sites that happen to agree, Hartung and Knapp's interval can be too "
            "narrow.",
        )  # fmt: skip
    try:
        found = pool_sites(sites, estimator=estimator, modified=modified)
    except PgsIcbtError as problem:
        show.error(problem)
        return
    _shown(found)


def _read(files: Sequence[UploadedFile]) -> list[SiteSummary]:
    sites: list[SiteSummary] = []
    for file in files:
        try:
            sites.append(read_summary(file.getvalue(), file.name))
        except PgsIcbtError as problem:
            show.error(problem)
    return sites


def _groups(study: Study) -> list[SiteSummary]:
    """The levels of a covariate of the open cohort, if one is chosen."""
    groups = [c for c in study.covariate_names("batch", "stratum") if study.covariate(c).levels]
    if not groups or state.spec().subset is not None or not state.spec().scores:
        return []
    chosen = st.selectbox(
        "Or the groups of this cohort, as if they were sites", ["", *groups],
        format_func=lambda c: study.covariate(c).label if c else "none",
        key=f"pool-groups-{study.digest[:12]}",
    )  # fmt: skip
    if not chosen:
        return []
    spec = state.spec()
    sites, failed = long_run.run(
        study,
        "groups",
        f"{spec.canonical()} {chosen}",
        "Fitting each group",
        lambda told: group_summaries(study, spec, chosen, told),
        cancel=False,
    )
    show.sentences(failed)
    if sites:
        each = max(len(spec.scores), 1) * len(spec.adjustments)
        what = f"groups of {study.covariate(chosen).label} pooled"
        state.look(study, spec, what, models=each * len(sites))
    return list(sites)


def _shown(found: PooledSites) -> None:
    model = lead_model(found)
    show.answer(pooled_answer(found, model))
    rows = found.table[found.table["model"] == model]
    names = dict(zip(rows["score"], rows["label"], strict=True))
    score = st.selectbox("Score pooled", list(names), format_func=names.__getitem__)
    mine = rows[rows["score"] == score]
    for _, row in mine.iterrows():
        show.passage(
            ("sentence", pooled_sentence(found, row)), ("quiet", left_out_sentence(found, row))
        )
    drawing = pooled_drawing(found, score, model)
    if drawing is not None:
        stamp = " ".join([s.study + s.site for s in found.sites])
        stamp += f" {found.sites[0].spec.canonical()} {score} {found.estimator} {found.modified}"
        show.explained(
            CohortFigure(drawing), "pooled", stamp, found.rows[found.rows["score"] == score]
        )
    st.subheader("All scores pooled")
    show.journal_table(
        pooled_rows(found, model), pooled_header(), f"Pooled effects, {model} model",
        numeric=range(1, 8),
    )  # fmt: skip
    show.downloads("pooled-table", found.table, "pooled-table")
    part = show.folded(f"The sites ({len(found.sites)})", "pooled-sites")
    if part.open:
        with part:
            show.journal_table(
                site_rows(found),
                [("Site", ""), ("People", ""), ("Observations", ""), ("Instruments", ""),
                 ("Weeks", "Weeks that change is told between")],
                f"Sites; {numbers.count(sum(s.n_persons for s in found.sites))} people together",
                numeric=(1, 2, 4),
            )  # fmt: skip
    show.sentences(f.message for f in found.findings)
