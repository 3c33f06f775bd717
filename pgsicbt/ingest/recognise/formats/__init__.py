"""Score files of known programs, and files that hold variants instead of people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

import numpy as np

from pgsicbt.errors import DataError
from pgsicbt.ingest.recognise.layout import Assigned, FileKind, Layout
from pgsicbt.ingest.recognise.names import COMPONENT
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import listed
from pgsicbt.instruments import simple_name
from pgsicbt.study import Finding

PGSC_PREFERENCE = ("Z_norm2", "Z_norm1", "Z_MostSimilarPop", "AVG", "SUM")
SUFFIXES = ("_AVG", "_SUM")
CHOSEN = "chosen by you"
_VARIANTS = {
    "snp", "rsid", "variantid", "markername", "chrname", "chr", "chrom", "chromosome", "bp", "pos",
    "position", "chrposition", "basepairlocation", "effectallele", "otherallele", "effectweight",
    "a1", "a2", "ref", "alt", "beta", "or", "se", "pvalue", "eaf", "maf", "info", "nca", "nco",
    "standarderror", "variant", "allele1", "allele2", "hmchr", "hmpos", "zscore", "id", "p",
}  # fmt: skip
_ALLELES = {"effectallele", "otherallele", "a1", "a2", "ref", "alt", "allele1", "allele2"}
_PLAIN_SCORE = re.compile(r"(PRS|SCORE\d?|SCORESUM)", re.IGNORECASE)
_REFERENCE = re.compile(r"reference|ref(panel)?|1000g(enomes)?|1kgp?|hgdp1kgp?|1kghgdp")


def refuse_variants(table: Table) -> None:
    """Refuse scoring files, summary statistics and other tables of variants.

    Raises
    ------
    DataError
        If the rows are variants and not people.
    """
    catalogue = any("PGS CATALOG SCORING FILE" in line.upper() for line in table.comments)
    names = {simple_name(name) for name in table.columns}
    if catalogue or "effectweight" in names or (names & _ALLELES and len(names & _VARIANTS) >= 3):
        raise DataError(
            f"{table.name} holds variants and weights, not scores per person.",
            "Compute the scores first, for example with pgsc_calc or PLINK, and load its output.",
            code="variants",
            file=table.name,
        )


def known_format(table: Table, fixed: Mapping[str, str]) -> Layout | None:
    """The layout of a file of pgsc_calc, PLINK, PRSice or principal components, or None.

    Parameters
    ----------
    fixed
        Column to role, as chosen by the user; decides which normalisation of a score is used.
    """
    has = set(table.columns)
    if {"sampleset", "IID", "PGS"} <= has and has & set(PGSC_PREFERENCE):
        return _pgsc_calc(table, fixed)
    if {"sampleset", "IID", "MostSimilarPop", "PC1"} <= has:
        return _popsimilarity(table)
    if "IID" not in has:
        return None
    if has & {"ALLELE_CT", "NAMED_ALLELE_DOSAGE_SUM", "DENOM"} or any(
        name.endswith("_AVG") for name in has
    ):
        return _sscore(table, fixed)
    if {"PHENO", "CNT"} <= has and has & {"SCORE", "SCORESUM"}:
        return _single(table, "plink_profile", "SCORESUM" if "SCORESUM" in has else "SCORE")
    if {"In_Regression", "PRS"} <= has:
        return _single(table, "prsice_best", "PRS")
    if sum(name.startswith("Pt_") for name in has) >= 1:
        return _thresholds(table, fixed)
    if table.columns == ("FID", "IID", "PAT", "MAT", "SEX", "PHENO"):
        return _fam(table)
    rest = [name for name in table.columns if name not in {"FID", "IID"}]
    if rest and all(COMPONENT.match(simple_name(name)) for name in rest):
        columns = _people(table)
        columns |= {name: Assigned("component", "a principal component") for name in rest}
        return Layout("eigenvec", _in_order(table, columns))
    return None


def one_of(name: str, variants: Mapping[str, str], fixed: Mapping[str, str]) -> dict[str, Assigned]:
    """Offer a score that comes in several normalisations once.

    Parameters
    ----------
    variants
        Normalisation to column, the preferred one first.
    """
    chosen = [norm for norm, column in variants.items() if fixed.get(column) == "score"]
    open_ones = [norm for norm, column in variants.items() if column not in fixed]
    use = next(iter(chosen or open_ones or variants))
    others = tuple(column for norm, column in variants.items() if norm != use)
    columns: dict[str, Assigned] = {}
    for norm, column in variants.items():
        if norm == use:
            reason = f"normalisation of the score{'' if others else ' in this file'}"
            columns[column] = Assigned("score", reason, name, "", norm, others)
        else:
            columns[column] = Assigned(
                "ignore", f"the same score as {variants[use]}, on another scale"
            )
    return columns


def suffix_variants(names: list[str]) -> dict[str, dict[str, str]]:
    """Scores that come as ``X_AVG`` and ``X_SUM``: name to normalisation to column."""
    scores: dict[str, dict[str, str]] = {}
    for suffix in SUFFIXES:
        for name in names:
            if name.upper().endswith(suffix) and len(name) > len(suffix):
                scores.setdefault(name[: -len(suffix)], {})[suffix[1:]] = name
    return scores


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
        panel = np.array([m.casefold() == "true" for m in marks.levels])[marks.codes]
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


def _people(table: Table) -> dict[str, Assigned]:
    columns = {"IID": Assigned("id", "the person's identifier in genetic files")}
    if "FID" in table.positions:
        columns["FID"] = Assigned("ignore", "family identifier; people are joined on IID")
    if "SID" in table.positions:
        columns["SID"] = Assigned("ignore", "source identifier; people are joined on IID")
    return columns


def _in_order(table: Table, columns: Mapping[str, Assigned]) -> dict[str, Assigned]:
    rest = Assigned("ignore", "not a score")
    return {name: columns.get(name, rest) for name in table.columns}


def _pgsc_calc(table: Table, fixed: Mapping[str, str]) -> Layout:
    present = {norm: norm for norm in PGSC_PREFERENCE if norm in table.positions}
    columns = _people(table) | one_of("", present, fixed)
    columns["sampleset"] = Assigned("ignore", "tells the study from the reference panel")
    columns["PGS"] = Assigned("ignore", "names the score of each row")
    used = next(norm for norm in present if columns[norm].role == "score")
    others = [norm for norm in present if norm != used]
    findings: tuple[Finding, ...] = ()
    if others:
        findings = (
            Finding(
                "normalisation",
                "info",
                f"{table.name} holds each score in several normalisations; {used} is used, "
                f"{listed(others)} can be chosen instead.",
                table.name,
                used,
            ),
        )
    return Layout("pgsc_calc", _in_order(table, columns), findings)


def _popsimilarity(table: Table) -> Layout:
    columns = _people(table)
    for name in table.columns:
        if COMPONENT.match(simple_name(name)):
            columns[name] = Assigned("component", "a principal component of ancestry")
        elif name.startswith("RF_P_"):
            columns[name] = Assigned("ignore", "likeness to one reference population")
    columns["MostSimilarPop"] = Assigned("covariate", "the most similar reference population")
    columns["sampleset"] = Assigned("ignore", "tells the study from the reference panel")
    return Layout("pgsc_popsimilarity", _in_order(table, columns))


def _sscore(table: Table, fixed: Mapping[str, str]) -> Layout:
    columns = _people(table)
    names = [n for n in table.columns if n != "NAMED_ALLELE_DOSAGE_SUM"]
    for name, variants in suffix_variants(names).items():
        label = PurePath(table.name).name.split(".")[0] if _PLAIN_SCORE.fullmatch(name) else name
        columns |= one_of(label, variants, fixed)
    for name in ("ALLELE_CT", "NAMED_ALLELE_DOSAGE_SUM", "DENOM"):
        columns[name] = Assigned("ignore", "a count of alleles, not a score")
    return Layout("plink_sscore", _in_order(table, columns))


def _single(table: Table, kind: FileKind, column: str) -> Layout:
    columns = _people(table)
    label = PurePath(table.name).name.split(".")[0] or column
    columns[column] = Assigned("score", "the score, named after its file", label, "", column)
    columns["PHENO"] = Assigned("ignore", "PLINK's phenotype, not an outcome over time")
    columns["In_Regression"] = Assigned("ignore", "whether PRSice used the person; all are kept")
    return Layout(kind, _in_order(table, columns))


def _thresholds(table: Table, fixed: Mapping[str, str]) -> Layout:
    def size(name: str) -> float:
        try:
            return float(name.removeprefix("Pt_"))
        except ValueError:
            return -1.0

    names = sorted((n for n in table.columns if n.startswith("Pt_")), key=size, reverse=True)
    label = PurePath(table.name).name.split(".")[0]
    columns = _people(table) | one_of(label, {name: name for name in names}, fixed)
    used = next(name for name in names if columns[name].role == "score")
    message = (
        f"{table.name} holds one score at several thresholds; {used} is used. Choosing the "
        "threshold that does best in this sample overfits."
    )
    finding = Finding("thresholds", "warning", message, table.name, used)
    return Layout("prsice_all_score", _in_order(table, columns), (finding,))


def _fam(table: Table) -> Layout:
    columns = _people(table)
    columns["SEX"] = Assigned("covariate", "sex as PLINK codes it: 1 male, 2 female, 0 unknown")
    return Layout("fam", _in_order(table, columns))
