"""The mixed model for repeated measures with a covariance structure over visits."""
