"""What a result means, in words: the smallest effect of interest and the verdicts against it."""

from __future__ import annotations

import math

import pandas as pd

from pgsicbt.meaning.equivalence import Verdict
from pgsicbt.meaning.interest import Interest
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.families import ratio_of, told
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.sentences import score_label, shown_digits
from pgsicbt.words.timing import timing

VERDICT_WORDS: dict[Verdict, str] = {
    "meaningful": "meaningful",
    "excluded": "excluded",
    "inconclusive": "inconclusive",
    "": "not fitted",
}
VERDICT_MEANS: dict[Verdict, str] = {
    "meaningful": "The whole interval lies beyond the smallest effect of interest.",
    "excluded": "The whole interval lies within the smallest effect of interest: an effect that "
    "would matter is excluded.",
    "inconclusive": "The interval holds effects that would matter and effects that would not.",
    "": "The model could not be fitted.",
}


def inner_level(confidence: float) -> str:
    """The level that verdicts are read at: ``"90 %"`` where intervals are of 95 %."""
    return f"{100 * (1 - 2 * (1 - confidence)):g} %"


def interest_sentence(study: Study, result: Result, against: Interest) -> str:
    """What the smallest effect of interest is, and where it is from."""
    scale = outcome_scale(study, result.spec.outcome)
    per = f"per {'unit' if against.per_unit else 'standard deviation'} of a score"
    if against.source == "ratio":
        shown = numbers.estimate(math.exp(against.amount))
        return (
            f"The smallest effect of interest is {_a(ratio_of(result.spec))} of {shown} (or its "
            f"inverse) {per}: what a tenth of a standard deviation between people amounts to. It "
            "is the program's proposal."
        )
    d = shown_digits(scale.digits, against.amount)
    amount = f"{numbers.estimate(against.amount, d)} {scale.unit}"
    text = f"The smallest effect of interest is {amount} {per}"
    if against.source == "chosen":
        known = against.improvement > 0 and not against.per_unit
        share = against.amount / against.improvement if known else math.nan
        much = f", {numbers.percent(share)} of the mean improvement" if share < 1 else ""
        return f"{text}, as chosen with the analysis{much}."
    if against.source == "improvement":
        gain = f"{numbers.estimate(against.improvement, scale.digits - 1)} {scale.unit}"
        weeks = f"from week {numbers.week(against.first)} to week {numbers.week(against.last)}"
        why = f"a tenth of the mean improvement of {gain} {weeks}"
    else:
        none = "there is no mean improvement to take a tenth of"
        if math.isnan(against.improvement):
            none = "the mean improvement could not be estimated"
        why = f"a tenth of the spread (SD) between people before treatment, since {none}"
    return f"{text}: {why}. It is the program's proposal; another one is set with the choices."


def band_note(study: Study, result: Result, band: dict[str, float]) -> str:
    """What the shaded band of the forest is; empty where there is none."""
    if not band:
        return ""
    if ratio_of(result.spec):
        most = math.exp(band["outcome"])
        limits = f"{numbers.estimate(1 / most)} to {numbers.estimate(most)}"
        return f"Shaded: ratios within the smallest effect of interest, {limits}."
    scale, when = outcome_scale(study, result.spec.outcome), timing(result)
    sizes = []
    for role, amount in band.items():
        d = shown_digits(when.digits(role, scale.digits), amount)
        rate = " a week" if when.rate(role) else ""
        sizes.append(f"±{numbers.estimate(amount, d)} {scale.unit}{rate}")
    said = " and ".join(dict.fromkeys(sizes))
    return f"Shaded: within the smallest effect of interest, {said}."


def verdict_headline(result: Result, frame: pd.DataFrame, lead: str) -> str:
    """How many effects of the leading model are meaningful, excluded, and left open.

    Where the analysis corrects for several scores so does this; negative controls are not counted.
    """
    mine = frame[(frame["model"] == lead) & (frame["verdict"] != "")]
    mine = mine[~mine["score"].isin(result.spec.controls)]
    n = len(mine)
    if not n:
        return "No effect could be estimated, so there is nothing to judge."
    last = list(mine["verdict_corrected"])
    big, small, open_ = (last.count(v) for v in ("meaningful", "excluded", "inconclusive"))
    after = ", corrected over the scores" if _corrects(result, mine) else ""
    if small == n:
        return (
            f"All {n} effects of the {lead} models are smaller than the smallest effect of "
            "interest: an effect that would matter is excluded for each."
            if n > 1
            else f"The effect of the {lead} model is smaller than the smallest effect of interest."
        )
    said = [
        f"{big} {_is(big)} at least as large as the smallest effect of interest",
        f"{small} {_is(small)} shown to be smaller",
        f"{open_} {_is(open_)} left open by the data",
    ]
    return f"Of {n} effects of the {lead} models{after}, {said[0]}, {said[1]}, and {said[2]}."


