"""Wording that sentences of every floor share."""

from __future__ import annotations

import pytest

from pgsicbt.wording import listed


@pytest.mark.parametrize(
    ("words", "text"), [("", ""), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")]
)
def test_words_in_a_row(words: str, text: str) -> None:
    assert listed(words) == text
