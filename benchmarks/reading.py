"""How long reading takes: recognise, examine, check and join tables up to a million rows.

    python -m benchmarks.reading [--rows 1000000]

Every form is read in a process of its own by ``pgsicbt.read_study``, from bytes in memory, after
one warm-up on a small table, so that importing is not counted. The plainest possible reading of
the same bytes, ``pandas.read_csv`` and a group-by, is measured beside it: absolute times are
those of one machine, the ratio says more. Writes benchmarks/results/reading.md.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import pgsicbt
from pgsicbt.ingest import Upload

HERE = Path(__file__).parent
VISITS = 20


def _frames(rows: int, seed: int = 20261123) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outcomes, one row per person and week, and two scores per person."""
    rng = np.random.default_rng(seed)
    n = rows // VISITS
    ids = np.array([f"K{i:07d}" for i in range(n)], dtype=object)
    outcomes = pd.DataFrame(
        {
            "person_id": np.repeat(ids, VISITS),
            "week": np.tile(np.arange(VISITS), n),
            "phq9": rng.integers(0, 28, n * VISITS),
        }
    )
    scores = pd.DataFrame({"person_id": ids, **{s: rng.normal(size=n) for s in ("PGS_A", "PGS_B")}})
    return outcomes, scores


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _named_visits(frame: pd.DataFrame) -> bytes:
    return _csv(frame.assign(week="week " + frame["week"].astype(str)))


def _dates(frame: pd.DataFrame) -> bytes:
    start = np.repeat(np.arange(len(frame) // VISITS) % 2000, VISITS)
    days = pd.Timestamp("2012-01-02") + pd.to_timedelta(start + 7 * frame["week"], unit="D")
    return _csv(frame.assign(week=days.dt.strftime("%Y-%m-%d")).rename(columns={"week": "date"}))


FORMS: dict[str, tuple[str, Callable[[pd.DataFrame], bytes]]] = {
    "CSV, weeks as numbers": ("outcomes.csv", _csv),
    "CSV, names of visits": ("outcomes.csv", _named_visits),
    "CSV, dates of visits": ("outcomes.csv", _dates),
    "CSV, gzip": ("outcomes.csv.gz", lambda f: gzip.compress(_csv(f), 1)),
    "Parquet": ("outcomes.parquet", _parquet),
}


def _plain(data: bytes) -> float:
    """Seconds of the plainest reading: parse the CSV and find everybody's first value."""
    began = time.perf_counter()
    pd.read_csv(io.BytesIO(data)).groupby("person_id").first()
    return time.perf_counter() - began


def measure(form: str, rows: int) -> dict[str, float]:
    """Read one form in this process: seconds, the most memory in MiB, size of the file in MB."""
    name, write = FORMS[form]
    small = _frames(2_000)
    pgsicbt.read_study(Upload(name, write(small[0])), Upload("scores.csv", _csv(small[1])))
    outcomes, scores = _frames(rows)
    uploads = (Upload(name, write(outcomes)), Upload("scores.csv", _csv(scores)))
    plain = _plain(_csv(outcomes))
    expected = len(outcomes)
    del outcomes
    steps: list[str] = []
    began = time.perf_counter()
    study = pgsicbt.read_study(*uploads, progress=lambda what, _share: steps.append(what))
    seconds = time.perf_counter() - began
    found = study.outcome("PHQ-9").n_observations
    if found != expected:
        raise RuntimeError(f"{form}: {found:,} observations of {expected:,}")
    return {
        "seconds": seconds,
        "plain": plain,
        "steps": len(steps),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "size": len(uploads[0].data) / 1e6,
    }


def _report(rows: int) -> str:
    lines = [
        "# Reading a long table of outcomes",
        "",
        f"{datetime.datetime.now(tz=datetime.UTC).date().isoformat()}: {rows:,} rows "
        f"({rows // VISITS:,} people, {VISITS} visits) and a table of two scores, recognised, "
        "examined for what identifies people, checked against the instrument's range and joined; "
        "one process per form. Beside it the plainest reading of the same table as CSV "
        "(`pandas.read_csv` and the first row of each person).",
        "",
        "| form | file, MB | seconds | times plain | progress reports | most memory, MiB |",
        "|---|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    for form in FORMS:
        call = [sys.executable, "-m", "benchmarks.reading", "--rows", str(rows), "--one", form]
        done = subprocess.run(call, capture_output=True, text=True, check=True)
        one = json.loads(done.stdout.splitlines()[-1])
        lines.append(
            f"| {form} | {one['size']:.1f} | {one['seconds']:.2f} | "
            f"{one['seconds'] / one['plain']:.1f} | {one['steps']:.0f} | {one['peak']:,.0f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure every form and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--one", choices=list(FORMS), help="measure one form, print JSON")
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(measure(chosen.one, chosen.rows)))
        return
    text = _report(chosen.rows)
    (HERE / "results" / "reading.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
