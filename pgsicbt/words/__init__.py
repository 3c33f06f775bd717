"""Sentences and numbers for people: what an estimate means in points and weeks."""

from pgsicbt.words import numbers
from pgsicbt.words.glossary import GLOSSARY, define
from pgsicbt.words.scale import Scale, lead_adjustment, outcome_scale
from pgsicbt.words.sentences import interaction, main_effect
from pgsicbt.words.summaries import analysis_line, correction_note, group_note, headline
from pgsicbt.words.terms import coefficient, pretty_term

__all__ = [
    "GLOSSARY",
    "Scale",
    "analysis_line",
    "coefficient",
    "correction_note",
    "define",
    "group_note",
    "headline",
    "interaction",
    "lead_adjustment",
    "main_effect",
    "numbers",
    "outcome_scale",
    "pretty_term",
]
