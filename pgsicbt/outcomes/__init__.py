"""Outcomes in yes and no: response, remission, reliable change, deterioration."""

from pgsicbt.outcomes.status import (
    Rule,
    already_met,
    before_and_after,
    meets,
    post_week,
    reliable_change_index,
    rules,
    status,
)
from pgsicbt.outcomes.table import status_table

__all__ = [
    "Rule",
    "already_met",
    "before_and_after",
    "meets",
    "post_week",
    "reliable_change_index",
    "rules",
    "status",
    "status_table",
]
