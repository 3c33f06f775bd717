"""The forest plot: rows, words and both drawings."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PathCollection

from pgsicbt.errors import SpecError
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.forest import (
    forest_alt,
    forest_interactive,
    forest_note,
    forest_rows,
    forest_static,
)
from pgsicbt.figures.palette import LIGHT
from pgsicbt.study import ScoreInfo, Study
from tests.figures.example import SCORES, make_result, make_study

STUDY = make_study()
RESULT = make_result(STUDY)
ROWS = forest_rows(RESULT)
NASTY = "<img src=x onerror=alert(1)> & $x^2$ %{y}"


def _nasty() -> Study:
    scores = (ScoreInfo("PGS_EDU", NASTY), *(s for s in STUDY.scores if s.name != "PGS_EDU"))
    return replace(STUDY, scores=scores)


def _figure(**options: Any) -> dict[str, Any]:
    return json.loads(forest_interactive(ROWS, RESULT, STUDY, **options).to_json())


def _marks(figure: dict[str, Any]) -> list[dict[str, Any]]:
    return [t for t in figure["data"] if t.get("customdata")]


def test_one_row_per_score_model_and_role() -> None:
    assert len(ROWS) == 8 * 3 * 2
    assert set(ROWS["role"]) == {"main", "interaction"}
    assert sorted(ROWS["row"].unique()) == list(range(8))


def test_rows_are_sorted_by_change_in_the_adjusted_model() -> None:
    chosen = ROWS[(ROWS["model"] == "adjusted") & (ROWS["role"] == "interaction")]
    values = chosen.sort_values("row")["estimate"].tolist()
    assert values == sorted(values)
    assert chosen.sort_values("row")["score"].iloc[0] == "PGS_EDU"


def test_other_orders() -> None:
    def order(sort: Any) -> list[str]:
        rows = forest_rows(RESULT, sort=sort)
        return list(rows.drop_duplicates("row").sort_values("row")["score"])

    assert order("file") == [f"PGS_{s}" for s in SCORES]
    severity = forest_rows(RESULT, sort="severity")
    severity = severity[(severity["model"] == "adjusted") & (severity["role"] == "main")]
    assert severity.sort_values("row")["estimate"].is_monotonic_increasing
    assert order("family")[:2] == ["PGS_EDU", "PGS_INT"]
    assert order("family")[-1] == "PGS_CROSS"
    with pytest.raises(SpecError, match="cannot be sorted by 'colour'"):
        order("colour")


def test_significance_is_after_the_declared_correction() -> None:
    main = ROWS[(ROWS["score"] == "PGS_EDU") & (ROWS["role"] == "main")]
    assert (main["p_value"] < 0.05).all()
    assert not main["significant"].any()
    change = ROWS[(ROWS["score"] == "PGS_EDU") & (ROWS["role"] == "interaction")]
    assert change["significant"].all()


def test_a_failed_cell_keeps_its_row_without_numbers() -> None:
    failed = ROWS[ROWS["status"] == "failed"]
    assert set(failed["score"]) == {"PGS_SCZ"}
    assert failed[["estimate", "conf_low", "conf_high"]].isna().all(axis=None)
    assert not failed["significant"].any()


def test_change_is_translated_to_weeks() -> None:
    daily = forest_rows(make_result(STUDY, time_unit="day"))
    a = daily[daily["role"] == "interaction"]["estimate"].dropna().sort_values()
    b = ROWS[ROWS["role"] == "interaction"]["estimate"].dropna().sort_values()
    np.testing.assert_allclose(a, 7 * b.to_numpy())
    same = daily[daily["role"] == "main"]["estimate"].dropna().sum()
    assert same == pytest.approx(ROWS[ROWS["role"] == "main"]["estimate"].dropna().sum())


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_marks_symbols_and_customdata(narrow: bool, dark: bool) -> None:
    figure = _figure(narrow=narrow, dark=dark)
    assert {t["type"] for t in figure["data"]} == {"scatter"}
    marks = _marks(figure)
    assert len(marks) == 6
    symbols = {t["name"]: t["marker"]["symbol"] for t in marks}
    assert symbols == {"crude": "square", "adjusted": "circle", "complete": "diamond"}
    for trace in marks:
        assert len(trace["customdata"]) == len(trace["x"]) == len(trace["hovertext"])
        assert all(c[0].startswith("PGS_") and c[1] == trace["name"] for c in trace["customdata"])
        assert trace["unselected"]["marker"]["opacity"] == 1
    assert sum(len(t["x"]) for t in marks) == 48 - 2
    assert figure["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert "Source Sans" in figure["layout"]["font"]["family"]


def test_filled_and_hollow_marks() -> None:
    for trace in _marks(_figure()):
        role = trace["customdata"][0][2]
        for colour, (score, model, _) in zip(
            trace["marker"]["color"], trace["customdata"], strict=True
        ):
            filled = score == "PGS_EDU" and role == "interaction"
            assert colour == (LIGHT.models[model] if filled else LIGHT.background)


def test_height_follows_the_number_of_rows() -> None:
    few = make_result(STUDY, scores=("PGS_EDU", "PGS_INT"))
    small = forest_interactive(forest_rows(few), few, STUDY)
    large = forest_interactive(ROWS, RESULT, STUDY)
    assert large.layout.height - small.layout.height == 6 * 46


def test_panels_stack_on_narrow_screens() -> None:
    wide, narrow = _figure()["layout"], _figure(narrow=True)["layout"]
    assert wide["xaxis"]["domain"][1] < wide["xaxis2"]["domain"][0]
    assert narrow["yaxis2"]["domain"][1] < narrow["yaxis"]["domain"][0]
    texts = [a["text"] for a in narrow["annotations"]]
    assert "<b>EDU</b>" in texts
    assert "<b>−0.69</b> (−1.33 to −0.05)" in texts


def test_numbers_and_axes_are_in_words() -> None:
    layout = _figure()["layout"]
    texts = " ".join(a["text"] for a in layout["annotations"])
    assert "−0.69" in texts
    assert "−1.33 to −0.05" in texts
    assert "−0.041" in texts
    assert layout["xaxis"]["title"]["text"] == "points per SD (lower is better)"
    assert layout["xaxis2"]["title"]["text"] == "points a week per SD (lower is better)"


def test_the_band_of_interest_is_drawn_on_request() -> None:
    def bands(figure: dict[str, Any]) -> list[tuple[float, float]]:
        return [(s["x0"], s["x1"]) for s in figure["layout"]["shapes"] if s["type"] == "rect"]

    assert bands(_figure()) == []
    assert bands(_figure(interest={"main": 0.5, "interaction": 0.02})) == [
        (-0.5, 0.5),
        (-0.02, 0.02),
    ]


@pytest.mark.parametrize("narrow", [False, True])
def test_text_of_users_is_escaped(narrow: bool) -> None:
    figure = forest_interactive(ROWS, RESULT, _nasty(), narrow=narrow).to_json()
    assert "<img" not in json.dumps(json.loads(figure), ensure_ascii=False)
    assert "hovertemplate" not in figure
    svg = svg_bytes(forest_static(ROWS, RESULT, _nasty())).decode()
    assert "<img" not in svg


def test_hover_is_aggregate_and_complete() -> None:
    trace = next(t for t in _marks(_figure()) if t["name"] == "adjusted")
    at = [c[0] for c in trace["customdata"]].index("PGS_EDU")
    assert trace["hovertext"][at] == (
        "<b>PGS-EDU</b>, adjusted model<br>−0.69 (−1.33 to −0.05) points at the start<br>"
        "p = .034, = .275 after Holm correction<br>2,601 people"
    )


def test_alt_and_note() -> None:
    alt = forest_alt(ROWS, RESULT, STUDY)
    assert alt.startswith("Forest plot of 8 polygenic scores")
    assert alt.endswith("Strongest for change: PGS-EDU, −0.041 points a week (−0.069 to −0.013).")
    note = forest_note(ROWS, RESULT, STUDY)
    assert note.startswith("2,601 people, up to 23,366 observations.")
    assert "95 % confidence intervals with Satterthwaite" in note
    assert "† singular fit" in note
    assert note.endswith("Simulated data.")
    real = replace(RESULT, simulated=False)
    assert "Simulated" not in forest_note(ROWS, real, STUDY)


def test_one_model_needs_no_key() -> None:
    one = make_result(STUDY, adjustments=("crude",))
    figure = forest_interactive(forest_rows(one), one, STUDY)
    assert not figure.layout.showlegend
    assert forest_static(forest_rows(one), one, STUDY).axes


def test_static_marks_agree_with_the_frame() -> None:
    figure = forest_static(ROWS, RESULT, STUDY)
    scatters = [c for ax in figure.axes for c in ax.collections if isinstance(c, PathCollection)]
    drawn = sum(len(c.get_offsets()) for c in scatters)
    assert drawn == 46 + len(("crude", "adjusted", "complete"))
