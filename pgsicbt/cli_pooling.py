"""``python -m pgsicbt summary`` and ``pool``: what a site hands over, and what sites say together.

A summary holds estimates with their standard errors and nothing about a person; ``pool`` needs
nothing else, so no site sees another's data.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from pgsicbt.cli_output import print_findings, safe_name, write_files
from pgsicbt.cli_reading import load, spec_of, stated_of
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.export import csv_bytes, svg_bytes
from pgsicbt.figures.pooling import pooled_drawing
from pgsicbt.models import default_spec, fit
from pgsicbt.pooling import PooledSites, SiteSummary, pool_sites, read_summary, site_summary
from pgsicbt.pooling.random_effects import ESTIMATORS
from pgsicbt.study import Study
from pgsicbt.words.pooling import lead_model, method_note, pooled_answer


def add_pooling(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add both commands; ``common`` holds the files and the options of reading."""
    summary = commands.add_parser(
        "summary", parents=[common], help="write what a site hands over for pooling"
    )
    summary.add_argument("--spec", metavar="JSON", help="analysis specification, as other sites")
    summary.add_argument(
        "--provenance", metavar="CSV", help="where the scores come from, so that others can tell"
    )
    summary.add_argument("--site", required=True, metavar="NAME", help="what the site is called")
    summary.add_argument("--out", required=True, metavar="JSON", help="file to write")
    pool = commands.add_parser("pool", help="pool the summaries of several sites")
    pool.add_argument("sites", nargs="+", metavar="SITE.json", help="summaries of sites")
    pool.add_argument("--out", required=True, metavar="DIR", help="folder for the results")
    pool.add_argument(
        "--estimator", choices=ESTIMATORS, default="reml", help="of the variance between sites"
    )
    pool.add_argument(
        "--unmodified",
        action="store_true",
        help="intervals of Hartung and Knapp as they come; where few sites happen to agree they "
        "are narrower than those of normal theory",
    )


def run_summary(args: argparse.Namespace, study: Study) -> None:
    """Fit the analysis and write the summary of the site.

    Raises
    ------
    PgsIcbtError
        If the analysis cannot be fitted or the file cannot be written.
    """
    spec = default_spec(study) if args.spec is None else spec_of(args.spec)
    result = fit(study, spec)
    summary = site_summary(study, result, args.site, stated_of(args, study))
    path = Path(args.out)
    write_files(path.parent, {path.name: summary.to_json().encode()})
    print_findings((*study.findings, *result.warnings))
    print(summary_line(summary))
    print(f"written: {path.name}")


def summary_line(summary: SiteSummary) -> str:
    """What is in a summary, for whoever must allow its leaving."""
    withheld = f"; {summary.withheld} withheld for too few people" if summary.withheld else ""
    return (
        f"{summary.site}: {len(summary.effects)} estimates from {summary.n_persons:,} people, "
        f"no person's data{withheld}"
    )


def run_pool(args: argparse.Namespace) -> None:
    """Pool summaries and write what came of it.

    Raises
    ------
    UsageError
        If a file cannot be opened.
    PgsIcbtError
        If a file is no summary, the summaries do not belong together, or the folder cannot be
        written to.
    """
    sites = [read_summary(saved.data, saved.name) for saved in load(args.sites)]
    found = pool_sites(sites, estimator=args.estimator, modified=not args.unmodified)
    files = pooled_files(found)
    write_files(Path(args.out), files)
    model = lead_model(found)
    print(f"{model}: {pooled_answer(found, model)}")
    print(method_note(found))
    print_findings(found.findings, notes=True)
    print("written: " + ", ".join(files))


def pooled_files(found: PooledSites) -> dict[str, bytes]:
    """Every file of a pooled analysis by its name."""
    about = {
        "sites": [s.site for s in found.sites],
        "programs": sorted({s.program for s in found.sites}),
        "simulated": found.simulated,
        "weeks": found.weeks,
        "estimator": found.estimator,
        "modified": found.modified,
        "confidence": found.confidence,
        "method": method_note(found),
        "findings": [f.message for f in found.findings],
    }
    files = {
        "pooled.csv": csv_bytes(found.table),
        "sites.csv": csv_bytes(found.rows),
        "pooled.json": (json.dumps(about, indent=2, ensure_ascii=False) + "\n").encode(),
    }
    if not found.left_out.empty:
        files["leave_one_out.csv"] = csv_bytes(found.left_out)
    model = lead_model(found)
    for score in dict.fromkeys(found.table["score"]):
        drawing = pooled_drawing(found, str(score), model)
        if drawing is not None:
            stem = safe_name(str(score))
            files[f"figures/pooled-{stem}.svg"] = svg_bytes(CohortFigure(drawing).static())
    return files
