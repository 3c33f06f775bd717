"""Sentences and numbers for people: what an estimate means in points and weeks."""

from pgsicbt.words import numbers
from pgsicbt.words.glossary import GLOSSARY, define
from pgsicbt.words.method import method_facts
from pgsicbt.words.scale import Scale, lead_adjustment, outcome_scale
from pgsicbt.words.sentences import interaction, main_effect
from pgsicbt.words.summaries import analysis_line, correction_note, group_note, headline
from pgsicbt.words.terms import coefficient, pretty_term
from pgsicbt.words.time_terms import joint
from pgsicbt.words.timing import Timing, timing

__all__ = [
    "GLOSSARY",
    "Scale",
    "Timing",
    "analysis_line",
    "coefficient",
    "correction_note",
    "define",
    "group_note",
    "headline",
    "interaction",
    "joint",
    "lead_adjustment",
    "main_effect",
    "method_facts",
    "numbers",
    "outcome_scale",
    "pretty_term",
    "timing",
]
