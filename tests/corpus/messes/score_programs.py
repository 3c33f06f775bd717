"""Scores of PRSice, GenoPred, LDpred2, PRSmix and PRS-CS, and tables of no program."""

from __future__ import annotations

from tests.corpus.messes.genetics import _add, _sum
from tests.corpus.messes.tools import (
    Row,
    aligned,
    generator,
    score_mess,
    score_rows,
    text,
)
from tests.corpus.truth import SCORES, shuffled

# PRSice, GenoPred, LDpred2, PRSmix, PRS-CS


def _prsice() -> list[Row]:
    return [
        ["FID", "IID", "In_Regression", "PRS"],
        *(
            [p.code, p.code, "No" if i % 7 == 0 else "Yes", f"{_sum(p):.10f}"]
            for i, p in enumerate(shuffled(45))
        ),
    ]


_add(
    "prsice_best",
    "PRSice .best; people not in the regression have valid scores",
    "MDD.best",
    _prsice(),
    " ",
    scores={"?": "PGS_MDD"},
    noticed=("threshold",),
)


def _all_score() -> list[Row]:
    rng = generator("all_score")
    rows = [["FID", "IID", "Pt_5e-08", "Pt_0.001", "Pt_0.05", "Pt_1"]]
    for p in shuffled(46):
        rows.append(
            [
                p.code,
                p.code,
                *(f"{_sum(p) + rng.gauss(0, 2e-3):.10f}" for _ in range(3)),
                f"{_sum(p):.10f}",
            ]
        )
    return rows


_add(
    "prsice_all_score",
    "PRSice .all_score: one score at four thresholds, with a warning on choosing",
    "MDD.all_score",
    _all_score(),
    " ",
    scores={"?Pt_1": "PGS_MDD"},
    more=True,
    noticed=("threshold",),
)
score_mess(
    "prsice_all_score_aligned",
    "the same, padded with blanks",
    {"MDD.all_score": aligned(_all_score())},
    scores={"?Pt_1": "PGS_MDD"},
    scale="any",
    within=2e-3,
    more=True,
    noticed=("threshold",),
)
_add(
    "genopred_profiles",
    "GenoPred .profiles: FID IID and scores named after method and parameters",
    "icbt-MDD-EUR.profiles",
    [
        ["FID", "IID", *(f"SCORE_{s.removeprefix('PGS_')}" for s in SCORES)],
        *([p.code, p.code, *(f"{p.scores[s]:.3f}" for s in SCORES)] for p in shuffled(47)),
    ],
    " ",
    scores={f"SCORE_{s.removeprefix('PGS_')}": s for s in SCORES},
    scale="raw",
    within=6e-4,
)
_add(
    "ldpred2_csv",
    "bigsnpr: family.ID, sample.ID and predictions, as fwrite leaves them",
    "ldpred2.csv",
    [
        ["family.ID", "sample.ID", "pred_inf", "pred_auto"],
        *(
            [str(i), p.code, f"{_sum(p):.10f}", f"{_sum(p, 'PGS_EDU'):.10f}"]
            for i, p in enumerate(shuffled(48))
        ),
    ],
    ",",
    scores={"pred_inf": "PGS_MDD", "pred_auto": "PGS_EDU"},
)
_add(
    "prsmix",
    "PRSmix: IID and the combined score",
    "mix_PRSmix.txt",
    [
        ["IID", "prsmix", "prsmix_plus"],
        *([p.code, f"{_sum(p):.10f}", f"{_sum(p, 'PGS_SCZ'):.10f}"] for p in shuffled(49)),
    ],
    scores={"prsmix": "PGS_MDD", "prsmix_plus": "PGS_SCZ"},
)


def _chromosomes(score: str = "PGS_MDD") -> dict[str, list[str]]:
    """A score split into 22 parts that add up to it."""
    rng = generator("chromosomes")
    parts = {}
    for p in shuffled(1):
        cells = [round(rng.gauss(0, 0.2), 4) for _ in range(21)]
        cells.append(round(p.scores[score] - sum(cells), 4))
        parts[p.code] = [f"{c:.4f}" for c in cells]
    return parts


CHROMOSOMES = _chromosomes()


