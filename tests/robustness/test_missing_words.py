"""Words and figures on missed visits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import pgsicbt
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.robustness_missing import filled_drawing, leaving_drawing, tipping_drawing
from pgsicbt.robustness.dropout import MODELS, drop_out
from pgsicbt.robustness.imputation import impute
from pgsicbt.robustness.imputed_fit import imputed_fit
from pgsicbt.robustness.tipping import WAYS, Tipping, tipping
from pgsicbt.words.missing import (
    amount_of,
    filled_note,
    filled_row,
    filled_rows,
    filled_sentence,
    last_value_sentence,
    leaving_count,
    leaving_headline,
    leaving_rows,
    leaving_sentence,
    missing_standing,
    other_rows,
    tipping_sentence,
)
from tests.robustness.missing_example import SPEC, leaving_study

STUDY = leaving_study(n=250, slope=-0.4)
WIDE = SPEC.replace(scores=("PGS_A", "PGS_B"), score_scale="z")
RESULT = pgsicbt.fit(STUDY, WIDE)
LEFT = drop_out(STUDY, WIDE)
SETS = impute(STUDY, WIDE, 3)
FILLED = imputed_fit(SETS, RESULT)
TIPS = tuple(tipping(SETS, "PGS_A", "adjusted", way) for way in WAYS)


def test_who_leaves() -> None:
    assert leaving_headline(LEFT).startswith("Of 250 people, ")
    mine = leaving_sentence(STUDY, WIDE, LEFT, "PGS_A")
    assert mine.startswith("Per standard deviation of PGS-A, the odds of leaving in any week were")
    assert "higher" in mine
    assert "does not clearly go with PGS-B" in leaving_sentence(STUDY, WIDE, LEFT, "PGS_B")
    assert leaving_count(STUDY, LEFT).startswith("1 of 2 scores go with leaving")
    assert "doing worse when last seen" in last_value_sentence(STUDY, WIDE, LEFT)
    assert [row[0] for row in leaving_rows(STUDY, LEFT)] == ["PGS-A", "PGS-B"]
    assert len(other_rows(LEFT, "PGS_A")) == 2


def test_leaving_is_told_at_the_level_of_the_analysis() -> None:
    spec = WIDE.replace(confidence=0.9)
    found = replace(LEFT, spec=spec)
    assert "95 % interval" in leaving_sentence(STUDY, WIDE, LEFT, "PGS_A")
    assert "90 % interval" in leaving_sentence(STUDY, spec, found, "PGS_A")
    assert "p < .05," in leaving_count(STUDY, LEFT)
    assert "p < .1," in leaving_count(STUDY, found)
    drawing = leaving_drawing(STUDY, found)
    assert drawing is not None
    assert "90 % interval" in " ".join(drawing.panels.lines)


def test_what_could_not_be_fitted_is_said() -> None:
    table = LEFT.table.assign(status="failed")
    none = replace(LEFT, table=table, last_value=LEFT.last_value.assign(status="failed"))
    assert "cannot be told" in leaving_sentence(STUDY, WIDE, none, "PGS_A")
    assert last_value_sentence(STUDY, WIDE, none) == ""
    assert leaving_rows(STUDY, none)[0][1] == "–"
    assert leaving_drawing(STUDY, none) is None


def test_filled_in_against_observed() -> None:
    text = filled_sentence(STUDY, FILLED, "PGS_A", "adjusted")
    assert "filled in 3 times" in text
    assert "points a week" in text
    rows = filled_rows(STUDY, FILLED, "adjusted")
    assert [row[0] for row in rows] == ["PGS-A", "PGS-B"]
    assert rows[0][-1].endswith("%")
    assert "with the help of sex, diagnosis" in filled_note(STUDY, FILLED)
    assert filled_row(FILLED, STUDY, "PGS_A", "crude") is None
    assert "could not be fitted" in filled_sentence(STUDY, FILLED, "PGS_A", "crude")


def test_amounts_after_treatment() -> None:
    how = amount_of(pgsicbt.fit(STUDY, WIDE.replace(family="ancova")), STUDY)
    assert how.role == "outcome"
    assert how.unit == "points after treatment"
    monthly = amount_of(pgsicbt.fit(STUDY, WIDE.replace(time_unit="month")), STUDY)
    assert monthly.factor == pytest.approx(84 / 365.25)


def test_tipping_in_words() -> None:
    for one in TIPS:
        text = tipping_sentence(STUDY, RESULT, one)
        assert "than others like them" in text or "for each standard deviation of PGS-A" in text
    by_score = tipping_sentence(STUDY, RESULT, TIPS[-1])
    assert by_score.startswith("The conclusion would turn if people who left went")
    assert "reversed" in by_score
    null = tipping_sentence(STUDY, RESULT, tipping(SETS, "PGS_B", deltas=np.array([-1.0, 1.0])))
    assert null.startswith("A difference would show")


def test_a_conclusion_that_never_turns() -> None:
    flat = pd.DataFrame(
        {"delta": [-1.0, 0.0, 1.0], "estimate": -1.0, "std_error": 0.1, "df": 50.0, "p_value": 0.0,
         "conf_low": -1.2, "conf_high": -0.8}
    )  # fmt: skip
    never = Tipping(flat, "once", "PGS_A", "adjusted", "interaction", True, (), 1.0, 2.0, 30)
    text = tipping_sentence(STUDY, RESULT, never)
    assert text.startswith("No such departure changes the conclusion")
    assert "up to 1.00 points lower or higher" in text
    assert never.verdict == "never"


def test_standing() -> None:
    standing, why = missing_standing(STUDY, FILLED, (), "PGS_A", "adjusted")
    assert (standing, why) == ("holds", "filling in the missed visits changes nothing")
    near = replace(TIPS[0], points=(0.1,), plausible=1.0, significant=True)
    assert missing_standing(STUDY, FILLED, (near,), "PGS_A", "adjusted")[0] == "weakens"
    moved = FILLED.table.assign(conf_low=-1.0, conf_high=1.0)
    turned = replace(FILLED, table=moved)
    assert missing_standing(STUDY, turned, (), "PGS_A", "adjusted")[0] == "turns"
    failed = FILLED.table.assign(estimate=np.nan)
    standing, why = missing_standing(STUDY, replace(FILLED, table=failed), (), "PGS_A", "adjusted")
    assert (standing, why[:21]) == ("cannot be judged", "it could not be estim")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("which", ["leaving", "filled", "tipping"])
def test_figures(which: str, narrow: bool, dark: bool) -> None:
    drawing = {
        "leaving": leaving_drawing(STUDY, LEFT, narrow=narrow),
        "filled": filled_drawing(STUDY, FILLED, "adjusted", narrow=narrow),
        "tipping": tipping_drawing(STUDY, RESULT, TIPS),
    }[which]
    assert drawing is not None
    figure = CohortFigure(drawing)
    go.Figure(figure.interactive(dark=dark, narrow=narrow).to_dict())
    assert svg_bytes(figure.static()).startswith(b"<?xml")
    assert "PGS" in drawing.alt or "scores" in drawing.alt
    assert "people" in drawing.note


def test_nothing_to_draw() -> None:
    assert tipping_drawing(STUDY, RESULT, ()) is None
    assert filled_drawing(STUDY, FILLED, "crude") is None
    assert set(LEFT.table["model"]) == set(MODELS)
