"""The report: one page that stands alone."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pgsicbt.ledger import Ledger
from pgsicbt.provenance import Provenance
from pgsicbt.report import html_report, leading_score
from pgsicbt.result import Result
from pgsicbt.study import CovariateInfo, Finding, ScoreInfo, Study
from tests.figures.example import make_result, make_study

STUDY = make_study()
RESULT = make_result(STUDY)
VOID = {"meta", "link", "br", "img", "input", "hr"}


class _Page(HTMLParser):
    """Checks nesting and collects what the tests ask for."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [v for k, v in attrs if k == "id" and v]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [v for k, v in attrs if k == "id" and v]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


@pytest.fixture(scope="module")
def html() -> str:
    return html_report(RESULT, STUDY)


def test_it_is_whole_and_well_formed(html: str) -> None:
    page = _read(html)
    names = [t for t, _ in page.tags]
    assert html.startswith("<!DOCTYPE html>")
    assert dict(page.tags[0][1])["lang"] == "en"
    assert names.count("h1") == 1
    assert len(page.ids) == len(set(page.ids))


def test_it_asks_for_nothing_from_outside_and_runs_nothing(html: str) -> None:
    assert "http" not in html
    assert "//" not in re.sub(r"[^\s\"']*\*//?", "", html)
    names = {t for t, _ in _read(html).tags}
    assert not names & {"script", "link", "iframe", "object", "embed"}
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", html)
    assert not re.search(r"\bon\w+=", html)


def test_every_figure_has_an_alternative_text(html: str) -> None:
    page = _read(html)
    drawings = [a for t, a in page.tags if t == "svg"]
    assert len(drawings) == 2
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert drawing["aria-labelledby"] in page.ids
    assert all(a.get("alt") for t, a in page.tags if t == "img")
    assert "Forest plot of 8 polygenic scores" in html


def test_tables_have_captions_and_scopes(html: str) -> None:
    page = _read(html)
    names = [t for t, _ in page.tags]
    assert names.count("table") == names.count("caption") == 4
    assert all(a.get("scope") for t, a in page.tags if t == "th")


def test_it_says_what_was_found_and_what_not(html: str) -> None:
    text = " ".join(_read(html).text)
    for sentence in (
        "Simulated data: no real person is described here.",
        "Crude, adjusted and complete models, harmonised score, weeks 0-12, 2,601 people.",
        "and one with change over the weeks for 1 of 8 (PGS-EDU).",
        "Per standard deviation of PGS-EDU, symptoms fell 0.04 points a week more",
        "This describes groups.",
        "is a sign of prognosis",
        "not fitted",
        "age is missing",
        RESULT.digest,
        "numpy 2.4.0",
        '"multiplicity": "holm"',
        "the random part is on its boundary",
    ):
        assert sentence in text, sentence


def test_real_data_have_no_banner() -> None:
    html = html_report(replace(RESULT, simulated=False), STUDY)
    assert "Simulated" not in html


def test_the_same_analysis_gives_the_same_report(html: str) -> None:
    assert html_report(RESULT, STUDY) == html


def test_names_from_files_are_text() -> None:
    bad = "<script>alert('x')</script>&\"$a$"
    study: Study = replace(
        STUDY,
        scores=tuple(ScoreInfo(s.name, bad) if s.name == "PGS_EDU" else s for s in STUDY.scores),
        covariates=tuple(
            CovariateInfo(c.name, bad, c.kind, c.role, c.levels) if c.name == "age" else c
            for c in STUDY.covariates
        ),
        files=(f"{bad}.csv",),
    )
    result: Result = replace(RESULT, warnings=(Finding("x", "warning", bad),))
    html = html_report(result, study)
    _read(html)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_leading_score() -> None:
    assert leading_score(RESULT, "adjusted") == "PGS_EDU"
    gone = RESULT.table.assign(status="failed")
    assert leading_score(replace(RESULT, table=gone, fits=()), "adjusted") == ""


def test_another_score_can_be_opened() -> None:
    assert "PGS-MDD: what it amounts to" in html_report(RESULT, STUDY, score="PGS_MDD")


def test_a_score_whose_model_failed_has_no_course() -> None:
    fits = tuple(f for f in RESULT.fits if f.score != "PGS_EDU")
    html = html_report(replace(RESULT, fits=fits), STUDY, score="PGS_EDU")
    assert "what it amounts to" not in html


def test_an_analysis_without_scores_shows_the_course_alone() -> None:
    kept = [0, 1]
    crude = next(f for f in RESULT.fits if f.score == "PGS_EDU" and f.adjustment == "crude")
    fixed = replace(
        crude.fixed,
        names=tuple(crude.fixed.names[j] for j in kept),
        estimates=crude.fixed.estimates[kept],
        covariance=crude.fixed.covariance[:2, :2],
        covariance_gradient=crude.fixed.covariance_gradient[:, :2, :2],
    )
    table = RESULT.table
    table = table[(table["score"] == "PGS_EDU") & (table["model"] == "crude")].iloc[kept]
    result = replace(
        RESULT,
        table=table.assign(score="").reset_index(drop=True),
        fits=(replace(crude, score="", fixed=fixed),),
        spec=RESULT.spec.replace(scores=(), adjustments=("crude",)),
    )
    html = html_report(result, STUDY)
    page = _read(html)
    assert "No score was analysed." in html
    assert "The course of symptoms" in html
    assert "What this does not say" not in html
    assert [t for t, _ in page.tags].count("svg") == 1


def test_it_prints_verdicts_origins_and_what_else_was_looked_at() -> None:
    spec = RESULT.spec
    ledger = Ledger().declare(spec, RESULT.digest, "2026-01-02T03:04:05+00:00")
    ledger = ledger.look(spec, RESULT.digest, at="2026-01-02T04:00:00+00:00")
    other = spec.replace(multiplicity="bh")
    ledger = ledger.look(other, RESULT.digest, at="2026-01-02T04:10:00+00:00")
    stated = {spec.scores[0]: Provenance(spec.scores[0], pgs_id="PGS000907", gwas="Okbay 2022")}
    html = html_report(RESULT, STUDY, ledger=ledger, provenance=stated)
    text = " ".join(_read(html).text)
    assert "PGS000907" in text
    assert "Confirmatory: declared 2026-01-02 03:04:05 UTC" in text
    assert "exploratory" in text
    assert "2 analyses with" in text
    plain = " ".join(_read(html_report(RESULT, STUDY)).text)
    assert "do not state where the scores come from" in plain
    assert "looked at" not in plain.split("Who was analysed")[1].split("How to repeat")[0]
