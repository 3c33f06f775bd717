"""Principal components of PLINK, GCTA, KING, flashpca and EIGENSOFT."""

from __future__ import annotations

import re

from pgsicbt.ingest.recognise.formats.people import find_ids, in_order
from pgsicbt.ingest.recognise.formats.plink import SEX
from pgsicbt.ingest.recognise.layout import Assigned, Layout
from pgsicbt.ingest.recognise.names import COMPONENT
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import simple_name

_OTHER = re.compile(r"(u|ev|eigenvector|eig|dim|axis|c|comp|component)\d{1,3}")
_PEDIGREE = {"fa", "mo", "pat", "mat", "aff", "pheno", "pheno1", "phenotype", "sid", "population",
             "pop"}  # fmt: skip


def read_components(table: Table) -> Layout | None:
    """The layout of a file of principal components, or None."""
    ids = find_ids(table)
    if ids is None:
        return None
    columns = ids.columns()
    components = 0
    for name in table.columns:
        simple = simple_name(name)
        if name in columns:
            continue
        if COMPONENT.match(simple) or _OTHER.fullmatch(simple):
            columns[name] = Assigned("component", "a principal component")
            components += 1
        elif simple == "sex":
            columns[name] = SEX
        elif simple in _PEDIGREE:
            columns[name] = Assigned("ignore", "not a component")
        else:
            return None
    return Layout("eigenvec", in_order(table, columns)) if components else None
