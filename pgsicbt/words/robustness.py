"""What challenges, curves and contests say, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.disclosure import shown_count
from pgsicbt.robustness.agreement import Agreement
from pgsicbt.robustness.challenges import Challenge, Challenges
from pgsicbt.robustness.curve import Curve
from pgsicbt.robustness.proxy import Contest
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import outcome_scale

TERMS = {"main": "severity at the start", "interaction": "change"}


def unit_of(study: Study, outcome: str) -> str:
    """The unit of effects, in the plural."""
    return outcome_scale(study, outcome).unit


def digits_of(study: Study, outcome: str) -> int:
    """Decimals of effects; indices such as that of the EQ-5D need more than points."""
    return outcome_scale(study, outcome).digits


def _weeks(span: tuple[float, float]) -> str:
    return f"from week {numbers.week(span[0])} to week {numbers.week(span[1])}"


def _extrapolated(span: tuple[float, float]) -> str:
    """A sentence on severity in week 0 where change is told from a later week on, or nothing."""
    if not round(span[0]) > 0:
        return ""
    week = numbers.week(span[0])
    return (
        f"Nothing before week {week} is analysed, so that severity in week 0 is extrapolated (with "
        f"a level for every week it is that of week {week}). "
    )


def _is_clear(row: pd.Series) -> bool:
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)


def robustness_headline(study: Study, found: Challenges, score: str) -> str:
    """How many challenges an effect of a score withstands, for severity and change."""
    label = study.score(score).label
    parts = []
    for role in ("main", "interaction"):
        verdicts = [found.verdict(c, score, role) for c in found.challenges]
        known = [v for v in verdicts if v != "unknown"]
        row = found.itself(score, role)
        what = "goes with" if _is_clear(row) else "does not clearly go with"
        held = sum(v == "holds" for v in known)
        said = f"{what} {TERMS[role]}, which holds in {held} of {len(known)} challenges"
        turned = sum(v == "turns" for v in known)
        if turned:
            said += f" and turns in {turned}"
        parts.append(said)
    several = len(found.spec.scores) - len(found.spec.controls) > 1
    alone = "Taken by itself, " if several else ""  # the intervals are not corrected
    return f"{alone}{label} {parts[0]}; it {parts[1]}."


def challenge_sentence(study: Study, found: Challenges, challenge: Challenge, score: str,
                       role: str) -> str:  # fmt: skip
    """One line on one challenge: the verdict, and between what the effect lies."""
    itself, rows = found.itself(score, role), challenge.rows(score, role)
    verdict = found.verdict(challenge, score, role)
    known = rows[rows["estimate"].notna()]
    d = digits_of(study, found.spec.outcome)
    own = numbers.estimate(itself["estimate"], d)
    head = f"{challenge.title}, {TERMS[role]}: "
    if known.empty:
        return f"{head}nothing can be said here."
    low, high = (numbers.estimate(known["estimate"].agg(f), d) for f in ("min", "max"))
    unit = unit_of(study, found.spec.outcome)
    n = len(known)
    lies = (
        f"the effect, {own} {unit}, becomes {low}"
        if n == 1
        else f"the effect, {own} {unit}, stays as it is in {n} variants"
        if low == high == own
        else f"the effect, {own} {unit}, runs from {low} to {high} in {n} variants"
    )
    clear = sum(_is_clear(r) for _, r in known.iterrows())
    if _is_clear(itself):
        after = "" if clear == n else f"; the interval includes zero in {n - clear} of {n}"
    else:
        after = f"; the interval excludes zero in {clear} of {n}" if clear else ""
    return f"{head}{verdict}. {lies[:1].upper()}{lies[1:]}{after}."


def challenge_rows(
    study: Study, found: Challenges, challenge: Challenge, score: str
) -> list[list[str]]:
    """Cells of a table: variant, people, left out, severity and change with their intervals."""
    out = []
    d = digits_of(study, found.spec.outcome)
    main, change = (challenge.rows(score, role) for role in ("main", "interaction"))
    own = [found.itself(score, role) for role in ("main", "interaction")]
    first = ["The analysis itself", numbers.count(own[0]["n_persons"]), ""]
    out.append([*first, *(_cell(r, d) for r in own)])
    for (_, a), (_, b) in zip(main.iterrows(), change.iterrows(), strict=True):
        lost = _lost(a)
        few = lost.startswith("fewer")
        people = numbers.MISSING if few else numbers.count(a["n_persons"])
        out.append([str(a["variant"]), people, lost, _cell(a, d), _cell(b, d)])
    return out


def _lost(row: pd.Series) -> str:
    people, visits = float(row["lost_persons"]), float(row["lost_observations"])
    if people:
        return f"{shown_count(abs(people))} people"
    return f"{shown_count(abs(visits))} visits" if visits else "nobody"


def _cell(row: pd.Series, digits: int) -> str:
    if not np.isfinite(row["estimate"]):
        return numbers.MISSING
    limits = numbers.interval(row["conf_low"], row["conf_high"], digits)
    return f"{numbers.estimate(row['estimate'], digits)} ({limits})"


def challenges_note(study: Study, found: Challenges) -> str:
    """What the page's first figure shows, and when an effect holds."""
    return (
        f"{found.adjustment.capitalize()} linear mixed model, {numbers.count(found.n_persons)} "
        f"people; per standard deviation of the score; severity in week 0, change "
        f"{_weeks(found.span)}, in {unit_of(study, found.spec.outcome)}. "
        f"{_extrapolated(found.span)}Dotted: the analysis itself; bars: from the smallest to the "
        "largest variant; filled marks: the interval excludes zero. A clear effect weakens if a "
        "variant's interval includes zero or the effect is below half, and turns if it changes "
        "sign; one that is not clear turns if a variant's interval excludes zero. Intervals are "
        "not corrected for the number of scores. Left-out groups leave fewer people, which alone "
        "makes intervals wider."
    )


