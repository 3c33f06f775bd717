"""The reading recipe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgsicbt.errors import DataError
from pgsicbt.ingest import ROLES, ReadingChoices

NUMBER = st.floats(-1e6, 1e6, allow_nan=False)
CHOICES = st.builds(
    ReadingChoices,
    roles=st.dictionaries(st.tuples(st.text(), st.text()), st.sampled_from(ROLES), max_size=4),
    missing=st.dictionaries(
        st.text(), st.lists(NUMBER, min_size=1, max_size=3).map(tuple), max_size=3
    ),
    times=st.dictionaries(st.text(), NUMBER, max_size=3),
)


@given(CHOICES)
def test_json_round_trip(choices):
    again = ReadingChoices.from_json(choices.to_json())
    assert again == choices
    assert again.canonical() == choices.canonical()


def test_json_form():
    text = '{"roles": {"a.csv": {"sex": "stratum"}}, "missing": {"phq9": [-9, 99]}}'
    choices = ReadingChoices.from_json(text)
    assert choices.roles == {("a.csv", "sex"): "stratum"}
    assert choices.missing_of("PHQ-9") == (-9, 99)
    assert choices.roles_of("b.csv") == {}


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"x": 1}', '{"roles": 1}', '{"roles": {"a": "id"}}', '{"times": {"a": "b"}}',
     '{"times": {"a": NaN}}', '{"missing": {"a": [null]}}', '{"roles": {"a": {"b": "king"}}}'],
)  # fmt: skip
def test_bad_recipes(text):
    with pytest.raises(DataError) as caught:
        ReadingChoices.from_json(text, file="recipe.json")
    assert caught.value.code in {"recipe", "unknown_role"}


def test_load(tmp_path):
    path = tmp_path / "r.json"
    path.write_text(ReadingChoices(times={"post": 10}).to_json())
    assert ReadingChoices.load(path).times == {"post": 10}
    assert ReadingChoices.load(None) == ReadingChoices()
    with pytest.raises(DataError, match=r"no readable recipe called 'none.json'"):
        ReadingChoices.load(tmp_path / "none.json")
