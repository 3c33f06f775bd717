"""Value labels of statistical programs put in place of the codes, where they say more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pgsicbt.ingest.content.times import parse_visit
from pgsicbt.ingest.recognise import names
from pgsicbt.ingest.recognise.item_names import split_item
from pgsicbt.ingest.source.columns import MISSING, NUMBER
from pgsicbt.ingest.source.tables import Table

MOST_LABELS = 60


def with_labels(table: Table) -> Table:
    """The table with labels in place of codes in columns of groups and of visits.

    Totals and answers stay numbers, but for codes whose label says that there is no answer: these
    become empty.
    """
    if not table.labels:
        return table
    cells = table.cells.copy(deep=False)
    for name, labels in table.labels.items():
        if name not in table.positions:
            continue
        column = table.column(name)
        texts = [labels.get(str(level), "") for level in column.levels]
        present = ~column.level_missing
        whole = all(text for text, there in zip(texts, present, strict=True) if there)
        scored = names.instrument_of(name) or split_item(name) or names.split_visit(name)
        said = [text for text, there in zip(texts, present, strict=True) if there and text]
        visits = bool(said) and all(parse_visit(text) is not None for text in said)
        groups = not scored and bool(said) and len(said) <= MOST_LABELS
        if whole and (visits or (groups and not all(NUMBER.fullmatch(text) for text in said))):
            new = [text or str(level) for text, level in zip(texts, column.levels, strict=True)]
        else:
            new = [
                "" if text.casefold() in MISSING and text else str(level)
                for text, level in zip(texts, column.levels, strict=True)
            ]
        if new != [str(level) for level in column.levels]:
            taken = np.array(new, dtype=object)[column.codes]
            cells[table.positions[name]] = pd.Series(taken, dtype="str", index=cells.index)
    return replace(table, cells=cells, _columns={})
