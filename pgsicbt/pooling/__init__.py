"""What several sites say together, from summaries that hold no person's data."""

from pgsicbt.pooling.groups import group_summaries
from pgsicbt.pooling.pooled import PooledSites, pool_sites
from pgsicbt.pooling.random_effects import Pooled, pool_estimates
from pgsicbt.pooling.site_file import read_summary
from pgsicbt.pooling.site_summary import SiteSummary, site_summary

__all__ = [
    "Pooled",
    "PooledSites",
    "SiteSummary",
    "group_summaries",
    "pool_estimates",
    "pool_sites",
    "read_summary",
    "site_summary",
]
