"""Score files of the usual programs."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.messes.tools import (
    Row,
    aligned,
    component_cells,
    generator,
    gz,
    score_mess,
    text,
    zst,
)
from tests.corpus.truth import COMPONENTS, SCORES, Person, shuffled

ONE = {"PGS_MDD": "PGS_MDD"}
CT = 1_204_338


def _sum(person: Person, score: str = "PGS_MDD") -> float:
    return person.scores[score] * 3.7e-3 + 0.0123


def _add(
    name: str, about: str, file: str, rows: list[Row], sep: str = "\t", **rest: object
) -> None:
    rest.setdefault("scale", "any")
    rest.setdefault("within", 2e-3)
    score_mess(name, about, {file: text(rows, sep)}, **rest)


# pgsc_calc


def _ancestry(fid: bool, names: Sequence[str] = ("PGS_MDD",), reference: int = 90) -> list[Row]:
    rng = generator("reference panel")
    rows = [
        [
            "sampleset",
            *(["FID"] if fid else []),
            "IID",
            "PGS",
            "SUM",
            "percentile_MostSimilarPop",
            "Z_MostSimilarPop",
            "Z_norm1",
            "Z_norm2",
        ]
    ]
    for s in names:
        for i in range(reference):
            z = rng.gauss(0, 1)
            rows.append(
                [
                    "reference",
                    *(["0"] if fid else []),
                    f"HG{i + 100:05d}",
                    s,
                    f"{z * 3.7e-3 + 0.01:.8f}",
                    f"{rng.uniform(0, 100):.2f}",
                    *(f"{z + rng.gauss(0, 0.01):.6f}" for _ in range(3)),
                ]
            )
        for p in shuffled(40):
            z = p.scores[s]
            rows.append(
                [
                    "icbt",
                    *([p.code] if fid else []),
                    p.code,
                    s,
                    f"{_sum(p, s):.10f}",
                    "50.0",
                    *(f"{z:.6f}" for _ in range(3)),
                ]
            )
    return rows


_add(
    "pgsc_calc_ancestry",
    "pgsc_calc, ancestry-adjusted: a reference panel in the same file, one score",
    "icbt_pgs.txt",
    _ancestry(False),
    scores=ONE,
)
_add(
    "pgsc_calc_ancestry_fid_many",
    "the same with FID and several scores in long form",
    "pgs.txt",
    _ancestry(True, SCORES[:3], 40),
    scores={s: s for s in SCORES[:3]},
)


def _aggregated(names: Sequence[str]) -> list[Row]:
    rows = [["sampleset", "IID", "DENOM", "PGS", "SUM", "AVG"]]
    for s in names:
        rows += [
            ["icbt", p.code, str(CT), s, f"{_sum(p, s):.12f}", f"{_sum(p, s) / CT:.12e}"]
            for p in shuffled(41)
        ]
    return rows


_add(
    "pgsc_calc_aggregated_long",
    "pgsc_calc without ancestry: aggregated_scores, long",
    "aggregated_scores.txt",
    _aggregated(SCORES),
)
score_mess(
    "pgsc_calc_aggregated_gz",
    "the same, gzipped, one score",
    {"aggregated_scores.txt.gz": gz(text(_aggregated(("PGS_MDD",)), "\t"))},
    scores=ONE,
    scale="any",
    within=2e-3,
)
score_mess(
    "pgsc_calc_with_popsimilarity",
    "pgsc_calc's scores and its table of components and most similar population",
    {
        "pgs.txt": text(_ancestry(False), "\t"),
        "popsimilarity.txt": text(
            [
                ["sampleset", "IID", *COMPONENTS, "MostSimilarPop", "MostSimilarPop_LowConfidence"],
                *(
                    [
                        "reference",
                        f"HG{i + 100:05d}",
                        "0.011",
                        "-0.02",
                        "0.003",
                        "0.001",
                        "EUR",
                        "False",
                    ]
                    for i in range(90)
                ),
                *(["icbt", p.code, *component_cells(p), "EUR", "False"] for p in shuffled(42)),
            ],
            "\t",
        ),
    },
    scores=ONE,
    scale="any",
    within=2e-3,
    covariates=COMPONENTS,
    extra=True,
)

# PLINK


def _profile(value: str = "SCORE") -> list[Row]:
    rows = [["FID", "IID", "PHENO", "CNT", "CNT2", value]]
    rows += [[p.code, p.code, "-9", str(CT), str(CT // 3), f"{_sum(p):.6g}"] for p in shuffled(43)]
    return rows


score_mess(
    "plink19_profile",
    "PLINK 1.9 .profile: right-aligned, PHENO of -9",
    {"PGS_MDD.profile": aligned(_profile(), 2)},
    scores={"?": "PGS_MDD"},
    scale="any",
    within=5e-3,
)
score_mess(
    "plink19_scoresum",
    "PLINK 1.9 with the modifier sum",
    {"mdd_sum.profile": aligned(_profile("SCORESUM"), 2)},
    scores={"?": "PGS_MDD"},
    scale="any",
    within=5e-3,
)


def _sscore(
    names: Sequence[str], *, fid: bool = True, both: bool = False, pheno: bool = False
) -> list[Row]:
    rows = [
        [
            ("#FID" if fid else "#IID"),
            *(["IID"] if fid else []),
            *(["PHENO1"] if pheno else []),
            "ALLELE_CT",
            "NAMED_ALLELE_DOSAGE_SUM",
        ]
    ]
    for s in names:
        rows[0] += [f"{s}_AVG", *([f"{s}_SUM"] if both else [])]
    for p in shuffled(44):
        cells = [
            ("0" if fid else p.code),
            *([p.code] if fid else []),
            *(["NA"] if pheno else []),
            str(CT),
            "412345.6",
        ]
        for s in names:
            cells += [f"{_sum(p, s) / CT:.8e}", *([f"{_sum(p, s):.8f}"] if both else [])]
        rows.append(cells)
    return rows


_add(
    "plink2_sscore", "PLINK 2 .sscore, FID 0 for everyone, averages", "all.sscore", _sscore(SCORES)
)
_add(
    "plink2_avg_and_sum",
    "averages and sums of each score: two columns, one score",
    "avg_sum.sscore",
    _sscore(SCORES, both=True),
)
_add(
    "plink2_iid_only_pheno",
    "no FID, a phenotype column of NA",
    "pheno.sscore",
    _sscore(SCORES, fid=False, pheno=True),
)
score_mess(
    "plink2_zst",
    "PLINK 2 with 'zs'",
    {"scores.sscore.zst": zst(text(_sscore(SCORES), "\t"))},
    scale="any",
    within=2e-3,
)
_add(
    "plink2_score1",
    "PLINK 2's default name SCORE1_AVG in a file named after the score",
    "PGS_MDD.sscore",
    [[c.replace("PGS_MDD", "SCORE1") for c in r] for r in _sscore(("PGS_MDD",))],
    scores={"?": "PGS_MDD"},
)
score_mess(
    "plink2_five_files_score1",
    "five .sscore files, each with SCORE1_AVG: five scores, not one",
    {
        f"{s}.sscore": text([[c.replace(s, "SCORE1") for c in r] for r in _sscore((s,))], "\t")
        for s in SCORES
    },
    scores={f"?{s}": s for s in SCORES},
    scale="any",
    within=2e-3,
)
_TWICE = _sscore(SCORES)
_TWICE.append(["FAM2", *_TWICE[5][1:4], *(f"{float(c) * 1.7:.8e}" for c in _TWICE[5][4:])])
_add(
    "plink_iid_twice_other_fid",
    "one IID under two FIDs, with different scores",
    "tva_fid.sscore",
    _TWICE,
    expect="refused",
    words=("tva_fid.sscore", "6", "62"),
)
