"""``python -m pgsicbt ... | head``: a reader that leaves early is no mistake of anybody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pgsicbt


def test_a_reader_that_leaves_gets_no_traceback(tmp_path):
    rows = "".join(f"k{i},{w},9\n" for i in range(30) for w in (0, 4, 8))
    (tmp_path / "o.csv").write_text(f"id,week,phq9\n{rows}")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "pgsicbt", "check", "o.csv", "--json"],
            cwd=tmp_path,
            stdout=closed,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(pgsicbt.__file__).parents[1])},
            check=False,
        )
    assert done.returncode == 141
    assert done.stderr == b""
