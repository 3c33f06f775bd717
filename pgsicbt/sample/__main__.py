"""Write the simulated cohort: ``python -m pgsicbt.sample DIR [--seed N]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pgsicbt.sample import SHIPPED_SEED, cohort_files, simulate


def main(arguments: Sequence[str] | None = None) -> int:
    """Write all files into the folder that was named; 0 if it went well, 1 if not."""
    parser = argparse.ArgumentParser(
        prog="python -m pgsicbt.sample", description="Write a simulated cohort as files."
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="where to write")
    parser.add_argument("--seed", type=int, default=SHIPPED_SEED, help="default: as shipped")
    chosen = parser.parse_args(arguments)
    if chosen.seed < 0:
        parser.error("--seed must be zero or a positive whole number")
    try:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        for name, data in cohort_files(simulate(chosen.seed)).items():
            (chosen.folder / name).write_bytes(data)
    except OSError as error:
        print(f"The folder cannot be written: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
