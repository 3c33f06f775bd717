"""Messy files of our own making, each with what must come out of it."""
