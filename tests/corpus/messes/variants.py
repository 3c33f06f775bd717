"""Tables of variants, and other things that hold no score of anybody."""

from __future__ import annotations

from tests.corpus.messes.genetics import _ancestry
from tests.corpus.messes.tools import (
    PLAIN,
    Row,
    generator,
    outcome_mess,
    score_mess,
    text,
)
from tests.corpus.truth import shuffled

# Not people

CATALOG = "#PGS CATALOG SCORING FILE\n#pgs_id=PGS000001\n#genome_build=GRCh38\n"
_rng = generator("variants")
VARIANTS = [
    (
        str(_rng.randint(1, 22)),
        str(_rng.randint(10**5, 2 * 10**8)),
        f"rs{_rng.randint(10**3, 10**8)}",
        *_rng.sample("ACGT", 2),
        f"{_rng.gauss(0, 0.01):.6f}",
    )
    for _ in range(80)
]


def _variants(
    name: str, about: str, file: str, rows: list[Row] | str | bytes, sep: str = "\t"
) -> None:
    data = rows if isinstance(rows, (str, bytes)) else text(rows, sep)
    score_mess(name, about, {file: data}, expect="refused", words=(file,))


_variants(
    "pgs_catalog_scoring_file",
    "a scoring file of the PGS Catalog: weights",
    "PGS000001.txt",
    CATALOG
    + text(
        [
            ["chr_name", "chr_position", "effect_allele", "other_allele", "effect_weight"],
            *([c, p, a, b, w] for c, p, _, a, b, w in VARIANTS),
        ],
        "\t",
    ),
)
_variants(
    "pgs_catalog_rsid",
    "the same with rsID only, without its comments",
    "score.txt",
    [["rsID", "effect_allele", "effect_weight"], *([r, a, w] for _, _, r, a, _, w in VARIANTS)],
)
_variants(
    "summary_statistics",
    "summary statistics of a GWAS",
    "mdd2023.tsv",
    [
        ["CHR", "BP", "SNP", "A1", "A2", "BETA", "SE", "P"],
        *([c, p, r, a, b, w, "0.004", "0.21"] for c, p, r, a, b, w in VARIANTS),
    ],
)
_variants(
    "daner",
    "PGC's daner format",
    "daner_mdd.txt",
    [
        ["CHR", "SNP", "BP", "A1", "A2", "FRQ_A_1", "FRQ_U_2", "INFO", "OR", "SE", "P"],
        *([c, r, p, a, b, ".3", ".3", ".9", "1.01", ".01", ".4"] for c, p, r, a, b, _ in VARIANTS),
    ],
)
_variants(
    "prscs_weights",
    "PRS-CS posterior effects: no header",
    "pst_eff_a1_b0.5_phiauto_chr22.txt",
    [[c, r, p, a, b, w] for c, p, r, a, b, w in VARIANTS],
)
_variants("bim", ".bim", "icbt.bim", [[c, r, "0", p, a, b] for c, p, r, a, b, _ in VARIANTS])
_variants(
    "pvar",
    ".pvar",
    "icbt.pvar",
    [["#CHROM", "POS", "ID", "REF", "ALT"], *([c, p, r, a, b] for c, p, r, a, b, _ in VARIANTS)],
)
_variants(
    "vcf",
    "VCF",
    "icbt.vcf",
    "##fileformat=VCFv4.2\n##source=x\n"
    + text(
        [
            [
                "#CHROM",
                "POS",
                "ID",
                "REF",
                "ALT",
                "QUAL",
                "FILTER",
                "INFO",
                "FORMAT",
                "K0001",
                "K0002",
            ],
            *(
                [c, p, r, a, b, ".", "PASS", ".", "GT", "0/1", "1/1"]
                for c, p, r, a, b, _ in VARIANTS
            ),
        ],
        "\t",
    ),
)
_variants(
    "bed",
    ".bed: genotypes in binary",
    "icbt.bed",
    b"\x6c\x1b\x01" + bytes((i * 37) % 256 for i in range(900)),
)
_variants(
    "raw_genotypes",
    "PLINK .raw: one column per variant with 0, 1, 2",
    "icbt.raw",
    [
        [
            "FID",
            "IID",
            "PAT",
            "MAT",
            "SEX",
            "PHENOTYPE",
            *(f"{r}_{a}" for _, _, r, a, _, _ in VARIANTS[:40]),
        ],
        *(
            [
                p.code,
                p.code,
                "0",
                "0",
                "1",
                "-9",
                *(str((p.number * (k + 3)) % 3) for k in range(40)),
            ]
            for p in shuffled(57)
        ),
    ],
    " ",
)
_variants(
    "ped",
    ".ped: alleles as letters",
    "icbt.ped",
    [
        [
            p.code,
            p.code,
            "0",
            "0",
            "1",
            "-9",
            *("ACGT"[(p.number * (k + 1)) % 4] for k in range(40)),
        ]
        for p in shuffled(58)
    ],
    " ",
)
_variants(
    "regenie",
    "results of regenie",
    "step2_MDD.regenie",
    [
        [
            "CHROM",
            "GENPOS",
            "ID",
            "ALLELE0",
            "ALLELE1",
            "A1FREQ",
            "INFO",
            "N",
            "TEST",
            "BETA",
            "SE",
            "CHISQ",
            "LOG10P",
            "EXTRA",
        ],
        *(
            [c, p, r, a, b, "0.2", "0.99", "4000", "ADD", w, "0.01", "0.4", "0.2", "NA"]
            for c, p, r, a, b, w in VARIANTS
        ),
    ],
    " ",
)
_variants(
    "hapmap_positions",
    "variants named chr:pos:ref:alt with a weight",
    "weights.txt",
    [["ID", "A1", "W"], *([f"chr{c}:{p}:{a}:{b}", a, w] for c, p, _, a, b, w in VARIANTS)],
)
_variants(
    "prsice_summary",
    "PRSice .summary: a row per phenotype, not per person",
    "MDD.summary",
    [
        [
            "Phenotype",
            "Set",
            "Threshold",
            "PRS.R2",
            "Full.R2",
            "Null.R2",
            "Prevalence",
            "Coefficient",
            "Standard.Error",
            "P",
            "Num_SNP",
        ],
        ["PHQ", "Base", "0.05", "0.01", "0.02", "0.01", "-", "12.1", "3.2", "0.001", "21000"],
    ],
)
_variants(
    "eigenval",
    ".eigenval: a list of numbers",
    "icbt.eigenval",
    [[f"{3.0 / (i + 1):.5f}"] for i in range(10)],
)
_variants(
    "plink_log",
    "the log instead of the table",
    "icbt.log",
    "PLINK v2.00a5 64-bit (4 Mar 2023)\nOptions in effect:\n"
    "  --score w.txt\n  --out icbt\n\n60 samples loaded.\nEnd time: Mon\n",
)
_variants(
    "grm_id",
    "GCTA .grm.id: ids and nothing else",
    "icbt.grm.id",
    [[p.code, p.code] for p in shuffled(59)],
)
outcome_mess(
    "scores_only_reference",
    "all rows are of the reference panel",
    {
        "pgs_ref.txt": text(
            [_ancestry(False)[0], *(r for r in _ancestry(False) if r[0] == "reference")], "\t"
        ),
        "o.csv": PLAIN["outcomes.csv"],
    },
    beside=(),
    expect="refused",
    words=("pgs_ref.txt",),
    owner="SCORES",
)
