"""The spec: refused when built, JSON round trip, one canonical text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgsicbt import AnalysisSpec, SpecError

NAMES = st.lists(st.text(min_size=1, max_size=6), max_size=4, unique=True).map(tuple)


@given(
    scores=NAMES,
    outcome=st.text(min_size=1, max_size=8),
    adjustments=st.sampled_from([("crude",), ("adjusted", "crude"), ("complete",)]),
    reml=st.booleans(),
    last=st.none() | st.floats(1, 50),
    subset=st.none() | st.tuples(st.text(max_size=5), st.text(max_size=5)),
)
def test_json_round_trip(scores, outcome, adjustments, reml, last, subset) -> None:
    if outcome in scores:
        return
    spec = AnalysisSpec(
        outcome=outcome,
        scores=scores,
        adjustments=adjustments,
        reml=reml,
        last_week=last,
        subset=subset,
    )
    back = AnalysisSpec.from_json(spec.to_json())
    assert back == spec
    assert back.canonical() == spec.canonical()
    assert "\n" not in spec.canonical().replace("\\n", "")


CODINGS = st.sampled_from(
    [
        {},
        {"time_coding": "log", "origin": "end"},
        {"time_coding": "piecewise", "knot": 6, "random": "intercept+slope+second"},
        {"time_coding": "spline", "spline_df": 4, "origin": "middle"},
        {"time_coding": "categorical", "random": "intercept+slope uncorrelated"},
    ]
)
INFERENCE = st.sampled_from(
    [{}, {"df": "kenward-roger"}, {"errors": "CR2"}, {"errors": "CR0", "df": "normal"}]
)


@given(CODINGS, INFERENCE, st.booleans(), st.integers(0, 5000), st.integers(0, 2**32 - 1))
def test_json_round_trip_of_time_and_inference(coding, inference, simplify, times, seed) -> None:
    spec = AnalysisSpec(**coding, **inference, simplify=simplify, bootstrap=times, seed=seed)
    back = AnalysisSpec.from_json(spec.to_json())
    assert back == spec
    assert back.canonical() == spec.canonical()
    assert AnalysisSpec.from_json("{}") == AnalysisSpec()


def test_different_specs_have_different_canonical_texts() -> None:
    a = AnalysisSpec(scores=("A", "B"))
    assert a.canonical() != a.replace(scores=("B", "A")).canonical()
    assert a.canonical() != a.replace(reml=False).canonical()
    assert a.canonical() != a.replace(time_coding="log").canonical()
    bent = a.replace(time_coding="piecewise", knot=6)
    assert bent.canonical() == a.replace(time_coding="piecewise", knot=6.0).canonical()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"outcome": ""}, "No outcome"),
        ({"adjustments": ()}, "No model is chosen"),
        ({"adjustments": ("raw",)}, "no model called 'raw'"),
        ({"scores": ("A", "A")}, "twice"),
        ({"scores": "A"}, "list of names"),
        ({"random": "slope"}, "random cannot be"),
        ({"time_unit": "fortnight"}, "time_unit cannot be"),
        ({"confidence": 95}, "between 0.5 and 1"),
        ({"covariates": ("PC1",), "components": ("PC1",)}, "both as a covariate"),
        ({"outcome": "A", "covariates": ("A",)}, "both the outcome and a predictor"),
        ({"first_week": 5, "last_week": 5}, "window of weeks is empty"),
        ({"subset": ("diagnosis",)}, "subset must be a pair"),
        ({"reml": "yes"}, "reml must be"),
        ({"simplify": 1}, "simplify must be"),
        ({"time_coding": "cubic"}, "time_coding cannot be"),
        ({"origin": "centre"}, "origin cannot be"),
        ({"time_coding": "piecewise"}, "needs a knot"),
        ({"knot": 6}, "no place in linear time"),
        ({"time_coding": "piecewise", "knot": "six"}, "knot must be a number"),
        ({"time_coding": "piecewise", "knot": 6, "last_week": 6}, "not inside the chosen weeks"),
        ({"time_coding": "piecewise", "knot": -1, "first_week": 0}, "not inside the chosen weeks"),
        ({"spline_df": 1}, "from 2 to 6"),
        ({"spline_df": 2.5}, "whole number"),
        ({"bootstrap": -1}, "from 0 to 100,000"),
        ({"bootstrap": True}, "whole number"),
        ({"seed": "one"}, "whole number"),
        ({"random": "intercept+slope+second"}, "no second random slope in linear time"),
        (
            {"random": "intercept+slope+second", "time_coding": "categorical"},
            "no second random slope in categorical time",
        ),
        ({"df": "kenward-roger", "reml": False}, "needs restricted maximum likelihood"),
        ({"df": "kenward-roger", "errors": "CR2"}, "exclude each other"),
        ({"errors": "HC3"}, "errors cannot be"),
    ],
)
def test_nonsense_is_refused_when_it_is_built(fields, words) -> None:
    with pytest.raises(SpecError, match=words):
        AnalysisSpec(**fields)
    with pytest.raises(SpecError, match=words):
        AnalysisSpec.from_json(json.dumps(fields))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ("[1]", "one JSON object"),
        ('{"scroes": []}', "unknown field 'scroes'"),
        ('{"scores": 3}', "list of names"),
        ('{"confidence": "high"}', "must be a number"),
    ],
)
def test_a_broken_file_is_named(text, words) -> None:
    with pytest.raises(SpecError, match=words) as caught:
        AnalysisSpec.from_json(text, file="mine.json")
    assert "mine.json" in str(caught.value)