def _per_chromosome(skip: int = 0) -> dict[str, bytes | str]:
    return {
        f"PGS_MDD_chr{k}.sscore": text(
            [
                ["#FID", "IID", "ALLELE_CT", "SCORE1_SUM"],
                *(["0", i, "20000", cells[k - 1]] for i, cells in CHROMOSOMES.items()),
            ],
            "\t",
        )
        for k in range(1, 23)
        if k != skip
    }


score_mess(
    "prscs_per_chromosome_files",
    "PRS-CS scored per chromosome: 22 files to be added up",
    _per_chromosome(),
    scores={"?": "PGS_MDD"},
    scale="raw",
    within=2e-3,
)
score_mess(
    "prscs_chromosome_missing",
    "the same without chromosome 13",
    _per_chromosome(13),
    scores={"?": "PGS_MDD"},
    expect="asked",
    words=("13",),
)
_add(
    "per_chromosome_columns",
    "22 columns chr1 to chr22 of one score",
    "PGS_MDD_bychr.txt",
    [
        ["IID", *(f"PGS_MDD_chr{k}" for k in range(1, 23))],
        *([i, *cells] for i, cells in CHROMOSOMES.items()),
    ],
    scores={"?": "PGS_MDD"},
    scale="raw",
)
_HOLE = [
    ["IID", *(f"PGS_MDD_chr{k}" for k in range(1, 23))],
    *([i, *cells] for i, cells in CHROMOSOMES.items()),
]
_HOLE[8][7] = "NA"
_add(
    "per_chromosome_hole",
    "one person has no value for one chromosome",
    "PGS_MDD_bychr.txt",
    _HOLE,
    scores={"?": "PGS_MDD"},
    expect="asked",
    words=("PGS_MDD",),
)
_add(
    "scores_long",
    "one row per person and score, of no program in particular",
    "long_scores.tsv",
    [
        ["IID", "PGS", "score"],
        *([p.code, s, f"{p.scores[s]:.4f}"] for s in SCORES for p in shuffled(50)),
    ],
    scale="raw",
    within=1e-6,
)
_add(
    "scores_pgs_catalog_ids",
    "columns called after the PGS Catalog: PGS000001 ...",
    "pgs_wide.csv",
    score_rows(titles=[f"PGS{i:06d}" for i in range(11, 16)]),
    ",",
    scores={f"PGS{i:06d}": s for i, s in zip(range(11, 16), SCORES, strict=True)},
    scale="raw",
    within=1e-6,
)
_add(
    "scores_fid_iid_joined",
    "ids as FID_IID, as pandas or regenie leave them",
    "joined.txt",
    score_rows(ident=lambda p: f"{p.code}_{p.code}", id_name="IID"),
    scale="raw",
    within=1e-6,
    expect="asked",
    words=("joined.txt",),
)
_add(
    "scores_zero_joined",
    "ids as 0_K0042, as PLINK 2 writes VCF samples",
    "zero.txt",
    score_rows(ident=lambda p: f"0_{p.code}", id_name="IID"),
    scale="raw",
    within=1e-6,
    expect="asked",
    words=("zero.txt",),
)
_add(
    "scores_some_missing",
    "NA for three people in one score",
    "luckor.txt",
    [
        [("NA" if j == 2 and i in (3, 9, 40) else c) for j, c in enumerate(r)]
        for i, r in enumerate(score_rows())
    ],
    extra=True,
    scores={s: s for s in SCORES if s != "PGS_MDD"} | {"~PGS_MDD": "PGS_MDD"},
    scale="raw",
    within=1e-6,
)
_add(
    "score_inf",
    "an infinite score",
    "inf.txt",
    [
        [("Inf" if j == 2 and i == 9 else c) for j, c in enumerate(r)]
        for i, r in enumerate(score_rows())
    ],
    expect="refused",
    words=("inf.txt", "PGS_MDD", "10"),
)
_SAME = score_rows()
_add(
    "score_person_twice",
    "one person twice in the scores, with different values",
    "tva.txt",
    [*_SAME, [_SAME[7][0], *(f"{float(c) + 1:.4f}" for c in _SAME[7][1:])]],
    expect="refused",
    words=("tva.txt", "8", "62"),
)
_add(
    "score_constant",
    "one score is the same for everyone",
    "konstant.txt",
    [[("0.5" if j == 2 and i else c) for j, c in enumerate(r)] for i, r in enumerate(score_rows())],
    expect="said",
    words=("PGS_MDD",),
)
