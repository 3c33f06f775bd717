"""``python -m pgsicbt describe``: Table 1 and the other aggregates of a cohort, as files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pgsicbt.cli_output import print_findings, write_files
from pgsicbt.cohort import describe
from pgsicbt.figures.cohort import cohort_figures
from pgsicbt.figures.export import csv_bytes, svg_bytes
from pgsicbt.outcomes import status_table
from pgsicbt.report.describe import describe_report
from pgsicbt.study import Study
from pgsicbt.words.cohort import seen, soundness, who
from pgsicbt.words.cohort_table import table_one


def add_describe(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser; ``common`` holds the files and the options of reading."""
    parser = commands.add_parser(
        "describe", parents=[common], help="who is in the cohort, and are the data sound"
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the results")
    parser.add_argument(
        "--by",
        metavar="COLUMN",
        help="covariate that makes the groups (the diagnosis if not given; none for everybody)",
    )
    parser.add_argument(
        "--median", action="store_true", help="median and quartiles in the page's table"
    )
    parser.add_argument(
        "--smd", action="store_true", help="standardised differences in the page's table"
    )


def run_describe(args: argparse.Namespace, study: Study) -> None:
    """Describe a study and write what was found; aggregates only.

    Raises
    ------
    SpecError
        If there is no such covariate, or nothing can be written.
    """
    found = describe(study, "" if args.by == "none" else args.by)
    figures = cohort_figures(study, found)
    page = describe_report(study, found, figures, median=args.median, differences=args.smd)
    table = table_one(study, found, median=args.median, differences=args.smd)
    files = {"cohort.html": page.encode(), "table1.csv": csv_bytes(table.frame())}
    frames = {**found.frames(), "outcomes": status_table(study)}
    files |= {f"{n}.csv": csv_bytes(f) for n, f in frames.items() if not f.empty}
    files |= {f"figures/{n}.svg": svg_bytes(f.static()) for n, f in figures.items()}
    write_files(Path(args.out), files)
    for sentence in (who(study, found), seen(found), soundness(study, found)):
        if sentence:
            print(sentence)
    print_findings(found.findings, notes=True)
    print("written: " + ", ".join(files))
