"""Text files of genetic programs: those without a header, and those that are not about people."""

from __future__ import annotations

import re

import pandas as pd

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.columns import NUMBER

_CHECKED_ROWS = 1_000
_CHECKED_CELLS = 200_000
_LONGEST_LIST = 20_000
_LOG = re.compile(
    r"\s*(PLINK v|PRSice|KING \d|GCTA|REGENIE|N E X T F L O W|LDAK|Options in effect:|"
    r"Logging (to|started)|\*{20,}\s*\n\*? ?Genome-wide Complex|\|\s*REGENIE|parameter file:)"
)
_VARIANT = re.compile(
    r"(?-i:rs)\d+|(chr)?(\d{1,2}|X|Y|MT?)[:_]\d{3,}([:_][ACGTN*<>\-]+[:_/][ACGTN*<>\-]+)?([:_]b3[78])?"
    r"|AX-\d{6,}|Affx-\d{5,}|kgp\d{4,}|exm-?(rs)?\d{4,}",
    re.IGNORECASE,
)
_ALLELE = re.compile(r"[ACGTDINRX*.\-0]|[ACGT]{2,}|<\w+>|[ACGT]+(,[ACGT]+)+", re.IGNORECASE)
_CHROMOSOME = re.compile(r"(chr)?([1-9]|1\d|2[0-6]|0|X|Y|XY|MT?)", re.IGNORECASE)
_WHOLE = re.compile(r"-?\d+", re.ASCII)


def variants_refusal(file: str, what: str) -> DataError:
    """The error for a file that holds ``what`` instead of scores per person."""
    return DataError(
        f"{file} holds {what}, not scores per person.",
        "Compute the scores first, for example with pgsc_calc or PLINK, and load the table of "
        "people they write.",
        code="variants",
        file=file,
    )


def refuse_program_text(file: str, text: str) -> None:
    """Refuse logs, genotypes as VCF, lists of variants and of eigenvalues.

    Raises
    ------
    DataError
        Says what the file is.
    """
    if text.lstrip("\ufeff").startswith("##fileformat=VCF"):
        raise variants_refusal(file, "genotypes of variants (VCF)")
    if _LOG.match(text[:400]):
        raise DataError(
            f"{file} is the log of a program, not a table.",
            "Load the table of people that the program wrote beside it.",
            code="not_a_table",
            file=file,
        )
    if len(text) > _LONGEST_LIST:
        first = text[:_LONGEST_LIST].split("\n")[:-1]
        if first and all(_VARIANT.fullmatch(line.strip()) for line in first):
            raise variants_refusal(file, "a list of variants")
        return
    lines = text.split()
    if lines and all(map(_VARIANT.fullmatch, lines)):
        raise variants_refusal(file, "a list of variants")
    alone = len(lines) > 1 and len(lines) == len(text.strip().splitlines())
    if alone and any("." in line for line in lines) and all(map(NUMBER.fullmatch, lines)):
        values = [float(line) for line in lines]
        if values == sorted(values, reverse=True) and values[-1] >= 0:
            raise DataError(
                f"{file} holds eigenvalues, not people.",
                "Load the file of eigenvectors (.eigenvec) instead.",
                code="not_a_table",
                file=file,
            )


def names_without_header(file: str, cells: pd.DataFrame) -> tuple[str, ...] | None:
    """Names for the columns of a file of a genetic program that has no header, or None.

    Principal components of PLINK 1.9, GCTA and EIGENSOFT, and PLINK's ``.fam``.

    Raises
    ------
    DataError
        If the file holds variants, genotypes, or identifiers and nothing else.
    """
    width = cells.shape[1]
    rows = min(_CHECKED_ROWS, max(20, _CHECKED_CELLS // max(width, 1)))
    head = cells.iloc[:rows].apply(lambda column: column.str.strip())
    _refuse_variants(file, head)
    decimal = [_decimal(head[i]) for i in range(width)]
    if width >= 4 and all(decimal[2:]) and not any(decimal[:2]):
        return ("FID", "IID", *(f"PC{i}" for i in range(1, width - 1)))
    if width >= 4 and all(decimal[1:-1]) and not decimal[0] and not decimal[-1]:
        return ("IID", *(f"PC{i}" for i in range(1, width - 1)), "population")
    if width == 6 and bool(head[4].isin(["0", "1", "2"]).all()):
        return ("FID", "IID", "PAT", "MAT", "SEX", "PHENO")
    if width == 2 and only_identifiers(head):
        raise identifiers_refusal(file)
    return None


def only_identifiers(cells: pd.DataFrame) -> bool:
    """Whether two columns are FID and IID: equal, or one of them 0 for everyone."""
    one, other = cells[0].str.strip(), cells[1].str.strip()
    return bool((one == other).all() or (one == "0").all())


def identifiers_refusal(file: str) -> DataError:
    """The error for lists of people such as ``.grm.id`` and ``.king.id``."""
    return DataError(
        f"{file} holds identifiers and nothing else.",
        "Load the table that says something about these people.",
        code="not_a_table",
        file=file,
    )


def _refuse_variants(file: str, head: pd.DataFrame) -> None:
    width = head.shape[1]
    alleles = [i for i in range(width) if _share(head[i], _ALLELE) > 0.95]
    alleles = [i for i in alleles if bool(head[i].str.fullmatch("[A-Za-z]+").any())]
    if width >= 8 and len(alleles) >= width - 6 and alleles[0] <= 6:
        raise variants_refusal(file, "genotypes")
    variants = any(_share(head[i], _VARIANT) > 0.5 for i in range(min(width, 4)))
    placed = _share(head[0], _CHROMOSOME) > 0.95 and any(
        _share(head[i], _WHOLE) == 1 and bool((head[i].str.len() >= 5).any())
        for i in range(2, min(width, 4))
    )
    if variants or (len(alleles) >= 2 and placed):
        weights = alleles and any(_decimal(head[i]) for i in range(1, width))
        raise variants_refusal(file, "variants and weights" if weights else "variants")


def _share(cells: pd.Series[str], pattern: re.Pattern[str]) -> float:
    return float(cells.str.fullmatch(pattern).mean()) if len(cells) else 0.0


def _decimal(cells: pd.Series[str]) -> bool:
    return bool(cells.str.fullmatch(NUMBER).all()) and bool(
        cells.str.contains(".", regex=False).any()
    )
