"""Scores, families and quality control of PLINK 1.9 and 2."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pgsicbt.errors import DataError
from pgsicbt.ingest.recognise.formats.chromosomes import chromosome_of
from pgsicbt.ingest.recognise.formats.people import Ids, find_ids, in_order, label_of
from pgsicbt.ingest.recognise.formats.scales import average_and_sum, one_of, scales_note
from pgsicbt.ingest.recognise.layout import Assigned, Layout
from pgsicbt.ingest.source.genetic_text import identifiers_refusal
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import simple_name

COUNTS = ("DENOM", "ALLELE_CT", "NMISS_ALLELE_CT", "CNT")
"""Columns that hold how many alleles an average was divided by, the surest first."""
_COUNTED = Assigned("ignore", "a count of alleles, not a score")
_PLAIN_SCORE = re.compile(r"(PRS|SCORE\d*|SCORESUM)", re.IGNORECASE)
SEX = Assigned("covariate", "sex as PLINK codes it: 1 male, 2 female, 0 unknown")
_FAMILY = ("pat", "mat", "fa", "mo", "father", "mother", "father_id", "mother_id")
_QUALITY = {
    "ohom", "ehom", "nnm", "obsct", "f", "fmiss", "nmiss", "missingct", "misspheno", "ngeno",
    "hethapct", "snpsex", "pedsex", "status", "missingphenoct", "ycount", "fid", "iid", "sid",
}  # fmt: skip
"""All columns of ``.het``, ``.imiss``, ``.smiss`` and ``.sexcheck``."""


def read_plink(table: Table, fixed: Mapping[str, str]) -> Layout | None:
    """The layout of a ``.sscore``, ``.profile``, ``.fam``, ``.psam`` or ``.sample`` file, or None.

    Raises
    ------
    DataError
        If the file is about the quality of genotypes, or holds identifiers and nothing else.
    """
    if is_oxford(table):
        return _oxford(table)
    ids = find_ids(table)
    if ids is None:
        return None
    has = set(table.columns)
    if has == {ids.person, ids.family} - {""} and simple_name(ids.person) == "iid":
        raise identifiers_refusal(table.name)
    simple = {simple_name(name) for name in has}
    counted = has & {"ALLELE_CT", "NMISS_ALLELE_CT", "NAMED_ALLELE_DOSAGE_SUM", "DENOM"}
    if counted or any(name.endswith("_AVG") for name in has):
        return _sscore(table, ids, fixed)
    if has & {"SCORE", "SCORESUM"} and has & {"PHENO", "CNT"}:
        return _profile(table, ids)
    if simple <= _QUALITY:
        return _quality(table, ids)
    if "SEX" in has and simple <= {"fid", "iid", "sid", "sex", "aff", *map(simple_name, _FAMILY)}:
        return _family(table, ids)
    phenotypes = {n for n in simple if re.fullmatch(r"pheno(type)?\d*", n)}
    if "SEX" in has and simple - phenotypes <= {"fid", "iid", "sid", "sex", "pat", "mat"}:
        return _family(table, ids)
    return None


def _sscore(table: Table, ids: Ids, fixed: Mapping[str, str]) -> Layout | None:
    columns = ids.columns()
    if "SID" in table.positions:
        columns["SID"] = Assigned("ignore", f"source identifier; people are joined on {ids.person}")
    names = [n for n in _behind_counts(table) if n != "NAMED_ALLELE_DOSAGE_SUM"]
    scores = average_and_sum(names)
    plain = [name for name in scores if _PLAIN_SCORE.fullmatch(name)]
    label = label_of(table.name)
    note = None
    for name, variants in scores.items():
        own = label if len(plain) == 1 else f"{label}_{name}"
        called = own if name in plain else name
        if chromosome_of(table.name) or chromosome_of(name):
            # Averages have their own denominators and cannot be added over chromosomes.
            variants = dict(sorted(variants.items(), key=lambda one: one[0] != "SUM"))
        columns |= one_of(called, variants, fixed)
        used = [column for column in variants.values() if columns[column].role == "score"]
        if used and columns[used[0]].alternatives and note is None:
            note = scales_note(table.name, used[0], columns[used[0]].alternatives)
    for name in (*COUNTS, "NAMED_ALLELE_DOSAGE_SUM", "CNT2"):
        columns[name] = _COUNTED
    for name in table.columns:
        if name not in columns:
            columns[name] = Assigned("ignore", "a phenotype that PLINK carried along")
    for name in ("sampleset", "dataset"):
        columns[name] = Assigned("ignore", "the set of samples")
    return Layout("plink_sscore", in_order(table, columns), (note,) if note else ())


def _behind_counts(table: Table) -> list[str]:
    """The columns behind the counts of alleles, where PLINK 2 writes scores."""
    counts = [table.positions[n] for n in (*COUNTS, "NAMED_ALLELE_DOSAGE_SUM") if n in
              table.positions and n != "DENOM"]  # fmt: skip
    return list(table.columns[min(counts) :] if counts else table.columns)


def _profile(table: Table, ids: Ids) -> Layout:
    column = "SCORESUM" if "SCORESUM" in table.positions else "SCORE"
    columns = ids.columns()
    label = label_of(table.name) or column
    columns[column] = Assigned("score", "the score, named after its file", label, "", column)
    columns["PHENO"] = Assigned("ignore", "PLINK's phenotype, not an outcome over time")
    columns["CNT"] = columns["CNT2"] = _COUNTED
    return Layout("plink_profile", in_order(table, columns))


def _family(table: Table, ids: Ids) -> Layout:
    columns = ids.columns() | {"SEX": SEX}
    for name in table.columns:
        if simple_name(name) in map(simple_name, _FAMILY):
            columns[name] = Assigned("ignore", "it tells who is related to whom")
        elif simple_name(name).startswith(("pheno", "aff")):
            columns[name] = Assigned("ignore", "PLINK's phenotype, not an outcome over time")
    return Layout("fam", in_order(table, columns))


def _quality(table: Table, ids: Ids) -> Layout:
    """Heterozygosity, missing genotypes and checks of sex: of these only sex is of use."""
    if "PEDSEX" not in table.positions:
        raise DataError(
            f"{table.name} holds the quality of each person's genotypes, not scores.",
            "Leave it out; take out poor samples before the scores are computed.",
            code="quality",
            file=table.name,
        )
    return Layout("fam", in_order(table, ids.columns() | {"PEDSEX": SEX}))


def is_oxford(table: Table) -> bool:
    """Whether a table is a ``.sample`` file, whose second line tells the types of columns."""
    names = [simple_name(name) for name in table.columns[:3]]
    return names == ["id1", "id2", "missing"]


def _oxford(table: Table) -> Layout:
    columns = Ids(table.columns[1], table.columns[0]).columns()
    for name in table.columns:
        if simple_name(name) == "sex":
            columns[name] = SEX
    return Layout("fam", in_order(table, columns))