def agreement_sentence(study: Study, found: Agreement, score: str) -> str:
    """How many kinds of models point the same way."""
    mine = found.table[found.table["score"] == score]
    if mine.empty:
        return "No model of this score could be fitted."
    same = int((np.sign(mine["estimate"]) == np.sign(mine["estimate"].iloc[0])).sum())
    clear = sum(_is_clear(r) for _, r in mine.iterrows())
    low, high = mine["estimate"].min(), mine["estimate"].max()
    way = "fewer" if mine["estimate"].iloc[0] < 0 else "more"
    return (
        f"{same} of {len(mine)} models have higher {study.score(score).label} going with {way} "
        f"symptoms after treatment or a larger share of such outcomes; effects lie between "
        f"{numbers.estimate(low, 3)} and {numbers.estimate(high, 3)} standard deviations, and "
        f"{clear} of the intervals exclude{'s' if clear == 1 else ''} zero."
    )


def agreement_note(found: Agreement) -> str:
    """The standardisation and the sign convention."""
    sd = ", ".join(
        f"{numbers.estimate(v, max(numbers.decimals(v), 2))} ({k})" for k, v in found.sd.items()
    )
    return (
        "Per standard deviation of the score, in standard deviations of the outcome after "
        f"treatment ({sd}); negative is fewer symptoms, so odds of good outcomes are turned. Log "
        "odds are multiplied by √3/π. Longitudinal models: change from the start of treatment to "
        "the last week; models of one value per person: after treatment, given what is in the "
        "model. They ask different questions and rest on different people: agreement is a matter "
        "of direction and rough size. Intervals as each model gives them, not corrected for "
        "several scores."
    )


def contest_sentences(study: Study, found: Contest) -> list[str]:
    """Score and trait: each alone, both together, and what the score loses."""
    score, trait = study.score(found.score).label, study.covariate(found.trait).label
    said = []
    d = digits_of(study, found.outcome)
    for role in ("main", "interaction"):
        alone = {w: found.row(w, role, "alone") for w in ("score", "trait")}
        both = {w: found.row(w, role, "together") for w in ("score", "trait")}
        share = found.shrinks
        s = share[(share["who"] == "score") & (share["role"] == role)].iloc[0]
        ahead = found.ahead[found.ahead["role"] == role].iloc[0]
        text = (
            f"{TERMS[role][:1].upper()}{TERMS[role][1:]}: one standard deviation of {trait} goes "
            f"with {_cell(alone['trait'], d)}, of {score} with {_cell(alone['score'], d)}"
            f"{_ahead(ahead, trait, d)}. "
            f"Together: {_cell(both['trait'], d)} and {_cell(both['score'], d)}."
        )
        if np.isfinite(s["share"]):
            limits = ""
            if np.isfinite(s["points_low"]):
                limits = f" ({numbers.interval(s['points_low'], s['points_high'], d)})"
            text += (
                f" The effect of the score shrinks by {numbers.estimate(s['points'], d)}{limits}, "
                f"{numbers.percent(s['share'])} of it"
            )
            if np.isfinite(s["conf_low"]):
                text += f" ({_share_interval(s['conf_low'], s['conf_high'])})"
            text += "."
        said.append(text)
    return said


