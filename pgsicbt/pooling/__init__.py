"""Several sites together, from summaries that hold no person."""
