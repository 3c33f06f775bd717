"""Output of pgsc_calc: scores in long form, with or without adjustment for ancestry."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from pgsicbt.errors import DataError
from pgsicbt.ingest.recognise.formats.people import Ids, find_ids, in_order
from pgsicbt.ingest.recognise.formats.scales import one_of, scale_question, scales_note
from pgsicbt.ingest.recognise.layout import Assigned, Layout
from pgsicbt.ingest.recognise.names import COMPONENT
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import simple_name

PGSC_PREFERENCE = ("Z_norm2", "Z_norm1", "Z_MostSimilarPop", "AVG", "SUM")
_REFERENCE = re.compile(r"reference|ref(panel)?|1000g(enomes)?|1kgp?|hgdp1kgp?|1kghgdp")
_APART = Assigned("ignore", "tells the study from the reference panel")


def read_pgsc_calc(table: Table, fixed: Mapping[str, str]) -> Layout | None:
    """The layout of a file of pgsc_calc, or None."""
    has = set(table.columns)
    if "sampleset" not in has:
        return None
    ids = find_ids(table)
    if ids is None:
        return None
    if "PGS" in has and has & set(PGSC_PREFERENCE):
        return _scores(table, ids, fixed)
    return _similarity(table, ids) if {"MostSimilarPop", "PC1"} <= has else None


def _scores(table: Table, ids: Ids, fixed: Mapping[str, str]) -> Layout:
    present = {norm: norm for norm in PGSC_PREFERENCE if norm in table.positions}
    present |= {name: name for name, role in fixed.items() if role == "score"}
    columns = ids.columns() | one_of("", present, fixed)
    columns["sampleset"] = columns["REFERENCE"] = _APART
    columns["PGS"] = Assigned("ignore", "names the score of each row")
    if "percentile_MostSimilarPop" not in fixed:
        columns["percentile_MostSimilarPop"] = Assigned(
            "ignore", "a rank among the most similar population, which spaces people unevenly"
        )
    used = next(norm for norm in present if columns[norm].role == "score")
    others = [norm for norm in present if norm != used]
    findings = (scales_note(table.name, used, others),) if others else ()
    # Ancestry-adjusted scores are the choice for good; what is left open is worth a question.
    asked = others and used not in fixed
    return Layout(
        "pgsc_calc",
        in_order(table, columns),
        findings,
        questions=(scale_question(table.name, used, others),) if asked else (),
        score_names="PGS",
    )


def _similarity(table: Table, ids: Ids) -> Layout:
    columns = ids.columns()
    for name in table.columns:
        if COMPONENT.match(simple_name(name)):
            columns[name] = Assigned("component", "a principal component of ancestry")
        elif name.startswith("RF_P_"):
            columns[name] = Assigned("ignore", "likeness to one reference population")
    columns["MostSimilarPop"] = Assigned("covariate", "the most similar reference population")
    columns["sampleset"] = columns["REFERENCE"] = _APART
    return Layout("pgsc_popsimilarity", in_order(table, columns))


def split_reference(table: Table) -> tuple[Table, int]:
    """The study's own rows of a pgsc_calc file, and how many belong to a reference panel.

    The panel is told by the column REFERENCE or by the name of its sample set; where there is
    only one sample set, it is the study's.

    Raises
    ------
    DataError
        If no row is left.
    """
    sets = table.column("sampleset")
    panel = np.zeros(table.n_rows, dtype=bool)
    if "REFERENCE" in table.positions:
        marks = table.column("REFERENCE")
        panel = np.array([m.casefold() in ("true", "1") for m in marks.levels])[marks.codes]
    elif len(sets.levels) > 1:
        named = [bool(_REFERENCE.fullmatch(simple_name(level))) for level in sets.levels]
        panel = np.array(named)[sets.codes]
    if panel.all():
        raise DataError(
            f"{table.name} holds people of the reference panel only.",
            "Load the output that pgsc_calc made for your own samples.",
            code="reference_only",
            file=table.name,
            column="sampleset",
        )
    n_panel = int(panel.sum())
    return (table.keep(~panel), n_panel) if n_panel else (table, 0)
