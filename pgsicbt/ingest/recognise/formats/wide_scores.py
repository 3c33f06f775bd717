"""Tables of a genetic program with people in rows and scores in columns."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from pgsicbt.ingest.recognise import names
from pgsicbt.ingest.recognise.formats.people import Ids, find_ids, in_order, label_of
from pgsicbt.ingest.recognise.formats.plink import SEX
from pgsicbt.ingest.recognise.formats.scales import (
    one_of,
    scales_note,
    settings_finding,
    suffix_variants,
)
from pgsicbt.ingest.recognise.formats.settings import families
from pgsicbt.ingest.recognise.layout import Assigned, FileKind, Layout
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import simple_name
from pgsicbt.study import Finding

_PREDICTED = re.compile(r"(final_?)?(pred|beta)(_?(inf|auto|grid\w*|sp|nosp|lassosum2?))?")
_LDAK = re.compile(r"profile_?\d+", re.IGNORECASE)
_NOTHING = {"phenotype", "pheno", "pheno1", "covariates", "blank", "sid", "inregression"}
_COUNT = re.compile(
    r"[_. -](n_?snps?|n_?var(iant)?s?|snps|variants|count|cnt|ct|denom|matched)$", re.IGNORECASE
)
_UNNAMED = re.compile(r"[VX]\d+")
_FEW = 20
_MANY = 6
"""Columns called V1, V2, ... that are taken for the settings of a grid."""


def read_wide_scores(table: Table, fixed: Mapping[str, str]) -> Layout | None:
    """The layout of a table of scores whose people are named as genetic programs do, or None.

    GenoPred's ``.profiles``, predictions of bigsnpr, LDAK's profiles, and any table of ``FID IID``
    or ``IID`` beside columns of decimal numbers. A table that holds more than scores, components
    and sex, or one row per visit, is left to be guessed column by column.
    """
    ids = find_ids(table)
    if ids is None:
        return None
    person = table.column(ids.person)
    if person.n_missing or len(person.levels) < 0.9 * table.n_rows:
        return None
    columns = ids.columns()
    scores: list[str] = []
    for name in table.columns:
        if name in columns:
            continue
        given = _given(table, name)
        if given is None:
            return None
        columns[name] = given
        if given.role == "score":
            scores.append(name)
    if not scores:
        return None
    findings = _offered_once(table, columns, scores, fixed)
    return Layout(_kind(ids, scores), in_order(table, columns), findings)


def _given(table: Table, name: str) -> Assigned | None:
    """The role of one column; None where only guessing can tell."""
    column, simple = table.column(name), simple_name(name)
    if column.empty or simple in _NOTHING or simple.startswith("blank"):
        return Assigned("ignore", "it is empty" if column.empty else "not a score")
    if simple == "sex" and column.numeric and set(column.different_numbers) <= {0, 1, 2, -9}:
        return SEX
    if names.QUALITY.match(simple):
        return Assigned("ignore", "the quality of the person's genotypes")
    if _COUNT.search(name) and column.numeric and column.whole:
        return Assigned("ignore", "a count of variants, not a score")
    if simple in names.FAMILY:
        return Assigned("ignore", "it tells who is related to whom")
    if names.COMPONENT.match(simple) and column.numeric:
        return Assigned("component", "named and numbered as a principal component")
    if not column.mostly_numeric or names.instrument_of(name) or names.split_visit(name):
        return None
    if names.score_name(name) or _PREDICTED.fullmatch(simple) or _LDAK.fullmatch(name):
        return Assigned("score", "named as a polygenic score", name)
    if names.COVARIATES.match(simple) or names.time_role(name) is not None:
        return None
    if continuous(column, table.n_rows):
        return Assigned("score", "decimal numbers that differ between people", name)
    return None


def continuous(column: Column, n_rows: int) -> bool:
    """Whether a column holds decimal numbers, nearly all different."""
    values = column.different_numbers
    decimals = np.mean(values != np.floor(values)) if values.size else 0.0
    return bool(n_rows >= _FEW and values.size >= 0.8 * (n_rows - column.n_missing)
                and decimals > 0.5)  # fmt: skip


def _kind(ids: Ids, scores: list[str]) -> FileKind:
    if simple_name(ids.person) == "sampleid" or any(
        _PREDICTED.fullmatch(simple_name(name)) for name in scores
    ):
        return "ldpred2"
    if ids.family and all(name.upper().startswith("SCORE_") for name in scores):
        return "genopred"
    return "scores"


def _offered_once(
    table: Table, columns: dict[str, Assigned], scores: list[str], fixed: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Offer a score once that is there on several scales or at several settings."""
    findings = []
    for name, variants in suffix_variants(scores).items():
        columns |= one_of(name, variants, fixed)
        used = _used(columns, list(variants.values()))
        if used and len(variants) > 1:
            others = [one for one in variants.values() if one != used]
            findings.append(scales_note(table.name, used, others))
    left = [name for name in scores if columns[name].role == "score"]
    left = [name for name in left if not columns[name].normalisation]
    unnamed = [name for name in left if _UNNAMED.fullmatch(name)]
    groups = {"": unnamed} if len(unnamed) >= _MANY else {}
    for stem, members in {**families(left), **groups}.items():
        plain = not stem or stem.casefold() in ("score", "pred", "beta", "pt", "v", "x", "prs")
        name = label_of(table.name) if plain else stem
        columns |= one_of(name, {one: one for one in members}, fixed)
        used = _used(columns, members)
        if used:
            others = [one for one in members if one != used]
            findings.append(settings_finding(table.name, name, used, others))
    return tuple(findings[:1] if len(findings) > 4 else findings)


def _used(columns: Mapping[str, Assigned], members: list[str]) -> str:
    return next((one for one in members if columns[one].role == "score"), "")
