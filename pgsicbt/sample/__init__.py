"""A simulated cohort with a known truth, shaped like the published study.

Nobody in it exists. It is there to try the program on, to check that the models recover what was
planted, and to be shipped as sample data; person identifiers start with ``SIM``.
"""

from __future__ import annotations

from pgsicbt.sample.cohort import SHIPPED_SEED, Cohort, simulate
from pgsicbt.sample.files import cohort_files, sample_files
from pgsicbt.sample.truth import planted, truth

__all__ = [
    "SHIPPED_SEED",
    "Cohort",
    "cohort_files",
    "planted",
    "sample_files",
    "simulate",
    "truth",
]