def _share_interval(low: float, high: float) -> str:
    """Limits of a share of the effect; beyond all of it, and below none, nothing is told apart."""
    first = numbers.percent(low) if low > 0 else "none of it"
    return f"{first} to {numbers.percent(high) if high < 1 else 'all of it'}"


def _ahead(row: pd.Series, trait: str, digits: int) -> str:
    """Whether the trait goes with more than the score, as far as the resamples tell."""
    if not np.isfinite(row["low"]):
        return ""
    limits = (
        f"{numbers.estimate(row['points'], digits)}, "
        f"{numbers.interval(row['low'], row['high'], digits)}"
    )
    if row["low"] > 0:
        return f", so that {trait} goes with more than the score does (by {limits})"
    if row["high"] < 0:
        return f", so that {trait} goes with less than the score does (by {limits})"
    return f"; which of the two goes with more cannot be told ({trait} by {limits})"


def contest_note(study: Study, found: Contest) -> str:
    """What the contest does not say."""
    trait = study.covariate(found.trait).label
    levels = (
        f"Levels count 0, 1, 2 in the order {', '.join(found.levels)}. " if found.levels else ""
    )
    resampled = (
        f"intervals of what is lost: {numbers.count(found.replicates)} resamples of people, "
        "percentiles"
    )
    return (
        f"{numbers.count(found.n_persons)} people with both; correlation "
        f"{numbers.estimate(found.correlation)}; {found.adjustment} model; change "
        f"{_weeks(found.span)}; {resampled}. {_extrapolated(found.span)}{levels}What the score "
        f"loses is not thereby explained by {trait}: whatever shapes {trait} and symptoms alike "
        "would do the same, and a column that is measured with error takes away too little."
    )


def curve_sentence(study: Study, found: Curve, score: str, role: str) -> str:
    """What the curve of one score says as a whole."""
    mine = found.summary
    row = mine[(mine["score"] == score) & (mine["role"] == role)].iloc[0]
    unit, d = unit_of(study, found.spec.outcome), digits_of(study, found.spec.outcome)
    text = (
        f"{TERMS[role][:1].upper()}{TERMS[role][1:]}: in {numbers.count(row['specs'])} analyses "
        f"the effect of {study.score(score).label} lies between "
        f"{numbers.estimate(row['low'], d)} and {numbers.estimate(row['high'], d)} {unit}, median "
        f"{numbers.estimate(row['median'], d)}; {numbers.percent(row['share_sign'])} have the same "
        f"sign and {numbers.percent(row['share_significant'])} are significant at .05."
    )
    if not found.permutations:
        return text
    return (
        f"{text} With scores dealt out anew among people, one curve in twenty has a median beyond "
        f"±{numbers.estimate(row['dealt_median'], d)} or a share above "
        f"{numbers.percent(row['dealt_share'])} ({numbers.equation('p', row['p_median'])} and "
        f"{numbers.equation('p', row['p_share'])})."
    )


def curve_note(found: Curve) -> str:
    """Who and what is in the curve."""
    possible = found.choices.possible
    drawn = (
        f" of {numbers.count(possible)} that these choices make" if possible > found.n_specs else ""
    )
    dealt = (
        f" Grey band: where 90 % of the curves of dealt scores lie, rank by rank "
        f"({numbers.count(found.permutations)} deals)."
        if found.permutations
        else ""
    )
    return (
        f"{numbers.count(found.n_specs)} analyses{drawn}; {numbers.count(found.n_persons)} people "
        "with every covariate of any of them, before outliers are left out; change "
        f"{_weeks(found.span)}. {_extrapolated(found.span)}Sorted by effect; filled marks: p below "
        f".05; the larger mark is the analysis itself.{dealt} All these analyses share people, so "
        "that they are no independent findings, and their number says nothing about the size of "
        "the effect."
    )
