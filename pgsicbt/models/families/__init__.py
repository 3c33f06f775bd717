"""Models other than the linear mixed model, behind the same spec."""
