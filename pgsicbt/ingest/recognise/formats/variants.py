"""Files that hold variants, genotypes or fits instead of people's scores: refused in words."""

from __future__ import annotations

import re

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.genetic_text import variants_refusal
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import simple_name

_VARIANT_IDS = {
    "snp", "snps", "snpid", "rsid", "rsids", "variant", "variantid", "varid", "marker",
    "markername", "markerid", "predictor", "cptid", "hmrsid", "uniqueid", "chrposid", "chrbp",
    "chrpos", "chrposition", "snptestid", "rsnumber", "snpname", "chrcbpb", "variantkey",
}  # fmt: skip
_PLACES = {
    "chr", "chrom", "chromosome", "chrname", "hmchr", "chrb37", "chrb38", "chrhg19", "chrhg38",
    "bp", "pos", "basepair", "basepairlocation", "chrposition", "genpos", "physpos",
    "hmpos", "posb37", "posb38", "poshg19", "poshg38", "basepairposition",
}  # fmt: skip
_ALLELES = {
    "a1", "a2", "a0", "allele1", "allele2", "allele0", "allelea", "alleleb", "effectallele",
    "otherallele", "noneffectallele", "ea", "nea", "oa", "ref", "alt", "refallele", "altallele",
    "riskallele", "testedallele", "testallele", "minorallele", "majorallele", "referenceallele",
    "alternativeallele", "codedallele", "noncodedallele", "ax", "counted", "alleles", "alt1",
    "hminferotherallele", "hminferredotherallele", "effall", "othall", "eff", "noneff", "inc",
}  # fmt: skip
_EFFECTS = {
    "beta", "or", "logor", "effect", "effectsize", "effectweight", "weight", "weights", "se",
    "sebeta", "stderr", "standarderror", "oddsratio", "p", "pval", "pvalue", "pvalues", "plog10",
    "log10p", "neglog10pvalue", "mlog10p", "pboltlmm", "pboltlmminf", "pvaluena", "zscore", "z",
    "stat", "tstat", "chisq", "chisqlinreg", "chisqboltlmm", "chisqboltlmminf", "pip", "a1effect",
    "a1freq", "a1frq", "eaf", "effectallelefrequency", "maf", "af", "freq", "freq1", "frqa", "frq",
    "altfreqs", "obsct", "nchrobs", "info", "infoscore", "impinfo", "n", "neff", "ncas", "ncon",
    "nca", "nco", "ncases", "ncontrols", "samplesize", "direction", "hetisq", "imputed", "test",
    "logp", "logpvalue", "acallele2", "afallele2", "missingrate", "qual", "filter", "format",
    "posteriormean", "pst", "psteff", "centre", "center", "effectsd", "betasd",
}  # fmt: skip
_VARIANT_CELL = re.compile(
    r"(?-i:rs)\d+|(chr)?(\d{1,2}|X|Y|MT?)[:_]\d{3,}([:_][ACGTN*<>\-]+[:_/][ACGTN*<>\-]+)?"
    r"([:_]b3[78])?|AX-\d{6,}|Affx-\d{5,}|kgp\d{4,}|exm-?(rs)?\d{4,}",
    re.IGNORECASE,
)
_ALLELE_CELL = re.compile(r"[ACGTDINRX*.\-]|[ACGT]{2,}|<\w+>|[ACGT]+(,[ACGT]+)+", re.IGNORECASE)
_GENOTYPE = re.compile(
    r"(rs\d+|(chr)?(\d{1,2}|X)[:._]\d{3,}\S*|AX[-.]\d+|exm\S+|kgp\d+)([_.]([ACGT]+|HET|DOM))?"
    r"([(./]\S*)?",
    re.IGNORECASE,
)
_COUNTED = re.compile(r".+_([ACGT]{1,30}|HET)(\(/[ACGT]+\))?", re.IGNORECASE)
_CHECKED = 200


def refuse_variants(table: Table) -> None:
    """Refuse scoring files, summary statistics, genotypes and other tables of variants.

    Raises
    ------
    DataError
        If the rows are variants and not people, or the columns are genotypes or people.
    """
    name = table.name
    _refuse_matrix(table)
    comments = " ".join((*table.comments, *table.texts))[:20_000].upper()
    found = [simple_name(one) for one in table.columns]
    names = set(found)
    if "##FILEFORMAT=VCF" in comments or {"chrom", "pos", "id", "ref", "alt"} <= names:
        raise variants_refusal(name, "variants")
    if "PGS CATALOG SCORING FILE" in comments or "effectweight" in names:
        raise variants_refusal(name, "variants and weights")
    if _genotypes(table, names):
        raise variants_refusal(name, "genotypes, one column per variant")
    if _variants(table, names):
        raise variants_refusal(name, "variants and weights" if names & _EFFECTS else "variants")


def _refuse_matrix(table: Table) -> None:
    """Refuse a matrix of kinship, whose columns are called after its rows."""
    for one in range(min(2, len(table.columns) - 3)):
        columns = set(table.columns[one + 1 :])
        people = columns & set(table.column(table.columns[one]).present_levels)
        if len(people) >= max(3, 0.8 * len(columns)):
            raise DataError(
                f"{table.name} is a matrix with people in rows and in columns.",
                "Give kinship as a table of pairs: two identifiers and a coefficient.",
                code="matrix",
                file=table.name,
            )


def _variants(table: Table, names: set[str]) -> bool:
    alleles = [one for one in table.columns if simple_name(one) in _ALLELES]
    alleles = [one for one in alleles if _share(table.column(one), _ALLELE_CELL) > 0.9]
    named = names & _VARIANT_IDS
    evidence = len(named) + len(names & _PLACES) + len(names & _EFFECTS)
    plain = any(_share(table.column(one), _VARIANT_CELL) > 0.5 for one in _called(table, _PLAIN))
    if alleles and (evidence >= 1 or len(alleles) >= 2 or plain):
        return True
    if any(_share(table.column(one), _VARIANT_CELL) > 0.5 for one in _called(table, _VARIANT_IDS)):
        return True
    # An identifier of any name may be a person's, such as rs1001 at a site called rs.
    chromosome = bool(names & _CHROMOSOME)
    if plain and (evidence >= 2 or chromosome):
        return True
    # Results without alleles: SNP CHR BP P, or CHROM ID OBS_CT.
    if named and chromosome:
        return True
    return chromosome and bool(names & _PLAIN) and bool(names & _EFFECTS) and evidence >= 2


def _called(table: Table, wanted: set[str]) -> list[str]:
    return [one for one in table.columns if simple_name(one) in wanted]


def _genotypes(table: Table, names: set[str]) -> bool:
    if len(table.columns) < 3:
        return False
    rest = [one for one in table.columns if simple_name(one) not in _PEDIGREE]
    if not rest:
        return False
    by_id = sum(bool(_GENOTYPE.fullmatch(one)) for one in rest)
    if by_id >= 1 and by_id >= 0.5 * len(rest):
        return True
    raw = {"pat", "mat", "sex", "phenotype"} <= names
    return raw and sum(bool(_COUNTED.fullmatch(one)) for one in rest) >= 0.5 * len(rest)


_PLAIN = {"id", "name"}
_CHROMOSOME = {"chr", "chrom", "chromosome", "chrname", "hmchr"}
_PEDIGREE = {"fid", "iid", "pat", "mat", "sex", "phenotype", "id", "sid"}


def _share(column: Column, pattern: re.Pattern[str]) -> float:
    levels = [str(one) for one in column.present_levels[:_CHECKED]]
    hits = sum(bool(pattern.fullmatch(one)) for one in levels)
    return hits / len(levels) if levels else 0.0
