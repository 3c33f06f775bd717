"""What several sites say together, from summaries that hold no person's data."""

from pgsicbt.pooling.random_effects import Pooled, pool_estimates

__all__ = ["Pooled", "pool_estimates"]
