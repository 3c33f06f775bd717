"""``python -m pgsicbt scan``: thousands of scores from a file, results as CSV and JSON."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from pgsicbt.cli_output import print_findings, write_files
from pgsicbt.cli_progress import ProgressLine
from pgsicbt.errors import SpecError
from pgsicbt.figures.export import csv_bytes
from pgsicbt.ingest import ReadingChoices, Upload
from pgsicbt.ingest.join.beside import read_study_beside
from pgsicbt.models import default_spec
from pgsicbt.models.scan.scan import scan
from pgsicbt.models.scan.scan_result import ScanResult
from pgsicbt.models.scan.score_files import OpenedScores, open_scores
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.words import analysis_line


def add_scan(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser; ``shared`` holds the options of reading."""
    parser = commands.add_parser(
        "scan", parents=[shared], help="one model per score for thousands of scores"
    )
    parser.add_argument(
        "--scores",
        required=True,
        metavar="FILE",
        help="one row per person, one column per score: Parquet, CSV, TSV (also gzipped) or .npy",
    )
    parser.add_argument(
        "--outcomes",
        required=True,
        nargs="+",
        metavar="FILE",
        help="tables of outcomes and covariates, told apart by content",
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="CSV; a JSON goes beside it")
    parser.add_argument("--spec", metavar="JSON", help="analysis specification")
    parser.add_argument(
        "--model", choices=get_args(Adjustment), help="the one model to fit (adjusted if not given)"
    )
    parser.add_argument("--id", default="", metavar="COLUMN", help="column that names the person")
    parser.add_argument("--ids", metavar="FILE", help="identifiers, one per line, for .npy")
    parser.add_argument(
        "--refit-below",
        type=_probability,
        default=1e-3,
        metavar="P",
        help="scores whose p value may be at or below P are fitted exactly (0.001; 0 for none)",
    )
    parser.add_argument(
        "--refit-top",
        type=_whole,
        default=20,
        metavar="N",
        help="so many of the strongest scores are fitted exactly in any case (20)",
    )
    parser.add_argument(
        "--block", type=_block, metavar="N", help="scores in memory at once (about 8 MB)"
    )


def _probability(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("P must lie between 0 and 1")
    return value


def _whole(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("N may not be negative")
    return value


def _block(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("N must be at least 1")
    return value


def run_scan(
    args: argparse.Namespace,
    files: Sequence[Upload],
    choices: ReadingChoices,
    spec: AnalysisSpec | None,
) -> None:
    """Read, scan and write.

    Parameters
    ----------
    args
        What ``add_scan`` has parsed.
    files, choices, spec
        Tables of the cohort, corrections to their reading, and the analysis (None for the
        proposed one).

    Raises
    ------
    PgsIcbtError
        If files do not fit, the model cannot be fitted, or nothing can be written.
    """
    out = Path(args.out)
    beside = out.with_suffix(".json")
    if beside == out:
        raise SpecError(
            f"{out.name} is the name of the JSON file beside the results.", "Name a CSV file."
        )
    path = Path(args.scores)
    opened = open_scores(
        path, id_column=args.id, ids_file=args.ids, roles=choices.roles_of(path.name)
    )
    study, rows = read_study_beside(files, opened.ids, choices)
    if spec is None:
        spec = default_spec(study).replace(scores=(), adjustments=("adjusted",))
    if args.model is not None:
        spec = spec.replace(adjustments=(args.model,))
    line = ProgressLine("scan")
    result = scan(
        study,
        spec,
        opened.source,
        rows=rows,
        block=args.block,
        refit_below=args.refit_below or None,
        refit_top=args.refit_top,
        progress=line,
    )
    line.end()
    about = json.dumps(about_scan(result, opened, args), indent=2, ensure_ascii=False)
    table = csv_bytes(result.table)
    write_files(out.parent, {out.name: table, beside.name: (about + "\n").encode()})
    print(analysis_line(result.spec, result.n_persons))
    print(f"{result.n_scores:,} scores, {result.n_exact:,} of them fitted exactly")
    if opened.set_aside:
        names = [name for name, _ in opened.set_aside]
        more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        print(f"not taken for scores: {', '.join(names[:5])}{more}")
    print_findings((*study.findings, *result.warnings))
    print(f"written: {out.name}, {beside.name}")


def about_scan(
    result: ScanResult, opened: OpenedScores, args: argparse.Namespace
) -> dict[str, Any]:
    """What a reader of the table must know, ready for JSON; aggregates only."""
    return {
        "spec": dataclasses.asdict(result.spec),
        "versions": result.versions,
        "digest": result.digest,
        "simulated": result.simulated,
        "scores_file": opened.ids.file,
        "scores_sha256": opened.ids.sha256,
        "n_scores": result.n_scores,
        "n_exact": result.n_exact,
        "random_used": result.random_used,
        "n_persons": result.n_persons,
        "n_observations": result.n_observations,
        "refit_below": args.refit_below or None,
        "refit_top": args.refit_top,
        "margin": dataclasses.asdict(result.margin) if result.margin is not None else None,
        "set_aside": [{"column": name, "reason": why} for name, why in opened.set_aside],
        "ledger": [dataclasses.asdict(step) for step in result.ledger],
        "warnings": [dataclasses.asdict(w) for w in result.warnings],
    }