def _corrects(result: Result, rows: pd.DataFrame) -> bool:
    """Whether the verdicts of an analysis are corrected for several scores."""
    return result.spec.multiplicity != "none" and len(set(rows["score"])) > 1


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def verdict_sentence(study: Study, result: Result, row: pd.Series) -> str:
    """The verdict on one cell: what the interval says against the smallest effect of interest."""
    label, scale = score_label(study, str(row["score"])), outcome_scale(study, result.spec.outcome)
    about = about_title(study, result, str(row["about"]))
    verdict = str(row["verdict"])
    if verdict == "":
        return f"{about}: there is no estimate for {label}, so there is no verdict."
    ratio = row["unit"] != "points"
    digits = 2 if ratio else scale.digits
    bound = _bound(row, digits, scale.unit, ratio_of(result.spec))
    span = (
        f"{inner_level(result.spec.confidence)} interval "
        f"{_interval(row, 'inner_low', 'inner_high', digits)}"
    )
    # A difference is claimed only where it survives the correction, as everywhere on the page.
    p = row["p_value"] if pd.isna(row["p_adjusted"]) else row["p_adjusted"]
    differs = p < 1 - result.spec.confidence
    left = ""
    if row["verdict_corrected"] != verdict:
        left = " Corrected over the scores it is inconclusive."
    if verdict == "meaningful":
        p = numbers.equation("p", row["p_meaningful"])
        return (
            f"{about}: meaningful. Per standard deviation of {label} the effect is beyond {bound} "
            f"({span}, {p}).{left}"
        )
    if verdict == "excluded":
        p = numbers.equation("p", row["p_excluded"])
        start = "there is a difference, and it is smaller" if differs else "excluded. Any effect is"
        tail = "than what would matter," if differs else "smaller than"
        return (
            f"{about}: {start} {tail} {bound} per standard deviation of {label} "
            f"({span}, {p}).{left}"
        )
    there = "differs from zero, but whether it reaches" if differs else "may reach"
    end = ", the data cannot tell" if differs else ", or may be nothing: the data cannot tell"
    return (
        f"{about}: inconclusive. The effect {there} {bound} per standard deviation of "
        f"{label}{end} ({span})."
    )


def about_title(study: Study, result: Result, about: str) -> str:
    """What an effect is about, as a heading."""
    when = timing(result)
    if about == "severity":
        return when.severity
    if about == "change":
        first, last = when.ends
        return f"Change, week {numbers.week(first)} to {numbers.week(last)}"
    return told(result, study).panel


def verdict_rows(
    study: Study, result: Result, frame: pd.DataFrame, lead: str
) -> tuple[list[list[str]], list[str]]:
    """Cells of a table of the leading model's verdicts, and what each row means.

    Columns: score, effect per SD with its interval, the inner interval, p of being smaller, p of
    being at least as large, verdict. A row of one cell is a heading.
    """
    mine = frame[frame["model"] == lead]
    digits = outcome_scale(study, result.spec.outcome).digits
    rows: list[list[str]] = []
    means: list[str] = []
    for about in dict.fromkeys(mine["about"]):
        rows.append([about_title(study, result, str(about))])
        means.append("")
        for _, row in mine[mine["about"] == about].iterrows():
            verdict: Verdict = row["verdict"]
            word = VERDICT_WORDS[verdict]
            if row["verdict_corrected"] != verdict:
                word += f"; corrected: {VERDICT_WORDS[row['verdict_corrected']]}"
            d = 2 if row["unit"] != "points" else digits
            control = str(row["score"]) in result.spec.controls
            label = score_label(study, str(row["score"]))
            rows.append(
                [
                    f"{label} (control)" if control else label,
                    f"{_amount(row, 'estimate', d)} ({_interval(row, 'conf_low', 'conf_high', d)})",
                    _interval(row, "inner_low", "inner_high", d),
                    numbers.p_value(row["p_excluded"]),
                    numbers.p_value(row["p_meaningful"]),
                    word,
                ]
            )
            means.append(VERDICT_MEANS[verdict])
    return rows, means


def verdict_note(result: Result) -> str:
    """How verdicts are made."""
    level = inner_level(result.spec.confidence)
    alpha = 1 - result.spec.confidence
    slope = ""
    if result.spec.family == "lmm" and result.random_used == "intercept":
        slope = (
            " Without a random slope firm verdicts on change are wrong far more often than that: "
            "in 14 to 15 % of simulated cohorts instead of 5 %."
        )
    return (
        f"A verdict is read from the {level} interval, which is two one-sided tests at "
        f"{100 * alpha:g} % each (TOST): wholly beyond the smallest effect of interest is "
        "meaningful, wholly within it is excluded. In the table each cell is judged by itself, and "
        "what does not stay after correction over the scores is named; the sentence above it "
        "counts what stays. A meaningful effect is one of prognosis, no effect of treatment, and "
        "says nothing about one person."
        f"{slope}"
    )


def _a(ratio: str) -> str:
    return f"{'an' if ratio.startswith('o') else 'a'} {ratio}"


def _bound(row: pd.Series, digits: int, unit: str, ratio: str) -> str:
    if row["unit"] == "points":
        return f"{numbers.estimate(row['smallest'], shown_digits(digits, row['smallest']))} {unit}"
    return f"{_a(ratio)} of {numbers.estimate(math.exp(row['smallest']))}"


def _amount(row: pd.Series, column: str, digits: int) -> str:
    value = float(row[column])
    return numbers.estimate(value if row["unit"] == "points" else math.exp(value), digits)


def _interval(row: pd.Series, low: str, high: str, digits: int) -> str:
    if not (math.isfinite(row[low]) and math.isfinite(row[high])):
        return numbers.MISSING
    return f"{_amount(row, low, digits)} to {_amount(row, high, digits)}"
