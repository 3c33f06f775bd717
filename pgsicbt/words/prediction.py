"""What a score adds to the variance explained and to a prediction, in words."""

from __future__ import annotations

import math

import pandas as pd

from pgsicbt.meaning.candidates import ALL, CLINICAL
from pgsicbt.meaning.classification import Classification
from pgsicbt.meaning.prediction import Prediction
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import Scale
from pgsicbt.words.sentences import score_label

OF_WORDS = {
    "post": "Value after treatment",
    "post given before": "The same, given the value before",
    "change": "Change from before to after",
    "slope": "Own weekly slope",
}


def increment_rows(study: Study, frame: pd.DataFrame) -> list[list[str]]:
    """Cells: score, what is explained without it, what it adds with its interval, p, people."""
    resampled = bool(frame["boot_low"].notna().any())
    rows: list[list[str]] = []
    for of, part in frame.groupby("of", sort=False):
        first = part.iloc[0]
        without = _share(first["r2_without"])
        rows.append([f"{OF_WORDS[str(of)]} (without scores {without} %)"])
        for row in part.to_dict("records"):
            name = "All scores" if row["score"] == ALL else study.score(str(row["score"])).label
            if not math.isfinite(float(row["incremental"])):
                rows.append([name, *[numbers.MISSING] * (4 if resampled else 3)])
                continue
            cells = [
                name,
                _share(row["incremental"], row["conf_low"], row["conf_high"]),
            ]
            if resampled:
                cells.append(f"{_share(row['boot_low'])} to {_share(row['boot_high'])}")
            rows.append([*cells, numbers.p_value(row["p_value"]), numbers.count(row["n_persons"])])
    return rows


def increment_sentence(study: Study, score: str, frame: pd.DataFrame, level: str) -> str:
    """What a score adds to the variance explained after treatment."""
    mine = frame[(frame["score"] == score) & (frame["of"] == "post")]
    label = score_label(study, score)
    if mine.empty or not math.isfinite(float(mine.iloc[0]["incremental"])):
        reason = "" if mine.empty else f" {mine.iloc[0]['reason']}"
        return f"What {label} adds to the value after treatment cannot be told.{reason}"
    row = mine.iloc[0]
    if row["r2_without"] < 1e-9:
        return (
            f"{label} explains {_share(row['incremental'])} % ({level} interval "
            f"{_share(row['conf_low'])} to {_share(row['conf_high'])}) of the variance after "
            f"treatment among {numbers.count(row['n_persons'])} people, nothing else considered."
        )
    return (
        f"{label} adds {_share(row['incremental'])} % ({level} interval {_share(row['conf_low'])} "
        f"to {_share(row['conf_high'])}) to the {_share(row['r2_without'])} % of the variance "
        f"after treatment that the covariates explain, among {numbers.count(row['n_persons'])} "
        "people."
    )


def _share(*shares: float) -> str:
    """Shares in percent, the second and third in brackets, with as many decimals as fit them."""
    known = [100 * float(x) for x in shares]
    if not all(math.isfinite(x) for x in known):
        return numbers.MISSING
    digits = 2 if max(abs(x) for x in known) < 10 else 1
    if len(known) == 1:
        return numbers.estimate(known[0], digits)
    return f"{numbers.estimate(known[0], digits)} ({numbers.interval(known[1], known[2], digits)})"


def model_label(study: Study, model: str) -> str:
    """What a model of a prediction holds, as the name of a row."""
    if model == CLINICAL:
        return "Clinical predictors"
    return "with all scores" if model == ALL else f"with {study.score(model).label}"


