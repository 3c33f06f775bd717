"""The same study in hundreds of random shapes: never another one without a word."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.corpus.variants import judged

VARIANTS = 120
GROUPS = 10


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_shape_gives_the_same_study_or_a_sentence(group: int) -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for seed in range(group, VARIANTS, GROUPS):
        verdict, why, made = judged(seed)
        counts[verdict] += not made.trap
        if verdict == "silent":
            wrong.append(f"variant {seed}: {why}; {made.drawn}")
    assert wrong == []
    assert counts["right"] >= 0.9 * counts.total(), counts
