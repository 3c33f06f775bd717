"""Principal components, sex and kinship as genetics programs write them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.messes.tools import (
    ALL_SCORES,
    Row,
    add,
    aligned,
    component_cells,
    text,
)
from tests.corpus.truth import COMPONENTS, Person, shuffled

# Components, sex, kinship


def _with(name: str, about: str, files: dict[str, str], **rest: object) -> None:
    add(
        name,
        about,
        dict(files),
        **{
            "beside": ("scores.csv", "outcomes.csv"),
            "scores": ALL_SCORES,
            "owner": "SCORES",
            "covariates": COMPONENTS,
            **rest,
        },
    )


def _pcs(head: list[str], fid: str = "0") -> list[Row]:
    rows = [head] if head else []
    return rows + [[fid or p.code, p.code, *component_cells(p)] for p in shuffled(51)]


_with(
    "eigenvec_plink2",
    "PLINK 2 .eigenvec with FID 0",
    {"icbt.eigenvec": text(_pcs(["#FID", "IID", *COMPONENTS]), "\t")},
)
_with(
    "eigenvec_plink19_no_header",
    "PLINK 1.9 or GCTA .eigenvec: no header at all",
    {"icbt.eigenvec": text(_pcs([], ""), " ")},
)
_with(
    "eigenvec_iid",
    "PLINK 2 .eigenvec with #IID only",
    {"pca.eigenvec": text([r[1:] for r in _pcs(["", "#IID", *COMPONENTS])], "\t")},
)
_with(
    "eigensoft_evec",
    "EIGENSOFT .evec: eigenvalues in the first line, FID:IID, 'Control' at the end",
    {
        "icbt.pca.evec": "           #eigvals:     3.122     2.871     1.902     1.455\n"
        + "".join(
            f"{p.code + ':' + p.code:>20} "
            + " ".join(f"{c:>10}" for c in component_cells(p))
            + "          Control\n"
            for p in shuffled(52)
        )
    },
)
_with(
    "king_pc",
    "KING pc.txt: pedigree columns before the components",
    {
        "kingpc.txt": text(
            [
                ["FID", "IID", "FA", "MO", "SEX", "AFF", *COMPONENTS],
                *(
                    [
                        p.code,
                        p.code,
                        "0",
                        "0",
                        "2" if p.sex == "female" else "1",
                        "-9",
                        *component_cells(p),
                    ]
                    for p in shuffled(53)
                ),
            ],
            " ",
        )
    },
    extra=True,
)
_with(
    "flashpca",
    "flashpca: fid iid U1 ... or PC1 ...",
    {"pcs.txt": text(_pcs(["FID", "IID", *COMPONENTS], ""), "\t")},
)


def _fam(sex: dict[str, str], head: Sequence[str] = ()) -> str:
    rows = [[p.code, p.code, "0", "0", sex[p.sex], "-9"] for p in shuffled(54)]
    return text([list(head), *rows] if head else rows, " " if not head else "\t")


_with(
    "fam",
    ".fam: sex in the fifth column, no header",
    {"icbt.fam": _fam({"male": "1", "female": "2"})},
    covariates=("sex",),
)
_with(
    "fam_tabs",
    ".fam with tabs, as PLINK 2 writes it",
    {"icbt.fam": _fam({"male": "1", "female": "2"}).replace(" ", "\t")},
    covariates=("sex",),
)
_with(
    "psam",
    ".psam with SEX",
    {
        "icbt.psam": text(
            [
                ["#FID", "IID", "SEX"],
                *(["0", p.code, "2" if p.sex == "female" else "1"] for p in shuffled(55)),
            ],
            "\t",
        )
    },
    covariates=("sex",),
)


def _pairs() -> list[tuple[Person, Person, float]]:
    people = shuffled(56)
    return [
        (people[0], people[1], 0.2512),
        (people[2], people[3], 0.2431),
        (people[4], people[5], 0.1198),
    ]


_KIN = {"covariates": (), "relatives": 3}
_with(
    "king_kin0",
    "KING .kin0",
    {
        "king.kin0": text(
            [
                ["FID1", "ID1", "FID2", "ID2", "N_SNP", "HetHet", "IBS0", "Kinship"],
                *(
                    [a.code, a.code, b.code, b.code, "81234", "0.11", "0.001", f"{k:.4f}"]
                    for a, b, k in _pairs()
                ),
            ],
            "\t",
        )
    },
    **_KIN,
)
_with(
    "plink2_king_table",
    "PLINK 2 --make-king-table",
    {
        "icbt.kin0": text(
            [
                ["#IID1", "IID2", "NSNP", "HETHET", "IBS0", "KINSHIP"],
                *([a.code, b.code, "81234", "0.11", "0.001", f"{k:.6f}"] for a, b, k in _pairs()),
            ],
            "\t",
        )
    },
    **_KIN,
)
_with(
    "plink19_genome",
    "PLINK 1.9 .genome: PI_HAT is twice the kinship",
    {
        "icbt.genome": aligned(
            [
                [
                    "FID1",
                    "IID1",
                    "FID2",
                    "IID2",
                    "RT",
                    "EZ",
                    "Z0",
                    "Z1",
                    "Z2",
                    "PI_HAT",
                    "PHE",
                    "DST",
                    "PPC",
                    "RATIO",
                ],
                *(
                    [
                        a.code,
                        a.code,
                        b.code,
                        b.code,
                        "UN",
                        "NA",
                        "0.25",
                        "0.5",
                        "0.25",
                        f"{2 * k:.4f}",
                        "-1",
                        "0.85",
                        "0.9",
                        "2.1",
                    ]
                    for a, b, k in _pairs()
                ),
            ],
            2,
        )
    },
    **_KIN,
)
