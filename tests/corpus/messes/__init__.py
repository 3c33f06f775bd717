"""Builders of the messy files, one module per kind of mess."""
