"""The report of an analysis."""

from __future__ import annotations

import numpy as np

from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.course import CourseFigure
from pgsicbt.figures.export import svg_bytes
from pgsicbt.ledger import Ledger
from pgsicbt.models.course.course import course
from pgsicbt.provenance import Provenance
from pgsicbt.report import markup
from pgsicbt.report.forest import judged, paper_forest
from pgsicbt.report.standing import provenance_table, sitting_table, verdict_table
from pgsicbt.report.tables import coefficient_table, grid_table, ledger_table
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import (
    analysis_line,
    group_note,
    headline,
    lead_adjustment,
    method_facts,
)
from pgsicbt.words.exposures import interaction_answers
from pgsicbt.words.families import one_per_person, outcome_facts
from pgsicbt.words.ledger import purpose_note
from pgsicbt.words.meaning import interest_sentence, verdict_headline
from pgsicbt.words.passages import passages
from pgsicbt.words.sentences import score_label

_NOT_SAID = (
    "Severity at one moment is a difference between people, not a change in anyone.",
    "A score that goes with change is a sign of prognosis. Whether people with a higher score "
    "gain more or less from a treatment than without it can only be told by comparing treated "
    "and untreated people, which no model here does.",
    "An association with a score is no proof that the trait behind the score is the cause.",
    "An interval that includes zero is no proof of no association; what it excludes is said.",
)


def leading_score(result: Result, adjustment: str) -> str:
    """The fitted score with the smallest p value for change; the first fitted one otherwise."""
    t = result.table
    roles = ("interaction", "outcome")
    rows = t[t["role"].isin(roles) & (t["model"] == adjustment) & (t["status"] != "failed")]
    rows = rows[np.isfinite(rows["p_value"].to_numpy(float))]
    if len(rows):
        return str(rows.loc[rows["p_value"].idxmin(), "score"])
    fitted = [f.score for f in result.fits if f.adjustment == adjustment]
    return fitted[0] if fitted else ""


def html_report(
    result: Result,
    study: Study,
    *,
    score: str | None = None,
    ledger: Ledger | None = None,
    provenance: dict[str, Provenance] | None = None,
) -> str:
    """The whole analysis as one HTML page: no script, nothing loaded from anywhere.

    Parameters
    ----------
    score
        The score that is opened; the leading one if not given.
    ledger
        What was declared and looked at in the sitting that this result is part of.
    provenance
        What was stated of the scores' origin beside the files.

    Returns
    -------
    str
        HTML with inline SVG, light colours and rules for printing on A4. The same result and
        study give the same text.
    """
    lead = lead_adjustment(result)
    opened = leading_score(result, lead) if score is None else score
    label = score_label(study, opened)
    parts = [
        markup.paragraph(_upper(analysis_line(result.spec, result.n_persons)) + ".", "line"),
        markup.paragraph(headline(result, study, lead), "answer"),
        *map(markup.paragraph, interaction_answers(result, study, lead)),
    ]
    if result.spec.scores:
        forest = paper_forest(result, study)
        parts += [
            markup.heading("Which scores go with severity, and which with change"),
            markup.figure(forest.svg, "forest", forest.alt, forest.note),
            grid_table(forest.rows, result, study),
            *_verdicts(result, study, lead),
        ]
    if result.fit_of(opened, lead) is not None:
        parts += _opened(result, study, opened, lead, label)
    if opened:
        parts += [
            markup.heading("What this does not say"),
            markup.paragraph(group_note(result, study, opened, lead)),
            markup.bullets(_NOT_SAID),
        ]
    parts += [
        markup.heading("Every coefficient"),
        coefficient_table(result, study, opened, lead),
    ]
    if result.spec.scores:
        parts += [
            markup.heading("Where the scores come from"),
            provenance_table(study, result, provenance or {}),
        ]
    parts += [
        markup.heading("Who was analysed"),
        ledger_table(result, study),
        *(_sitting(result, ledger) if ledger is not None else ()),
        *_warnings(result),
        *_method(result, study),
    ]
    title = "Polygenic scores and symptom change"
    return markup.page(title, parts, simulated=result.simulated)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _opened(result: Result, study: Study, score: str, lead: str, label: str) -> list[str]:
    """The leading score: what its estimates mean, and the course of symptoms."""
    words = []
    if score:
        words = [
            markup.paragraph(text, "" if kind == "sentence" else "quiet")
            for kind, text in passages(result, study, score, lead)
        ]
    shown = course_figure(result, study, score, lead)
    drawn = []
    if shown is not None:
        drawn = [markup.figure(svg_bytes(shown.static()), "course", shown.alt, shown.note)]
    return [
        markup.heading(f"{label}: what it amounts to" if score else "The course of symptoms"),
        *words,
        *drawn,
    ]


def course_figure(result: Result, study: Study, score: str, adjustment: str) -> CourseFigure | None:
    """Trajectories by level of a score, where the kind of model has any."""
    if one_per_person(result) or result.fit_of(score, adjustment) is None:
        return None
    try:
        return CourseFigure(course(study, result, score, adjustment), result, study)
    except PgsIcbtError:
        return None


def _verdicts(result: Result, study: Study, lead: str) -> list[str]:
    """Which effects would matter, are excluded, or remain open."""
    found = judged(study, result)
    if found is None:
        return []
    against, frame = found
    return [
        markup.heading("Does it matter"),
        markup.paragraph(verdict_headline(result, frame, lead)),
        markup.paragraph(interest_sentence(study, result, against), "quiet"),
        verdict_table(study, result, frame, lead),
    ]


def _sitting(result: Result, ledger: Ledger) -> list[str]:
    """Whether this analysis was declared, and what else was looked at."""
    return [
        markup.heading("What was declared, and what else was looked at"),
        markup.paragraph(purpose_note(ledger.entry(result.spec, result.digest))),
        sitting_table(ledger),
    ]


def _warnings(result: Result) -> list[str]:
    if not result.warnings:
        return []
    return [
        markup.heading("Notes on this analysis"),
        markup.bullets([w.message for w in result.warnings]),
    ]


def _method(result: Result, study: Study) -> list[str]:
    """What is needed to repeat the analysis."""
    formulas = list(dict.fromkeys(f"{f.adjustment}: {f.formula}" for f in result.fits))
    facts = [
        ("Files", ", ".join(study.files) or "not named"),
        ("Digest of the files and reading choices (SHA-256)", result.digest),
        *(outcome_facts(result) if one_per_person(result) else method_facts(result)),
        ("Versions", ", ".join(f"{k} {v}" for k, v in result.versions.items())),
    ]  # fmt: skip
    if result.seed is not None:
        facts.append(("Seed", str(result.seed)))
    return [
        markup.heading("How to repeat it"),
        markup.facts(facts),
        markup.tag("h3", "Models"),
        markup.tag("pre", markup.text("\n".join(formulas))),
        markup.tag("h3", "Specification"),
        markup.tag("pre", markup.text(result.spec.to_json())),
    ]
