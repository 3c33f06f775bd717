"""Studies cut down to some of their people, for comparisons that must rest on the same ones."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from pgsicbt.derived import tagged
from pgsicbt.study import Study


def only(study: Study, people: pd.Index[str], what: str) -> Study:
    """The study of ``people`` (of ``study.persons.index``), all their visits kept.

    Parameters
    ----------
    what
        Who they are, for the digest.
    """
    persons = study.persons.loc[people]
    visits = study.visits[study.visits["person"].isin(people)]
    person = visits["person"].astype(str)
    visits = visits.assign(person=pd.Categorical(person, categories=persons.index))
    return replace(
        study,
        persons=persons,
        visits=visits.reset_index(drop=True),
        digest=tagged(study, f"only {what}"),
    )
