"""Tables of kinship: one row per pair of people."""

from __future__ import annotations

from collections.abc import Mapping

from pgsicbt.ingest.recognise.layout import Assigned, Layout
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import simple_name

KINSHIP = {
    "kinship": 1.0, "kin": 1.0, "kinshipcoefficient": 1.0, "kinshipcoef": 1.0, "phihat": 1.0,
    "relatednessphi": 1.0, "kingrobust": 1.0, "kinshiprobust": 1.0,
    "pihat": 0.5, "propibd": 0.5, "relatedness": 0.5, "relatednessajk": 0.5, "rel": 0.5,
    "grm": 0.5, "ibs0kinship": 1.0,
}  # fmt: skip
"""Names of columns that measure kinship, and what makes each of them the coefficient: the share
of the genome that two people have in common is twice their kinship."""
_PAIRS = (
    ("iid1", "iid2"), ("id1", "id2"), ("indv1", "indv2"), ("sample1", "sample2"),
    ("samplea", "sampleb"), ("ind1", "ind2"), ("individual1", "individual2"),
    ("person1", "person2"), ("iida", "iidb"), ("ida", "idb"), ("sampleid1", "sampleid2"),
    ("i", "j"), ("personid1", "personid2"), ("studyid1", "studyid2"), ("ind1id", "ind2id"),
)  # fmt: skip
_SECOND = Assigned("relative", "the second person of the pair")
_FIRST = Assigned("id", "the first person of the pair")


def read_kinship(table: Table, fixed: Mapping[str, str]) -> Layout | None:
    """The layout of a table of kinship, or None.

    KING's ``.kin``, ``.kin0`` and ``.seg``, PLINK 2's king table, PLINK 1.9's ``.genome``, and
    tables of other programs with two identifiers and a coefficient.
    """
    by_role = {role: name for name, role in fixed.items() if name in table.positions}
    by_name = {simple_name(name): name for name in reversed(table.columns)}
    first = second = ""
    for one, other in _PAIRS:
        if one in by_name and other in by_name:
            first, second = by_name[one], by_name[other]
            break
    measure = next((by_name[name] for name in KINSHIP if name in by_name), "")
    first, second = by_role.get("id", first), by_role.get("relative", second)
    measure = by_role.get("kinship", measure)
    if not (first and second and measure) or len({first, second, measure}) < 3:
        return None
    if not table.column(measure).mostly_numeric:
        return None
    factor = KINSHIP.get(simple_name(measure), 1.0)
    what = "the kinship coefficient" if factor == 1 else "twice the kinship coefficient"
    rest = Assigned("ignore", "not needed for kinship")
    columns = dict.fromkeys(table.columns, rest)
    columns |= {first: _FIRST, second: _SECOND, measure: Assigned("kinship", what)}
    return Layout("kinship", columns)


def kinship_factor(column: str) -> float:
    """What makes a column the kinship coefficient: 0.5 for ``PI_HAT`` and its like, 1 else."""
    return KINSHIP.get(simple_name(column), 1.0)
