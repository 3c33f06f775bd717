"""Files of genetic programs, and files that hold variants instead of people.

One module per family of programs; each has a function that looks at the columns of a table, and at
its cells where names are not enough, and gives the layout, or None where the table is not its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from pgsicbt.ingest.recognise.formats.components import read_components
from pgsicbt.ingest.recognise.formats.kinship import read_kinship
from pgsicbt.ingest.recognise.formats.long_scores import read_long_scores
from pgsicbt.ingest.recognise.formats.people import CHOSEN
from pgsicbt.ingest.recognise.formats.pgsc_calc import read_pgsc_calc, split_reference
from pgsicbt.ingest.recognise.formats.plink import read_plink
from pgsicbt.ingest.recognise.formats.prepare import prepare
from pgsicbt.ingest.recognise.formats.prsice import read_prsice
from pgsicbt.ingest.recognise.formats.scales import one_of, suffix_variants, with_scales_note
from pgsicbt.ingest.recognise.formats.variants import refuse_variants
from pgsicbt.ingest.recognise.formats.wide_scores import read_wide_scores
from pgsicbt.ingest.recognise.layout import Layout
from pgsicbt.ingest.source.tables import Table

__all__ = [
    "CHOSEN",
    "known_format",
    "one_of",
    "prepare",
    "refuse_variants",
    "split_reference",
    "suffix_variants",
    "with_scales_note",
]


def known_format(table: Table, fixed: Mapping[str, str]) -> Layout | None:
    """The layout of a file of a genetic program or a table of scores, or None.

    Parameters
    ----------
    fixed
        Column to role, as chosen by the user; decides which normalisation of a score is used.

    Raises
    ------
    DataError
        If the file is of a genetic program and holds no people, or nothing about them that is read.
    """
    return (
        read_kinship(table, fixed)
        or read_pgsc_calc(table, fixed)
        or read_plink(table, fixed)
        or read_prsice(table, fixed)
        or read_components(table)
        or read_long_scores(table, fixed)
        or read_wide_scores(table, fixed)
    )
