"""Run every target of the fuzzer and store what came of it.

    python -m fuzzing.run [--scale 1.0] [--targets TARGET ...] [--folder FOLDER]

Targets may be run at several times into one folder. Each runs in a process of its own with a
limit of memory and of time per input. Once every target has run, ``results/fuzzing-DATE.md`` is
written; a failure is reported with the kind of exception, and the input that caused it is kept
in the folder of the run, not in the project.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzzing.seeds import KINDS, SEEDS

RUNS = {
    "text": 300_000,
    "archive": 500_000,
    "workbook": 30_000,
    "statistical": 100_000,
    "arrow": 400,  # each in a process of its own
    "study": 20_000,
}
RESULTS = Path(__file__).parent / "results"
_STAT = re.compile(r"stat::(\w+):\s+(\d+)")


def run(target: str, runs: int, folder: Path) -> dict[str, str]:
    """Fuzz one target; returns its row of the summary."""
    corpus = folder / target
    corpus.mkdir(parents=True, exist_ok=True)
    for name in KINDS[target]:
        (corpus / name).write_bytes(SEEDS[name])
    call = [
        sys.executable, "-m", "fuzzing.fuzz_readers", target, str(corpus), f"-runs={runs}",
        "-rss_limit_mb=2048", "-timeout=20", "-max_len=20000", "-print_final_stats=1",
        f"-artifact_prefix={folder}/{target}-", "-seed=20261123",
    ]  # fmt: skip
    done = subprocess.run(call, capture_output=True, text=True, check=False, errors="replace")
    stats = dict(_STAT.findall(done.stderr))
    failed = ""
    if done.returncode:
        lines = [
            line for line in done.stderr.splitlines() if "Exception" in line or "ERROR" in line
        ]
        failed = (lines or ["stopped"])[-1][:120]
    return {
        "target": target,
        "inputs": stats.get("number_of_executed_units", "?"),
        "per second": stats.get("average_exec_per_sec", "?"),
        "slowest, s": stats.get("slowest_unit_time_sec", "?"),
        "most memory, MB": stats.get("peak_rss_mb", "?"),
        "failure": failed or "none",
    }


def main() -> None:
    """Run targets one after the other; once all have a row, write the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="times the usual inputs")
    parser.add_argument("--targets", nargs="+", choices=list(RUNS), default=list(RUNS))
    parser.add_argument("--folder", type=Path, help="keep corpus, rows and failures here")
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="fuzzing-"))
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "rows.jsonl"
    for target in chosen.targets:
        row = run(target, int(RUNS[target] * chosen.scale), folder)
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(row, flush=True)
    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    if {row["target"] for row in rows} == set(RUNS):
        today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
        (RESULTS / f"fuzzing-{today}.md").write_text(_summary(rows, today), encoding="utf-8")


def _summary(rows: list[dict[str, str]], today: str) -> str:
    total = sum(int(row["inputs"]) for row in rows if row["inputs"].isdigit())
    lines = [
        "# Fuzzing of the readers",
        "",
        f"{today}: {total:,} inputs, atheris (libFuzzer) guided by coverage, at most 20,000 bytes "
        "each; a limit of 20 s and 2,048 MB per process.",
        "",
        "| " + " | ".join(rows[0]) + " |",
        "|---" * len(rows[0]) + "|",
        *("| " + " | ".join(row.values()) + " |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
