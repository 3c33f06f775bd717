"""What models should find in a simulated cohort, from the moments of what was planted.

The published study fits one score at a time, adjusted for age, sex, diagnosis, batch and
principal components and **not** for education. The values in
:data:`pgsicbt.sample.parameters.SCORE_EFFECTS` are the truth of that model. The scores correlate
with each other and PGS-EDU with education, so the effects that act in the simulation, all scores
and education together, follow by solving

    R b = tau,        b_EDU (given education) = b_EDU - gamma * beta_education

with R the correlation of the scores, tau the one-at-a-time truth and gamma the regression of
the education level on PGS-EDU.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from pgsicbt.result import Array
from pgsicbt.sample import parameters as par


def education_moments() -> tuple[float, float, Array]:
    """Mean and SD of the education level (1, 2, 3), and the cuts of its normal liability."""
    shares = np.array(par.EDUCATION_SHARES)
    levels = np.arange(1.0, 4.0)
    mean = float(shares @ levels)
    sd = float(np.sqrt(shares @ (levels - mean) ** 2))
    return mean, sd, np.asarray(ndtri(np.cumsum(shares)[:-1]))


def education_loading() -> float:
    """Loading of PGS-EDU on the liability that gives the correlation of .25 with the level."""
    _, sd, cuts = education_moments()
    density = float((np.exp(-0.5 * cuts**2) / np.sqrt(2 * np.pi)).sum())
    return par.EDUCATION_CORRELATION * sd / density


def education_per_sd() -> float:
    """Regression coefficient of the education level on PGS-EDU, levels per SD."""
    return par.EDUCATION_CORRELATION * education_moments()[1]


def one_at_a_time() -> Array:
    """Truth of the published adjustment, (9, 2): main and weekly effect of each score."""
    return np.array([par.SCORE_EFFECTS.get(s, (0.0, 0.0)) for s in par.SCORES])


def all_together() -> Array:
    """Effects of all scores in one model without education, (9, 2)."""
    return np.asarray(np.linalg.solve(par.score_correlation(), one_at_a_time()), dtype=np.float64)


def acting() -> Array:
    """Effects of the scores that act in the simulation, beside education, (9, 2)."""
    effects = all_together()
    effects[0] -= education_per_sd() * np.array(par.EDUCATION)
    return effects


def with_education() -> tuple[Array, Array]:
    """Truth of one score at a time with education added: scores (9, 2), education (9, 2)."""
    _, sd, _ = education_moments()
    r = par.score_correlation()
    cross = r[:, 0] * education_per_sd()
    b = acting()
    beta = np.array(par.EDUCATION)
    covariance_score = r @ b + np.outer(cross, beta)
    covariance_education = cross @ b + sd**2 * beta
    scores, education = np.empty_like(b), np.empty_like(b)
    for k in range(len(b)):
        moments = np.array([[1.0, cross[k]], [cross[k], sd**2]])
        scores[k], education[k] = np.linalg.solve(
            moments, np.array([covariance_score[k], covariance_education])
        )
    return scores, education


def planted() -> list[dict[str, Any]]:
    """Every planted effect of the published adjustment and of the one with education.

    Keys: ``model`` (``published`` or ``with_education``), ``score`` (the score in the model),
    ``variable``, ``level`` (of a categorical variable, else empty), ``main`` (points at week
    0), ``weekly`` (points per week), ``origin`` (of the main effect).
    """
    rows: list[dict[str, Any]] = []

    def add(model: str, score: str, variable: str, level: str, effect: Any, origin: str) -> None:
        main, weekly = (round(float(v), 6) + 0.0 for v in effect)
        rows.append(
            {"model": model, "score": score, "variable": variable, "level": level,
             "main": main, "weekly": weekly, "origin": origin}
        )  # fmt: skip

    scores, education = with_education()
    medication = np.array(par.MEDICATION)
    for k, name in enumerate(par.SCORE_NAMES):
        origin = "published" if name == "PGS_EDU" else "plausible"
        add("published", name, name, "", one_at_a_time()[k], origin)
        add("with_education", name, name, "", scores[k], "implied")
        exact = name == "PGS_EDU"
        add("with_education", name, "education", "", education[k],
            "plausible" if exact else "implied")  # fmt: skip
    for model in ("published", "with_education"):
        add(model, "", "age", "", par.AGE_EFFECT, "plausible")
        add(model, "", "sex", "male", par.MALE, "plausible")
        for d in (1, 2):
            start = par.START_MEAN[d] - par.START_MEAN[0]
            contrast = np.array([start, par.WEEKLY[d] - par.WEEKLY[0]])
            if model == "with_education":
                # The contrast at equal medication; without medication in the model it keeps
                # the part that goes through the unequal shares of medicated people.
                contrast -= medication * (par.MEDICATED[d] - par.MEDICATED[0])
            add(model, "", "diagnosis", par.DIAGNOSES[d], contrast, "plausible")
        for batch, effect in par.BATCH_EFFECTS.items():
            add(model, "", "batch", batch, effect, "plausible")
    add("with_education", "", "medication", "yes", par.MEDICATION, "plausible")
    return rows


def truth(seed: int, n_persons: int) -> dict[str, Any]:
    """Everything planted in the cohort of ``seed``, ready for ``truth.json``."""
    covariates = "age + sex + diagnosis + batch"
    components = "PC1 + PC2 + PC3 + PC4 + PC5"

    def table(values: Array) -> dict[str, dict[str, float]]:
        return {
            name: {"main": round(float(m), 6) + 0.0, "weekly": round(float(w), 6) + 0.0}
            for name, (m, w) in zip(par.SCORE_NAMES, values, strict=True)
        }

    return {
        "about": "Truth of a simulated cohort. Nobody in it exists.",
        "seed": seed,
        "n_persons": n_persons,
        "published_values": list(par.PUBLISHED),
        "scale": "points of the harmonised outcome (percent of maximum possible, 0-100); "
        "weeks from the start of treatment; scores in SD of the people in all files",
        "models": {
            "published": f"y ~ time * (PGS + {covariates}) + {components} + (1 + time | id)",
            "with_education": f"y ~ time * (PGS + {covariates} + education + medication) + "
            f"{components} + (1 + time | id)",
        },
        "planted": planted(),
        "all_scores_in_one_model": table(all_together()),
        "acting_beside_education": table(acting()),
        "education": {
            "correlation_with_PGS_EDU": par.EDUCATION_CORRELATION,
            "levels_per_sd_of_PGS_EDU": round(education_per_sd(), 6),
            "shares": list(par.EDUCATION_SHARES),
            "main": par.EDUCATION[0],
            "weekly": par.EDUCATION[1],
        },
        "components": {
            "main_per_sd": {"PC1": par.COMPONENT_EFFECTS[0], "PC2": par.COMPONENT_EFFECTS[1]},
            "score_shift_per_sd_of_PC1_and_PC2": par.COMPONENT_SHIFTS,
        },
        "batch_shift_of_scores_in_B2_and_B3": par.BATCH_SHIFTS,
        "score_correlations": {f"{a}-{b}": v for (a, b), v in par.CORRELATIONS.items()},
        "course": {
            "mean_at_start": dict(
                zip(par.DIAGNOSES, par.START_MEAN.round(4).tolist(), strict=True)
            ),
            "weekly": dict(zip(par.DIAGNOSES, par.WEEKLY.tolist(), strict=True)),
            "curve": "points below the straight line from week 0 to 12: "
            "depth * ((1 - exp(-t / weeks)) / (1 - exp(-12 / weeks)) - t / 12)",
            "curve_depth": par.CURVE_DEPTH,
            "curve_weeks": par.CURVE_WEEKS,
            "screening_offset": par.SCREENING_OFFSET,
        },
        "random": {
            "intercept_sd": dict(zip(par.DIAGNOSES, par.START_SD.tolist(), strict=True)),
            "slope_sd": par.SLOPE_SD,
            "correlation": par.INTERCEPT_SLOPE,
            "residual_sd": par.RESIDUAL_SD,
            "residual_note": "away from the ends of the scale; shrinks to zero towards 0 and 100",
            "serial_correlation": par.SERIAL,
            "therapist_slope_sd": par.THERAPIST_SLOPE_SD,
        },
        "leaving": dict(par.LEAVING),
        "skipped_weeks": par.SKIP_MEAN,
    }
