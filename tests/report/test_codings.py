"""The report of analyses in which time is no straight line, or zero elsewhere."""

import html
import re

import pytest

from pgsicbt.report import html_report
from tests.words.codings import CODINGS, STUDY, fitted


def _text(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize("coding", list(CODINGS))
def test_the_report_speaks_of_the_coding(coding: str) -> None:
    text = _text(html_report(fitted(coding, "end"), STUDY))
    straight = coding == "linear"
    assert "Severity at week 12" in text
    assert "at the start of treatment" not in text
    assert ("Change per week" in text) == straight
    before = text.split("Does it matter")[0]  # verdicts are told over the whole course
    assert ("Change, week 0 to 12" in before) == (not straight)
    assert "At week 12, people one standard deviation higher on PGS-A scored" in text
    several = coding in ("piecewise", "spline", "categorical")
    assert ("Looking at all weeks together" in text) == several
    assert ("Any difference in course" in text) == several
    assert "Main effects stand" in text
    assert "own level and own slope" in text


def test_the_report_says_how_it_was_made() -> None:
    text = _text(html_report(fitted("spline", errors="CR2"), STUDY))
    assert "curve (natural cubic spline); knots at weeks −2, " in text
    assert "robust, people as clusters (CR2)" in text
    text = _text(html_report(fitted("linear", df="kenward-roger"), STUDY))
    assert "Kenward-Roger" in text


def test_slopes_are_per_week_whatever_the_unit() -> None:
    week, month = (html_report(fitted("piecewise", time_unit=u), STUDY) for u in ("week", "month"))
    rows = [re.findall(r"<tr><th[^>]*>PGS-A × slope.*?</tr>", page) for page in (week, month)]
    assert rows[0]
    assert rows[0] == rows[1]
