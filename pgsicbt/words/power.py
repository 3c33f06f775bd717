"""What a cohort could have shown, in words."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import pandas as pd

from pgsicbt.power.precision import MOST_PEOPLE, Precision
from pgsicbt.power.replication import SAFEGUARD, selected_at
from pgsicbt.power.simulation import PowerCheck
from pgsicbt.power.visits import Visits
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.wording import listed
from pgsicbt.words import numbers
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.sentences import score_label, shown_digits
from pgsicbt.words.timing import timing

LOGARITHMS = {"log odds": "odds ratio", "log hazard": "hazard ratio"}
"""Units that are told as the ratio they are the logarithm of."""
KEPT_FOR_CHANGE = (
    "In simulated cohorts, studies kept two to three percentage points less of the power promised "
    "for change, so plan with a few per cent more people."
)
"""simulations/power.py: 80 % promised, 77.4 % kept; docs/power.md."""
PLANNED_FOR = {
    "found": "the effect as found",
    "without selection": "the effect, freed of selection",
    "safeguard": f"the nearer end of the {100 * SAFEGUARD:g} % interval",
    "interest": "the smallest effect of interest",
}
WHY = {
    "found": "Too large on average where it is looked at because it was significant.",
    "without selection": "What is likeliest, given that the estimate had to be significant to be "
    "looked at. An estimate just past the bound tells little beyond having passed it.",
    "safeguard": "In four of five studies the true effect is larger than this.",
    "interest": "Owes nothing to the estimate: a smaller effect would not matter.",
}


def effect_name(result: Result, about: str) -> str:
    """What an effect is about, as a heading: ``"change, week −2 to 12"``."""
    if about == "severity":
        return f"severity {timing(result).at}"
    if about == "outcome":
        return "the outcome"
    return f"change, {change_weeks(result)}"


def short_name(result: Result, about: str) -> str:
    """What an effect is about, in a few words: ``"severity at the start"``."""
    if about != "severity":
        return effect_name(result, about)
    return "severity " + {"start": "at the start", "middle": "half-way"}.get(
        result.spec.origin, "at the end"
    )


def change_weeks(result: Result) -> str:
    """The weeks that change is told over, such as ``"week −2 to 12"``."""
    time = next((f.time for f in result.fits if f.time is not None), None)
    if time is None:
        return "from the start of treatment to the last week"
    first, last = time.change_weeks
    return f"week {numbers.week(first)} to {numbers.week(last)}"


def amount(study: Study, result: Result, x: float, unit: str) -> str:
    """A size without direction: ``"0.63 points"``, or ``"an odds ratio of 1.20"``."""
    if unit in LOGARITHMS:
        article = "an" if unit == "log odds" else "a"
        return f"{article} {LOGARITHMS[unit]} of {numbers.estimate(math.exp(abs(x)))}"
    scale = outcome_scale(study, result.spec.outcome)
    return f"{numbers.estimate(abs(x), shown_digits(scale.digits, abs(x)))} {scale.unit}"


def power_answer(
    study: Study, result: Result, table: pd.DataFrame, adjustment: str, interest: float | None
) -> str:
    """What the cohort could have shown, in one or two sentences.

    Parameters
    ----------
    table
        Of :func:`pgsicbt.power.detectable`.
    interest
        Smallest effect of interest, if there is one.
    """
    rows = table[(table["model"] == adjustment) & table["smallest_80"].notna()]
    rows = rows[~rows["score"].isin(result.spec.controls)]
    about = "change" if (rows["about"] == "change").any() else "outcome"
    rows = rows[rows["about"] == about]
    if rows.empty:
        return "No score was fitted, so nothing is known of the power of this analysis."
    unit = str(rows["unit"].iloc[0])
    one, all_ = float(rows["smallest_80"].median()), float(rows["family_80"].median())
    text = (
        f"With 80 % power, one test of this cohort finds {_thing(study, result, one, unit, about)} "
        "per standard deviation of a score"
    )
    tests = int(rows["tests"].max())
    if tests > 1:
        shown = amount(study, result, all_, unit)
        text += f"; the strictest of {numbers.count(tests)} finds {shown}"
    text += "."
    if interest is not None:
        shown = amount(study, result, interest, unit)
        if all_ <= interest:
            text += f" That is within {shown}, the smallest effect of interest."
        else:
            text += (
                f" Effects as small as {shown}, the smallest of interest, "
                f"{'can be missed' if one <= interest else 'would mostly be missed'}."
            )
    return text


def _thing(study: Study, result: Result, x: float, unit: str, about: str) -> str:
    if unit in LOGARITHMS:
        return amount(study, result, x, unit)
    what = "a difference in change" if about == "change" else "a difference"
    return f"{what} of {amount(study, result, x, unit)}"


def detectable_header(result: Result) -> list[tuple[str, str]]:
    """Head of the table of smallest detectable effects."""
    level = f"{round(1 - result.spec.confidence, 12):g}"
    return [
        ("Score", "Every score analysed, controls too"),
        ("Found (interval)", "Per standard deviation of the score"),
        ("80 %\none test", f"Smallest effect found with 80 % power at the level {level}"),
        ("90 %\none test", f"Smallest effect found with 90 % power at the level {level}"),
        ("80 %\nfamily", "The same for the strictest test of the family"),
        ("90 %\nfamily", "The same for the strictest test of the family"),
    ]


def detectable_rows(
    study: Study, result: Result, table: pd.DataFrame, adjustment: str
) -> list[list[str]]:
    """Rows of the table of smallest detectable effects, grouped by what they are about."""
    scale = outcome_scale(study, result.spec.outcome)
    rows: list[list[str]] = []
    mine = table[table["model"] == adjustment]
    for about, part in mine.groupby("about", sort=False):
        ratio = LOGARITHMS.get(str(part["unit"].iloc[0]), "")
        head = effect_name(result, str(about))
        rows.append([f"{head[:1].upper()}{head[1:]}, {ratio or scale.unit} per SD"])
        digits = scale.digits if not ratio else 2
        for row in part.to_dict("records"):
            values = [row[n] for n in ("estimate", "conf_low", "conf_high")]
            sizes = [row[n] for n in ("smallest_80", "smallest_90", "family_80", "family_90")]
            if ratio:
                values, sizes = ([_exp(v) for v in vs] for vs in (values, sizes))
            found = numbers.estimate(values[0], digits)
            if math.isfinite(values[1]):
                found += f" ({numbers.interval(values[1], values[2], digits)})"
            shown = [numbers.estimate(s, digits) for s in sizes]
            rows.append([score_label(study, str(row["score"])), found, *shown])
    return rows


def _exp(x: float) -> float:
    return math.exp(x) if math.isfinite(x) else math.nan


def detectable_note(result: Result, table: pd.DataFrame, adjustment: str) -> str:
    """What the numbers rest on, below figure and table."""
    rows = table[table["model"] == adjustment]
    tests = int(rows["tests"].max()) if len(rows) else 1
    level = round(1 - result.spec.confidence, 12)
    strict = float(rows["alpha_family"].min()) if len(rows) else level
    family = (
        f" The family has {numbers.count(tests)} scores: its strictest test is at the level "
        f"{strict:.3g}, what the correction asks of the smallest p value."
        if tests > 1
        else ""
    )
    return (
        f"{adjustment.capitalize()} model, two-sided tests at the level {level:g}.{family} "
        "Smallest effects rest on the standard errors alone and not on what was found: power at "
        "the effect found would only repeat its p value. An effect below them may be there and "
        "was likely to be missed; one found below them is likely to be too large."
    )


def visits_words(visits: Visits) -> str:
    """What is planned of visits and drop-out."""
    if visits.own:
        return "the visits and the drop-out of this cohort"
    weeks = (
        "the visits of this cohort"
        if visits.weeks is None
        else "visits in week " + listed([numbers.week(w) for w in visits.weeks])
    )
    if visits.leavers > 0:
        return f"{weeks}, and {numbers.percent(visits.leavers)} more people leaving early"
    if visits.leavers == -1:
        return f"{weeks}, and nobody missing one"
    if visits.leavers < 0:
        return f"{weeks}, and {numbers.percent(-visits.leavers)} of people missing none"
    return weeks


def visits_sentence(known: Precision) -> str:
    """What other visits would do to the interval."""
    if known.visits.own:
        return ""
    change = math.sqrt(known.factor) - 1
    what = visits_words(known.visits)
    start = f"With {what}, the interval would be"
    if abs(change) < 0.005:
        return f"{start} as wide as here, with as many people."
    wider = "wider" if change > 0 else "narrower"
    return (
        f"{start} {numbers.percent(abs(change))} {wider} than here with as many people; "
        f"{numbers.estimate(known.factor)} times as many people would make it as wide as here."
    )


def people_words(n: float) -> str:
    """A number of people, or that none would do."""
    if not math.isfinite(n):
        return f"over {numbers.count(MOST_PEOPLE)}"
    return numbers.count(n)


def replication_rows(
    study: Study, result: Result, known: Precision, table: pd.DataFrame
) -> tuple[list[list[str]], list[str]]:
    """Rows of the table of replications, and what is said of each when pointed at."""
    rows, means = [], []
    for row in table.to_dict("records"):
        name = str(row["planned_for"])
        effect = float(row["effect"])
        size = amount(study, result, effect, known.unit)
        if effect == 0:
            size = "none"
        people = [people_words(float(row[n])) for n in ("people_80", "people_90")]
        if effect == 0:
            people = [numbers.MISSING, numbers.MISSING]
        rows.append([PLANNED_FOR[name][:1].upper() + PLANNED_FOR[name][1:], size, *people])
        means.append(WHY[name])
    return rows, means


def replication_sentence(
    study: Study, result: Result, known: Precision, table: pd.DataFrame
) -> str:
    """How large a replication should be, with its caution."""
    sizes = {str(r["planned_for"]): r for r in table.to_dict("records")}
    label = score_label(study, known.score)
    found = people_words(float(sizes["found"]["people_80"]))
    size = amount(study, result, known.estimate, known.unit)
    text = (
        f"To find the effect of {label} again as large as here ({size}) with 80 % power, a study "
        f"of {found} people is needed"
    )
    safe = float(sizes["safeguard"]["people_80"])
    if not float(sizes["safeguard"]["effect"]):
        return (
            f"{text}; but this cohort hardly tells whether there is any effect, so the smallest "
            "effect of interest is the better ground to plan on."
        )
    text += f"; if it is as small as the nearer end of its 60 % interval, {people_words(safe)}."
    if math.isfinite(selected_at(known)):
        freed = _freed(sizes)
        text += (
            " An effect that is told because it is significant is likely to be too large"
            + (f"; freed of that selection it would take {freed}" if freed else "")
            + ". Plan for a smaller effect than the one found."
        )
    if "interest" in sizes and abs(known.estimate) < float(sizes["interest"]["effect"]):
        text += (
            " It is also smaller than the smallest effect of interest: a replication would settle "
            "whether it is there, not whether it matters."
        )
    return text


def _freed(sizes: dict[str, dict[Hashable, Any]]) -> str:
    row = sizes.get("without selection")
    return people_words(float(row["people_80"])) if row else ""


def check_sentence(
    study: Study, result: Result, known: Precision, check: PowerCheck, effect: float
) -> str:
    """The promise of the formula beside what the simulation found, for one effect."""
    people = check.n_persons
    promised = float(known.power(effect, people=people))
    share, low, high = check.power(known.about, effect, known.alpha)
    zero = check.power(known.about, 0.0, known.alpha)
    verdict = "agrees with" if low <= promised <= high else "differs from"
    failed = (
        f" {numbers.count(check.failed)} draws could not be fitted and are left out."
        if check.failed
        else ""
    )
    false = numbers.interval(100 * zero[1], 100 * zero[2], 1)
    return (
        f"In {numbers.count(len(check.estimate))} simulated studies of {numbers.count(people)} "
        f"people, an effect of {amount(study, result, effect, known.unit)} was found in "
        f"{numbers.percent(share, 1)} ({numbers.interval(100 * low, 100 * high, 1)}), which "
        f"{verdict} the {numbers.percent(promised, 1)} of the formula; without an effect one was "
        f"found in {numbers.percent(zero[0], 1)} ({false}).{failed}"
    )
