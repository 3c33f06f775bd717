"""National numbers: how often random ones pass, and that valid ones are found."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt.deidentify.countries import ANY_FORM, NATIONAL_IDS, NationalId
from tests.deidentify.harmless import digits
from tests.deidentify.looking import look

N = 4000
PLAIN = [one for one in NATIONAL_IDS if one.digits is not None]
FORMS = {
    "Latvian": "dmy-1####", "Icelandic": "dmy-###9", "Austrian": "#### dmy",
    "Belgian": "y.m.d-###.##",
    "Brazilian": "###.###.###-##", "Swiss": "756.####.####.##", "Spanish": "########R",
    "Irish": "#######T", "Czech": "ymd/####", "Korean": "ymd-#######", "Chilean": "12.###.###-#",
    "Argentine": "20-########-#", "Indian": "#### #### ####", "South": "ymd #### 0##",
    "Thai": "#-####-#####-##-#", "German health": "A#########", "Canadian": "### ### ###",
    "National Insurance": "AB ## ## ## C", "Australian Medicare": "2### ##### #",
    "German pension": "## dmy R ###",
}  # fmt: skip


def random_digits(one: NationalId, rng: np.random.Generator, n: int) -> str:
    return "756" + digits(rng, 10) if "Swiss" in one.name else digits(rng, n)


def filled(form: str, rng: np.random.Generator) -> str:
    """A form with # as digits, and y, m and d as year, month and day."""
    parts = {
        "y": f"{rng.integers(40, 99):02d}",
        "m": f"{rng.integers(1, 13):02d}",
        "d": f"{rng.integers(1, 29):02d}",
    }
    return "".join(digits(rng, 1) if ch == "#" else parts.get(ch, ch) for ch in form)


@pytest.mark.parametrize("one", PLAIN, ids=[one.name for one in PLAIN])
def test_random_digits_pass_as_often_as_is_said(one):
    rng = np.random.default_rng(len(one.name))
    for n in (9, 10, 11, 12, 13, 15):
        numbers = [random_digits(one, rng, n) for _ in range(N)]
        if one.digits.fullmatch(numbers[0]):
            share = np.mean([one.valid(number) for number in numbers])
            assert share <= one.chance + 4 * np.sqrt(one.chance / N)


@pytest.mark.parametrize("name", FORMS)
def test_a_column_of_written_numbers_is_refused(name):
    one = next(one for one in NATIONAL_IDS if one.name.startswith(name))
    rng = np.random.default_rng(len(name))
    numbers: list[str] = []
    for _ in range(5000):
        number = filled(FORMS[name], rng)
        if len(numbers) < 20 and one.valid(number):
            numbers.append(number)
    assert ANY_FORM.search(numbers[0])
    refusal = look(numbers).refusal
    assert refusal is not None
    assert "numbers" in str(refusal) or "codes" in str(refusal) or "kennitala" in str(refusal)


def test_the_size_of_the_test_for_plain_digits():
    """Of thousands of columns of random digits, running numbers and dated ones, none is refused."""
    rng = np.random.default_rng(6)
    for trial in range(120):
        n, length = int(rng.integers(2, 40)), int(rng.integers(9, 14))
        assert look([digits(rng, length) for _ in range(n)]).refusal is None
        first, step = int(rng.integers(10**9, 9 * 10**12)), int(rng.integers(1, 30))
        assert look([str(first + step * i) for i in range(n)]).refusal is None
        day = f"2{rng.integers(0, 4)}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}"
        assert look([f"{day}{i:04d}" for i in range(trial, trial + n)]).refusal is None
