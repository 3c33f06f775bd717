"""All that is said of one score of a result, in order, whatever the kind of model."""

from __future__ import annotations

from typing import Literal

from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words.families import one_per_person, outcome_sentence
from pgsicbt.words.sentences import interaction, main_effect
from pgsicbt.words.summaries import correction_note, group_note
from pgsicbt.words.time_terms import joint

Kind = Literal["sentence", "quiet"]


def _same_start(result: Result) -> str:
    """What stands in the place of severity where the model allows no difference in it."""
    if result.spec.family != "clda":
        return ""
    return (
        "This model gives everybody the same mean before treatment, whatever the score, so it says "
        "nothing of severity then."
    )


def passages(result: Result, study: Study, score: str, adjustment: str) -> list[tuple[Kind, str]]:
    """Sentences and quiet notes on severity and change, or on the one outcome per person."""
    said: list[tuple[Kind, str]]
    if one_per_person(result):
        said = [
            ("sentence", outcome_sentence(result, study, score, adjustment)),
            ("quiet", correction_note(result, score, adjustment, "outcome")),
        ]
    else:
        said = [
            ("sentence", _same_start(result) or main_effect(result, study, score, adjustment)),
            ("quiet", correction_note(result, score, adjustment, "main")),
            ("sentence", interaction(result, study, score, adjustment)),
            ("quiet", correction_note(result, score, adjustment, "interaction")),
            ("sentence", joint(result, study, score, adjustment)),
        ]
    said.append(("quiet", group_note(result, study, score, adjustment)))
    return [(kind, text) for kind, text in said if text]
