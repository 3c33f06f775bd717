"""The mixed-model engine: cross-products, likelihood, search, tests and intervals."""
