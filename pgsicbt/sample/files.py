"""The simulated cohort as files, byte for byte the same for the same seed."""

from __future__ import annotations

import gzip
import io
import json
from functools import cache

import pandas as pd

from pgsicbt.instruments import find_instrument
from pgsicbt.sample import parameters as par
from pgsicbt.sample.cohort import Cohort, simulate

SAMPLE_FILES = ("scores.csv", "outcomes_long.csv", "covariates.csv")
"""What is opened as the sample cohort."""


def _csv(frame: pd.DataFrame, digits: dict[str, int] | None = None, sep: str = ",") -> bytes:
    """CSV with a fixed number of decimals per float column."""
    shown = frame.copy()
    for name, n in (digits or {}).items():
        # Adding zero turns a negative zero into a plain one.
        shown[name] = [f"{v + 0.0:.{n}f}" for v in frame[name].to_numpy()]
    buffer = io.StringIO(newline="")
    shown.to_csv(buffer, index=False, sep=sep, lineterminator="\n")
    return buffer.getvalue().encode("utf-8")


def _scores_csv(cohort: Cohort) -> bytes:
    digits = dict.fromkeys(par.SCORE_NAMES, 4)
    digits |= {f"PC{k}": 6 for k in range(1, par.N_COMPONENTS + 1)}
    return _csv(cohort.scores, digits)


def _pgsc_calc_gz(cohort: Cohort) -> bytes:
    digits = {
        "SUM": 5,
        "Z_MostSimilarPop": 4,
        "Z_norm1": 4,
        "Z_norm2": 4,
        "percentile_MostSimilarPop": 2,
    }
    text = _csv(cohort.scores_pgsc_calc, digits, sep="\t")
    return gzip.compress(text, compresslevel=9, mtime=0)


def dictionary() -> pd.DataFrame:
    """What every column of the files means."""
    rows: list[tuple[str, str, str, str, str, str]] = []

    def add(
        file: str, column: str, meaning: str, kind: str, unit: str = "", values: str = ""
    ) -> None:
        rows.append((file, column, meaning, kind, unit, values))

    person = "person identifier; simulated, nobody exists"
    add("scores.csv", "person_id", person, "text", "", "SIM0001 ...")
    for short, name in zip(par.SCORES, par.SCORE_NAMES, strict=True):
        meaning = f"polygenic score for {par.SCORE_LABELS[short]}"
        add("scores.csv", name, meaning, "number", "SD given the principal components")
    for k in range(1, par.N_COMPONENTS + 1):
        add("scores.csv", f"PC{k}", f"principal component {k} of ancestry", "number")

    long = "outcomes_long.csv"
    add(long, "person_id", person, "text", "", "SIM0001 ...")
    add(long, "visit", "name of the visit", "text", "", " | ".join(par.VISITS))
    add(long, "week", "week from the start of treatment", "whole number", "weeks", "-2 to 12")
    add(long, "instrument", "symptom scale", "text", "", " | ".join(par.INSTRUMENT_IDS))
    add(long, "total", "total of the symptom scale; higher is worse", "whole number", "points")

    wide = "outcomes_wide.csv"
    add(wide, "person_id", person, "text", "", "SIM0001 ...")
    for instrument in par.INSTRUMENT_IDS:
        known = find_instrument(instrument)
        span = f"{known.minimum:.0f} to {known.maximum:.0f}" if known is not None else ""
        for visit in par.VISITS:
            column = f"{instrument}_{visit.replace(' ', '')}"
            meaning = f"{instrument} total at {visit}; empty for other diagnoses"
            add(wide, column, meaning, "whole number", "points", span)

    cov = "covariates.csv"
    add(cov, "person_id", person, "text", "", "SIM0001 ...")
    add(cov, "age", "age at inclusion", "whole number", "years", "18 to 75")
    add(cov, "sex", "sex", "text", "", "female | male")
    add(cov, "diagnosis", "primary diagnosis treated", "text", "", " | ".join(par.DIAGNOSES))
    add(cov, "batch", "genotyping batch", "text", "", " | ".join(par.BATCHES))
    add(
        cov, "education", "self-reported education; empty if unknown", "whole number", "levels",
        "1 = compulsory | 2 = upper secondary | 3 = university",
    )  # fmt: skip
    add(cov, "medication", "prior psychotropic medication", "text", "", "no | yes")
    add(cov, "therapist", "therapist", "text", "", f"T01 to T{par.N_THERAPISTS}")
    add(cov, "family", "group of relatives; empty for people without", "text", "", "F01 ...")
    add(cov, "inclusion_year", "calendar year of inclusion", "whole number", "", "2009 to 2019")

    calc = "scores_pgsc_calc.txt.gz"
    add(calc, "sampleset", "simulated cohort or reference panel", "text", "",
        "simulated | reference")  # fmt: skip
    add(calc, "FID", "family identifier, same as IID", "text")
    add(calc, "IID", person, "text", "", "SIM0001 ... | SIMREF001 ...")
    add(calc, "PGS", "name of the score", "text", "", " | ".join(par.SCORE_NAMES))
    add(calc, "SUM", "sum of the score before normalisation", "number")
    add(calc, "Z_MostSimilarPop", "z within the most similar reference group", "number", "SD")
    add(calc, "Z_norm1", "score with the mean by ancestry taken out", "number", "SD")
    add(calc, "Z_norm2", "the same with the variance taken out too", "number", "SD")
    add(calc, "percentile_MostSimilarPop", "percentile in that group", "number", "percent")
    return pd.DataFrame(rows, columns=["file", "column", "meaning", "type", "unit", "values"])


def cohort_files(cohort: Cohort) -> dict[str, bytes]:
    """File name to content, deterministic."""
    facts = json.dumps(cohort.truth, indent=1, ensure_ascii=False) + "\n"
    return {
        "scores.csv": _scores_csv(cohort),
        "scores_pgsc_calc.txt.gz": _pgsc_calc_gz(cohort),
        "outcomes_long.csv": _csv(cohort.outcomes_long),
        "outcomes_wide.csv": _csv(cohort.outcomes_wide),
        "covariates.csv": _csv(cohort.covariates),
        "dictionary.csv": _csv(dictionary()),
        "truth.json": facts.encode("utf-8"),
    }


@cache
def sample_files() -> tuple[tuple[str, bytes], ...]:
    """Names and contents of the shipped score, outcome and covariate file."""
    files = cohort_files(simulate())
    return tuple((name, files[name]) for name in SAMPLE_FILES)
