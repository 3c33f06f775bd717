"""Thousands of scores at once."""
