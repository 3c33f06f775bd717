"""What research files are full of is neither refused nor left out."""

from __future__ import annotations

import numpy as np
import pytest

from tests.deidentify.harmless import HARMLESS
from tests.deidentify.looking import look


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_harmless_column_passes(kind):
    for seed in range(6):
        rng = np.random.default_rng([seed, sum(map(ord, kind))])
        n = int(rng.choice([3, 8, 25, 60, 200]))
        found = look([HARMLESS[kind](rng) for _ in range(n)])
        assert found.refusal is None, (seed, n, str(found.refusal))
        assert not found.strip, (seed, n, found.findings)
