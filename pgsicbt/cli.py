"""The command line: ``python -m pgsicbt check``, ``describe``, ``fit``, ``scan``,
``summary`` and ``pool``.

Exit status: 0 fine, 2 a mistake in the call, 3 refused (files, specification or model). Errors
go to standard error in one sentence with what to do next.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pgsicbt.cli_describe import add_describe, run_describe
from pgsicbt.cli_output import print_findings, safe_name, write_files
from pgsicbt.cli_pooling import add_pooling, run_pool, run_summary
from pgsicbt.cli_preset import run_preset
from pgsicbt.cli_progress import ProgressLine
from pgsicbt.cli_reading import (
    UsageError,
    add_files,
    add_reading,
    choices_of,
    load,
    read_or_refuse,
    run_check,
    spec_of,
    stated_of,
    text_of,
)
from pgsicbt.cli_scan import add_scan, run_scan
from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.export import csv_bytes, svg_bytes
from pgsicbt.ledger import Ledger, read_declaration
from pgsicbt.models import default_spec, fit
from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.models.grid.rebuild import one_score_at_a_time
from pgsicbt.presets import PRESETS
from pgsicbt.report import course_figure, html_report
from pgsicbt.report.forest import judged, paper_forest
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import analysis_line, headline, lead_adjustment

OK, USAGE, REFUSED = 0, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    args = _parser().parse_args(argv)
    try:
        if args.command == "scan":
            return _scan(args)
        if args.command == "check":
            return OK if run_check(args) else REFUSED
        if args.command == "describe":
            run_describe(args, read_or_refuse(args))
            return OK
        if args.command == "summary":
            run_summary(args, read_or_refuse(args))
            return OK
        if args.command == "pool":
            run_pool(args)
            return OK
        if args.preset is not None:
            study = read_or_refuse(args)
            run_preset(study, args.preset, args.out, stated_of(args, study))
            return OK
        return _fit(args)
    except UsageError as error:
        print(f"pgsicbt: {error}", file=sys.stderr)
        return USAGE
    except PgsIcbtError as error:
        print(f"pgsicbt: {error}", file=sys.stderr)
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pgsicbt",
        description="Polygenic scores and symptom change in psychological treatment.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    reading = argparse.ArgumentParser(add_help=False)
    add_reading(reading)
    common = argparse.ArgumentParser(add_help=False, parents=[reading])
    add_files(common)
    seen = commands.add_parser("check", parents=[common], help="read, recognise, join, report")
    seen.add_argument("--json", action="store_true", help="print the report as JSON")
    fitted = commands.add_parser("fit", parents=[common], help="fit the grid and write results")
    how = fitted.add_mutually_exclusive_group()
    how.add_argument("--spec", metavar="JSON", help="analysis specification")
    how.add_argument("--preset", choices=PRESETS, help="a plan that is known by name")
    how.add_argument(
        "--declaration", metavar="JSON", help="an analysis declared before, to carry out"
    )
    fitted.add_argument(
        "--provenance", metavar="CSV", help="where the scores come from, for the report"
    )
    fitted.add_argument("--out", required=True, metavar="DIR", help="folder for the results")
    add_describe(commands, common)
    add_scan(commands, reading)
    add_pooling(commands, common)
    return parser


def _fit(args: argparse.Namespace) -> int:
    study = read_or_refuse(args)
    ledger = Ledger()
    if args.declaration is not None:
        declared = read_declaration(text_of(args.declaration), file=Path(args.declaration).name)
        ledger, spec = Ledger((declared,)), declared.spec
    else:
        spec = default_spec(study) if args.spec is None else spec_of(args.spec)
    stated = stated_of(args, study)
    result = fit(study, spec)
    ledger = ledger.look(result.spec, result.digest)
    effects = None
    if one_score_at_a_time(spec):
        line = ProgressLine("fits of resampled people")
        effects = effect_sizes(
            study, result, replicates=spec.bootstrap, seed=spec.seed, progress=line
        )
        line.end()
    files = _files(study, result, effects)
    # Times are told only where they matter: the same files and spec give the same report.
    told = ledger if ledger.declared else None
    report = html_report(result, study, ledger=told, provenance=stated)
    files |= {"report.html": report.encode(), "ledger.json": ledger.to_json().encode()}
    write_files(Path(args.out), files)
    print(analysis_line(result.spec, result.n_persons))
    for adjustment in result.spec.adjustments:
        if result.spec.scores and any(f.adjustment == adjustment for f in result.fits):
            print(f"{adjustment}: {headline(result, study, adjustment)}")
    print_findings((*study.findings, *result.warnings))
    print("written: " + ", ".join(files))
    return OK


def _scan(args: argparse.Namespace) -> int:
    files = load(args.outcomes)
    for name in (args.scores, args.ids):
        if name is not None and not Path(name).is_file():
            raise UsageError(f"There is no file {name}. Check the path.")
    choices = choices_of(args.recipe, args.set, [*(f.name for f in files), Path(args.scores).name])
    run_scan(args, files, choices, None if args.spec is None else spec_of(args.spec))
    return OK


def _files(study: Study, result: Result, effects: pd.DataFrame | None) -> dict[str, bytes]:
    """Every result file by its name relative to the folder."""
    files: dict[str, bytes] = {
        "results.csv": csv_bytes(result.table),
        "result.json": result.to_json().encode(),
        "spec.json": result.spec.to_json().encode(),
    }
    if effects is not None:
        files["effect_sizes.csv"] = csv_bytes(effects)
    if result.spec.scores:
        forest = paper_forest(result, study)
        files["figures/forest.svg"] = forest.svg
        files["figures/forest.csv"] = csv_bytes(forest.rows)
        found = judged(study, result)
        if found is not None:
            files["verdicts.csv"] = csv_bytes(found[1])
    adjustment = lead_adjustment(result)
    for score in result.spec.scores or ("",):
        shown = course_figure(result, study, score, adjustment)
        if shown is None:
            continue
        stem = f"figures/trajectories-{safe_name(score) or 'all'}"
        files[f"{stem}.svg"] = svg_bytes(shown.static())
        files[f"{stem}.csv"] = csv_bytes(shown.course.predicted)
    return files
