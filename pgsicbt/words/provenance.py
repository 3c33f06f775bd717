"""The card of a score: where it comes from and how it is distributed here."""

from __future__ import annotations

from pgsicbt.provenance import Provenance, concerns, provenance_of
from pgsicbt.study import Study
from pgsicbt.words import numbers

NOT_STATED = "not stated"
TABLE_HEADER = ("Score", "PGS id", "Discovery GWAS", "N", "Ancestry", "Overlap", "Scoring")


def card(study: Study, score: str, stated: dict[str, Provenance]) -> list[list[str]]:
    """Rows (what, value) for one score."""
    told, info = provenance_of(study, score, stated), study.score(score)
    digits = numbers.decimals(info.sd)  # sums of weights are small; means of z scores are not
    moments = f"{numbers.estimate(info.mean, digits)}, {numbers.estimate(info.sd, digits)}"
    return [
        ["PGS Catalog id", told.pgs_id or NOT_STATED],
        ["Discovery GWAS", told.gwas or NOT_STATED],
        ["Discovery sample", _size(told)],
        ["Ancestry of the discovery sample", told.ancestry or NOT_STATED],
        ["People of this cohort in it", told.overlap or NOT_STATED],
        ["Scoring", told.method or NOT_STATED],
        ["Variants", told.variants or NOT_STATED],
        ["Normalisation", told.normalisation or NOT_STATED],
        ["From", " / ".join(x for x in (info.file, info.column) if x) or NOT_STATED],
        ["People with the score", numbers.count(info.n_persons)],
        ["Mean and SD as given", moments],
    ]


def card_notes(study: Study, score: str, stated: dict[str, Provenance]) -> list[str]:
    """What a reader must be told of the score's origin."""
    return concerns(provenance_of(study, score, stated))


def table_rows(
    study: Study, scores: tuple[str, ...], stated: dict[str, Provenance]
) -> list[list[str]]:
    """One row per score with the columns of :data:`TABLE_HEADER`, as papers print them."""
    rows = []
    for score in scores:
        told = provenance_of(study, score, stated)
        rows.append(
            [study.score(score).label, *(x or NOT_STATED for x in (
                told.pgs_id, told.gwas, _size(told) if _size(told) != NOT_STATED else "",
                told.ancestry, told.overlap, told.method))]
        )  # fmt: skip
    return rows


def _size(told: Provenance) -> str:
    if told.n:
        return told.n
    if told.cases and told.controls:
        return f"{told.cases} cases, {told.controls} controls"
    return NOT_STATED
