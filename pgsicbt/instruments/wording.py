"""Answers in words: sets of them by name, and how two wordings are compared."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib import resources

_SPELT_OUT = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("ø", "o"))


def folded(text: str) -> str:
    """A wording without case, accents, punctuation and doubled blanks.

    ``"Nästan varje dag."`` and ``"naestan  varje dag"`` are the same.
    """
    bare = unicodedata.normalize("NFKD", text.casefold())
    words = "".join(
        ch if ch.isalnum() else " "
        for ch in bare.replace("æ", "ae")
        if not unicodedata.combining(ch)
    )
    for long, short in _SPELT_OUT:
        words = words.replace(long, short)
    return " ".join(words.split())


@cache
def wordings(name: str) -> tuple[tuple[str, ...], ...]:
    """The set of answers called ``name``: for every step the wordings, folded.

    Raises
    ------
    KeyError
        If there is no such set.
    """
    text = resources.files(__package__).joinpath("answers.toml").read_text(encoding="utf-8")
    return folded_steps(tomllib.loads(text)[name]["steps"])


def folded_steps(steps: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    """Wordings of every step, folded, each once."""
    return tuple(tuple(dict.fromkeys(folded(str(one)) for one in step)) for step in steps)
