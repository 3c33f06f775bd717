"""``python -m pgsicbt fit --preset NAME``: a plan that is known by name, on any cohort."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd

from pgsicbt.cli_output import print_findings, write_files
from pgsicbt.cli_progress import ProgressLine
from pgsicbt.errors import FitError
from pgsicbt.figures.export import csv_bytes, svg_bytes
from pgsicbt.ledger import Ledger
from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.presets import PlanResult, plan_looks, preset, run_plan
from pgsicbt.provenance import Provenance
from pgsicbt.report import course_figure, leading_score
from pgsicbt.report.forest import paper_forest
from pgsicbt.report.plan import plan_report, prediction_figure
from pgsicbt.study import Study
from pgsicbt.words.plans import PlanWords, paper_rows, paper_table, plan_words


def run_preset(study: Study, name: str, out: str, stated: dict[str, Provenance]) -> None:
    """Carry out a plan and write what came of it.

    Parameters
    ----------
    stated
        What was stated of the scores' origin beside the files.

    Raises
    ------
    PgsIcbtError
        If the cohort cannot carry out the step that the plan is about, or the folder cannot be
        written to.
    """
    plan = preset(study, name)
    line = ProgressLine("steps of the plan")
    found = run_plan(study, plan, line)
    line.end()
    if found.lead is None:
        raise FitError(next(iter(found.failed.values())), "Choose another plan.")
    words = plan_words(found, study)
    files = _files(found, words, study, stated)
    write_files(Path(out), files)
    print(f"{plan.title}: {words.answer}")
    for answer in words.findings:
        print(f"{answer.question}: {answer.verdict}. {answer.sentence}")
    for note in (*plan.left_out, *found.failed.values()):
        print(f"left out: {note}", file=sys.stderr)
    print_findings((*study.findings, *found.lead.warnings))
    print("written: " + ", ".join(files))


def _files(
    found: PlanResult, words: PlanWords, study: Study, stated: dict[str, Provenance]
) -> dict[str, bytes]:
    lead, plan = found.lead, found.plan
    if lead is None:
        return {}
    ledger = Ledger()
    for look in plan_looks(found, study):
        ledger = ledger.look(look.spec, look.digest, look.title, models=look.models)
    header, rows = paper_table(found, study)
    table = pd.DataFrame([r + [""] * (len(header) - len(r)) for r in rows], columns=header)
    answers = pd.DataFrame(
        [(a.question, a.verdict, a.sentence) for a in words.findings],
        columns=["finding", "here", "in_numbers"],
    )
    forest = paper_forest(lead, study)
    files = {
        "results.csv": csv_bytes(lead.table),
        "steps.csv": csv_bytes(paper_rows(found)),
        "paper_table.csv": csv_bytes(table),
        "findings.csv": csv_bytes(answers),
        "result.json": lead.to_json().encode(),
        "spec.json": lead.spec.to_json().encode(),
        "plan.json": json.dumps(
            {step.key: json.loads(step.spec.to_json()) for step in plan.steps},
            indent=2, ensure_ascii=False,
        ).encode(),
        "ledger.json": ledger.to_json().encode(),
        "report.html": plan_report(found, study, ledger, stated).encode(),
        "figures/forest.svg": forest.svg,
        "figures/forest.csv": csv_bytes(forest.rows),
    }  # fmt: skip
    if lead.spec.family == "lmm":
        files["effect_sizes.csv"] = csv_bytes(effect_sizes(study, lead))
    predicted = prediction_figure(found, study)
    if predicted is not None and found.predicted is not None:
        files["prediction.csv"] = csv_bytes(found.predicted.table)
        files["figures/prediction.svg"] = svg_bytes(predicted.static())
        files["figures/prediction_roc.csv"] = csv_bytes(found.predicted.roc)
        files["figures/prediction_calibration.csv"] = csv_bytes(found.predicted.calibration)
    adjustment = lead.spec.adjustments[-1]
    figure = course_figure(
        lead, study, plan.lead_score or leading_score(lead, adjustment), adjustment
    )
    if figure is not None:
        files["figures/trajectories.svg"] = svg_bytes(figure.static())
        files["figures/trajectories.csv"] = csv_bytes(figure.course.predicted)
    return files