def prediction_sentence(study: Study, scale: Scale, found: Prediction, level: str) -> str:
    """What clinical predictors achieve in new people, and what the scores add."""
    by = found.table.set_index("model")
    base, last = by.iloc[0], by.iloc[-1]
    with_ = "all scores" if by.index[-1] == ALL else study.score(str(by.index[-1])).label
    saved = float(last["rmse_saved"])
    gain = f"adding {with_} changes that by {_share(last['added_r2'])} percentage points"
    limits = f"({level} interval {_share(last['added_low'])} to {_share(last['added_high'])})"
    side = "smaller" if saved > 0 else "larger"
    return (
        f"In people it was not fitted on, the clinical model explains {_share(base['r2'])} % of "
        f"the variance in week {numbers.week(found.week)} and misses by "
        f"{numbers.estimate(base['rmse'], scale.digits - 1)} {scale.unit} (RMSE); {gain} {limits} "
        f"and makes the typical error {numbers.estimate(abs(saved), scale.digits)} {scale.unit} "
        f"{side}."
    )


def prediction_rows(study: Study, found: Prediction) -> list[list[str]]:
    """Cells: model, R2, what it adds, RMSE, calibration slope."""
    rows = []
    for row in found.table.to_dict("records"):
        added = ""
        if row["model"] != CLINICAL:
            added = _share(row["added_r2"], row["added_low"], row["added_high"])
        rows.append(
            [
                model_label(study, str(row["model"])), numbers.estimate(100 * row["r2"], 1), added,
                numbers.estimate(row["rmse"], 2), numbers.estimate(row["calibration_slope"], 2),
            ]
        )  # fmt: skip
    return rows


def classification_sentence(study: Study, found: Classification, level: str) -> str:
    """How well a status is told apart in new people, and what the scores add."""
    by = found.table.set_index("model")
    base, last = by.iloc[0], by.iloc[-1]
    with_ = "all scores" if by.index[-1] == ALL else study.score(str(by.index[-1])).label
    d = 3
    return (
        f"{found.kind[:1].upper()}{found.kind[1:]} in {numbers.count(found.n_events)} of "
        f"{numbers.count(found.n_persons)} people. In people it was not fitted on, the clinical "
        f"model tells them apart with an AUC of {numbers.estimate(base['auc'], d)} ({level} "
        f"interval {numbers.interval(base['auc_low'], base['auc_high'], d)}); adding {with_} "
        f"changes it by {numbers.estimate(last['added_auc'], d)} "
        f"({numbers.interval(last['added_low'], last['added_high'], d)})."
    )


def classification_rows(study: Study, found: Classification) -> list[list[str]]:
    """Cells: model, AUC, what it adds, Brier score, calibration slope and intercept."""
    rows = []
    for row in found.table.to_dict("records"):
        added = ""
        if row["model"] != CLINICAL:
            added = (
                f"{numbers.estimate(row['added_auc'], 4)} "
                f"({numbers.interval(row['added_low'], row['added_high'], 4)})"
            )
        rows.append(
            [
                model_label(study, str(row["model"])),
                f"{numbers.estimate(row['auc'], 3)} "
                f"({numbers.interval(row['auc_low'], row['auc_high'], 3)})",
                added, numbers.estimate(row["brier"], 3),
                numbers.estimate(row["calibration_slope"], 2),
                numbers.estimate(row["calibration_intercept"], 2),
            ]
        )  # fmt: skip
    return rows


def prediction_note(found: Prediction | Classification, simulated: bool) -> str:
    """How the cross-validation was done."""
    text = (
        f"{numbers.count(found.n_persons)} people seen around week {numbers.week(found.week)} "
        f"with every score known; {found.k}-fold cross-validation, repeated {found.repeats} times "
        f"(seed {found.seed}). Clinical predictors: {', '.join(found.predictors)}. "
    )
    if isinstance(found, Classification):
        text += f"Defined by {'; '.join(found.definitions)}. Intervals after DeLong. "
    else:
        text += (
            "Intervals after Nadeau and Bengio, which are rough: in simulated cohorts those of "
            "95 % held 89 to 100 %. "
        )
    return (
        text + "A value below zero means that the extra coefficient costs more than it gives. "
        "Whoever was not seen is not among them. Nothing here is a prediction for one person."
        + (" Simulated data." if simulated else "")
    )
