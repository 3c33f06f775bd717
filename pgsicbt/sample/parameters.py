"""What is planted in the simulated cohort, as constants.

Outcome effects are in points of the harmonised 0-100 scale (percent of maximum possible), per
week where they are effects on change, with week 0 at the start of treatment. ``PUBLISHED`` says
which values come from the published study; all others are plausible and not cited.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pgsicbt.result import Array

N_PERSONS: Final = 2668
N_NOT_GENOTYPED: Final = 41
N_NO_OUTCOME: Final = 17

PUBLISHED: Final = (
    "number of people, of people per diagnosis, share of women and mean age",
    "instruments, visits and the eight scores",
    "main effect of PGS-EDU in the adjusted model (-0.69)",
)

SCORES: Final = ("EDU", "INT", "ADHD", "ASD", "BD", "MDD", "SCZ", "CROSS", "HEIGHT")
SCORE_NAMES: Final = tuple(f"PGS_{s}" for s in SCORES)
SCORE_LABELS: Final = {
    "EDU": "educational attainment",
    "INT": "intelligence",
    "ADHD": "attention-deficit/hyperactivity disorder",
    "ASD": "autism spectrum disorder",
    "BD": "bipolar disorder",
    "MDD": "major depressive disorder",
    "SCZ": "schizophrenia",
    "CROSS": "cross-disorder psychopathology",
    "HEIGHT": "height (negative control)",
}
CORRELATIONS: Final = {
    ("EDU", "INT"): 0.35, ("EDU", "ADHD"): -0.25, ("CROSS", "SCZ"): 0.45, ("CROSS", "BD"): 0.40,
    ("CROSS", "MDD"): 0.35, ("CROSS", "ASD"): 0.20, ("CROSS", "ADHD"): 0.20,
    ("SCZ", "BD"): 0.35, ("MDD", "ADHD"): 0.15, ("INT", "ADHD"): -0.10, ("EDU", "ASD"): 0.05,
    ("INT", "ASD"): 0.06, ("EDU", "BD"): 0.04, ("EDU", "MDD"): -0.06, ("EDU", "CROSS"): -0.04,
    ("ADHD", "ASD"): 0.10, ("ASD", "MDD"): 0.08, ("BD", "MDD"): 0.10, ("SCZ", "MDD"): 0.10,
    ("SCZ", "ASD"): 0.05, ("INT", "SCZ"): -0.06, ("ADHD", "BD"): 0.05, ("ADHD", "SCZ"): 0.04,
}  # fmt: skip
"""Correlations of the scores given the principal components; pairs left out are zero."""

N_COMPONENTS: Final = 10
COMPONENT_SHIFTS: Final = {
    "EDU": (-0.12, 0.05), "INT": (-0.08, 0.0), "ADHD": (0.06, 0.0), "MDD": (0.0, 0.07),
    "SCZ": (0.14, -0.04), "CROSS": (0.05, 0.0), "HEIGHT": (-0.15, 0.08),
}  # fmt: skip
"""Shift of a score per SD of PC1 and PC2."""
BATCH_SHIFTS: Final = {
    "EDU": (0.06, 0.10), "ADHD": (0.0, -0.08), "BD": (0.08, 0.0), "HEIGHT": (-0.05, 0.05),
}  # fmt: skip
"""Shift of a score in the second and third batch."""

DIAGNOSES: Final = ("MDD", "Panic disorder", "Social anxiety disorder")
DIAGNOSIS_COUNTS: Final = (1300, 728, 640)
INSTRUMENT_IDS: Final = ("MADRS-S", "PDSS-SR", "LSAS-SR")
MAXIMUM: Final = np.array([54.0, 28.0, 144.0])
START_MEAN: Final = np.array([22 / 54, 11.5 / 28, 73 / 144]) * 100
START_SD: Final = np.array([14.0, 16.5, 16.0])
"""Person SD at the start, by diagnosis."""
WEEKLY: Final = np.array([-1.38, -1.62, -1.33])
"""Weekly change, by diagnosis."""
SLOPE_SD: Final = 0.6
INTERCEPT_SLOPE: Final = -0.2
COPULA: Final = np.array([0.890, 0.930, 0.915])
"""Normal-scale correlation of start and week 12 that gives the slope SD above."""
LOWEST_START: Final = 8.0
CURVE_DEPTH: Final = 12.0
CURVE_WEEKS: Final = 12.0
SCREENING_OFFSET: Final = -1.6
RESIDUAL_SD: Final = 6.5
RESIDUAL_BOUND: Final = 2.5
SERIAL: Final = 0.2

BATCHES: Final = ("B1", "B2", "B3")
YEARS: Final = {"B1": (2009, 2013), "B2": (2014, 2016), "B3": (2017, 2019)}
YEAR_WEIGHTS: Final = np.array([0.05, 0.08, 0.10, 0.11, 0.11, 0.11, 0.11, 0.10, 0.09, 0.08, 0.06])
WOMEN: Final = 0.62
AGE: Final = (18.0, 75.0, 35.6, 11.5)
MEDICATED: Final = (0.50, 0.40, 0.34)
"""Share with prior psychotropic medication, by diagnosis."""
EDUCATION_SHARES: Final = (0.15, 0.45, 0.40)
EDUCATION_CORRELATION: Final = 0.25
EDUCATION_MISSING: Final = 0.018
N_THERAPISTS: Final = 28
FAMILY_SIZES: Final = (2,) * 9 + (3,) * 2

SCORE_EFFECTS: Final = {
    "EDU": (-0.69, -0.03),
    "ADHD": (0.0, 0.008),
    "MDD": (0.0, 0.010),
}
"""Main and weekly effect per SD, as a model with this one score and no education finds it."""
EDUCATION: Final = (-2.0, -0.06)
AGE_EFFECT: Final = (-0.06, -0.003)
MALE: Final = (-1.2, 0.05)
MEDICATION: Final = (2.0, 0.06)
BATCH_EFFECTS: Final = {"B2": (0.8, -0.03), "B3": (-0.6, -0.06)}
COMPONENT_EFFECTS: Final = (0.9, -0.6)
"""Main effect per SD of PC1 and PC2; components have no effect on change."""
THERAPIST_SLOPE_SD: Final = 0.04

SCREENING: Final = -2.0
WEEKS: Final = np.array([SCREENING, *range(13)], dtype=np.float64)
VISITS: Final = ("screening", "pre", *(f"week {w}" for w in range(1, 12)), "post")
SKIP_MEAN, SKIP_SIZE = 0.26, 4.0
"""Share of weekly visits skipped: beta distribution over people with this mean and size."""
SKIP_SCREENING, SKIP_PRE, SKIP_POST = 0.03, 0.01, 0.04
LEAVING: Final = {
    "intercept": -3.52, "last_score_per_16_points": 0.35, "education_per_level": -0.30,
    "pgs_edu_per_sd": -0.08,
}  # fmt: skip
"""Logistic hazard of leaving before each visit after pre; the last score is centred at 35."""
LEAVING_CENTRE: Final = 35.0
N_OUTLIERS: Final = 14
"""Wrong totals before visits are skipped and people leave; about ten remain."""


def score_correlation() -> Array:
    """Correlation matrix of the nine scores given the principal components, (9, 9)."""
    matrix = np.eye(len(SCORES))
    for (a, b), value in CORRELATIONS.items():
        i, j = SCORES.index(a), SCORES.index(b)
        matrix[i, j] = matrix[j, i] = value
    return matrix
