"""A plan that is known by name, carried out, as one self-contained HTML page."""

from __future__ import annotations

from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.prediction import classification_drawing
from pgsicbt.ledger import Ledger
from pgsicbt.presets import PlanResult, step_study
from pgsicbt.provenance import Provenance
from pgsicbt.report import markup
from pgsicbt.report.analysis import course_figure, leading_score
from pgsicbt.report.forest import paper_forest
from pgsicbt.report.standing import provenance_table, sitting_table
from pgsicbt.report.tables import ledger_table
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import headline
from pgsicbt.words.plans import (
    paper_table,
    plan_words,
    step_rows,
)
from pgsicbt.words.prediction import classification_rows
from pgsicbt.words.sentences import level_percent
from pgsicbt.words.summaries import analysis_line


def plan_report(
    found: PlanResult,
    study: Study,
    ledger: Ledger | None = None,
    provenance: dict[str, Provenance] | None = None,
) -> str:
    """The answer, the paper's table, forest and trajectories, and every step of the plan.

    Parameters
    ----------
    ledger, provenance
        As in :func:`pgsicbt.report.html_report`.

    Returns
    -------
    str
        HTML with inline SVG; nothing is loaded from anywhere.
    """
    plan, lead, words = found.plan, found.lead, plan_words(found, study)
    parts = [
        markup.paragraph(words.answer, "answer"),
        markup.paragraph(plan.about),
        markup.bullets(plan.left_out) if plan.left_out else "",
    ]
    if words.findings:
        parts += [
            markup.heading("Finding by finding"),
            markup.table(
                "What the paper found, and what this cohort says.",
                ["Finding", "Here", "In numbers"],
                [[a.question, a.verdict, a.sentence] for a in words.findings],
                numeric=(),
            ),
            markup.paragraph(words.corrected, "quiet"),
        ]
    if lead is not None:
        parts += _lead(found, lead, study)
    parts += _predicted(found, study)
    steps = step_rows(found, study)
    if plan.lead_score and steps:
        parts += [
            markup.heading("Every step of the plan"),
            markup.table(
                f"{study.score(plan.lead_score).label}, adjusted, per standard deviation.",
                ["Step", "Severity", "Change", "People"],
                steps,
                numeric=(3,),
            ),
        ]
    for step in plan.steps:
        result = found.results.get(step.key)
        line = found.failed.get(step.key, "")
        if result is not None:
            line = f"{analysis_line(result.spec, result.n_persons)}. " + headline(
                result, step_study(study, step), result.spec.adjustments[-1]
            )
        parts += [markup.tag("h3", markup.text(step.title)), markup.paragraph(line)]
    if lead is not None and lead.spec.scores:
        heading = markup.heading("Where the scores come from")
        parts += [heading, provenance_table(study, lead, provenance or {})]
    if ledger is not None:
        heading = markup.heading("What was declared, and what was looked at")
        parts += [heading, sitting_table(ledger)]
    parts += [
        markup.heading("How to repeat it"),
        *(
            markup.tag("h3", markup.text(step.title))
            + markup.tag("pre", markup.text(step.spec.to_json()))
            for step in plan.steps
        ),
    ]
    return markup.page(plan.title, parts, simulated=study.simulated)


PREDICTION_HEADER = ("Model", "AUC (interval)", "Adds (interval)", "Brier", "Slope", "Intercept")
"""Head of the table of cross-validated models."""


def _predicted(found: PlanResult, study: Study) -> list[str]:
    """What scores add to the prediction, in people it was not fitted on."""
    figure = prediction_figure(found, study)
    if figure is None or found.predicted is None:
        return []
    return [
        markup.heading("What the scores add to a prediction by clinical predictors"),
        markup.table(
            "Cross-validated; slope and intercept are those of calibration.",
            PREDICTION_HEADER,
            classification_rows(study, found.predicted),
            numeric=range(1, len(PREDICTION_HEADER)),
        ),
        markup.figure(svg_bytes(figure.static()), "prediction", figure.alt, figure.note),
    ]


def prediction_figure(found: PlanResult, study: Study) -> CohortFigure | None:
    """Increments, ROC and calibration curves of a plan that predicts."""
    if found.predicted is None or found.lead is None:
        return None
    level = level_percent(found.lead.spec)
    return CohortFigure(classification_drawing(study, found.predicted, level))


def _lead(found: PlanResult, lead: Result, study: Study) -> list[str]:
    """Table, forest and trajectories of the step that the plan is about."""
    header, rows = paper_table(found, study)
    forest = paper_forest(lead, study)
    parts = [
        markup.heading("The result in the form of the paper's table"),
        markup.table("Per standard deviation of the score.", header, rows, numeric=()),
        markup.figure(forest.svg, "forest", forest.alt, forest.note),
    ]
    adjustment = lead.spec.adjustments[-1]
    score = found.plan.lead_score or leading_score(lead, adjustment)
    figure = course_figure(lead, study, score, adjustment)
    if figure is not None:
        parts.append(markup.figure(svg_bytes(figure.static()), "course", figure.alt, figure.note))
    return [*parts, ledger_table(lead, study)]
