"""When a visit was: names of visits and columns of time, both turned into weeks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.study import WEEKS_PER_UNIT

TimeUnit = Literal["week", "day", "month", "year"]

SCREENING_WEEK = -2.0
POST_WEEK = 12.0
_FIXED = {
    SCREENING_WEEK: {"screening", "screen", "scr", "telephonescreening", "screeningvisit"},
    0.0: {
        "pre", "baseline", "base", "bl", "pretreatment", "pretx", "prerx", "before", "intake",
        "start", "inclusion", "premeasurement", "pretest", "baselinevisit", "previsit", "fore",
    },
}  # fmt: skip
_MID = {"mid", "midtreatment", "midtx", "middle", "halfway", "midway"}
_POST = {
    "post", "posttreatment", "posttx", "postrx", "end", "endoftreatment", "eot", "final", "after",
    "posttest", "postmeasurement", "postvisit", "efter", "endpoint",
}  # fmt: skip
_LATER = re.compile(r"(fu|followup|uppföljning|uppfoljning|katamnese)(\d*)[a-z]*")
_UNIT_WORDS: dict[str, TimeUnit] = {
    "week": "week", "weeks": "week", "wk": "week", "wks": "week", "w": "week", "v": "week",
    "vecka": "week", "visit": "week", "vis": "week", "session": "week", "s": "week", "t": "week",
    "time": "week", "timepoint": "week", "wave": "week", "day": "day", "days": "day", "d": "day",
    "month": "month", "months": "month", "mo": "month", "mth": "month", "m": "month",
    "year": "year", "years": "year", "yr": "year",
}  # fmt: skip
_SURE = {"week", "weeks", "wk", "wks", "w", "vecka", "day", "days", "month", "months", "mo", "mth",
         "year", "years", "yr", "v"}  # fmt: skip
_AFTER = re.compile(r"([a-z]+)[\s_.\-]*(-?\d+(?:\.\d+)?)(?:[\s_.\-]*(?:visit|assessment))?")
_BEFORE = re.compile(r"(-?\d+(?:\.\d+)?)[\s_.\-]*([a-z]+)")
_ARM = re.compile(r"[ _]arm[ _]\d+$")  # REDCap adds the arm to the name of an event
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class VisitName:
    """What a visit's name says: a week, or a place that depends on the other visits.

    A follow-up (``later``) comes some time after treatment, which only the user can tell.
    ``sure`` is False where a plain number was taken for a week, as in ``visit 3``.
    """

    week: float | None = None
    place: Literal["", "mid", "post", "later"] = ""
    unit: TimeUnit = "week"
    sure: bool = True


def parse_visit(label: str) -> VisitName | None:
    """Read the name of a visit: ``screening``, ``pre``, ``week 7``, ``w07``, ``post``, ``3``.

    Returns None for a name that says nothing about time.
    """
    text = " ".join(label.casefold().split()).strip(" _.-:")
    text = _ARM.sub("", text)
    simple = "".join(ch for ch in text if ch.isalnum())
    for week, words in _FIXED.items():
        if simple in words:
            return VisitName(week)
    if simple in _MID:
        return VisitName(place="mid")
    if simple in _POST:
        return VisitName(place="post")
    if _LATER.fullmatch(simple):
        return VisitName(place="later")
    if _NUMBER.fullmatch(text):
        return VisitName(float(text), sure=False)
    for pattern, word, number in ((_AFTER, 1, 2), (_BEFORE, 2, 1)):
        found = pattern.fullmatch(text)
        if found and found[word] in _UNIT_WORDS:
            # A hyphen between word and number joins them; it is no minus sign.
            amount = abs(float(found[number])) if pattern is _AFTER else float(found[number])
            unit = _UNIT_WORDS[found[word]]
            if amount > 10_000:
                return None
            return VisitName(amount * WEEKS_PER_UNIT[unit], unit=unit, sure=found[word] in _SURE)
    return None


@dataclass(frozen=True)
class VisitWeeks:
    """Weeks of a set of visit names; ``unknown`` are those that could not be placed."""

    weeks: dict[str, float]
    unknown: tuple[str, ...]
    unsure: bool
    unit: TimeUnit


def place_visits(labels: Iterable[str], choices: ReadingChoices) -> VisitWeeks:
    """Place visits in weeks from the start of treatment; a person's own choices come first.

    Screening is two weeks before the start. The visit after treatment stands at week 12 or,
    where weekly visits go on longer, one week after the last of them; the visit in the middle
    of treatment stands halfway to it.
    """
    names = list(dict.fromkeys(labels))
    weeks: dict[str, float] = {}
    places: dict[str, str] = {}
    unknown: list[str] = []
    unsure = False
    unit: TimeUnit = "week"
    for label in names:
        chosen = choices.week_of(label)
        parsed = parse_visit(label) if chosen is None else VisitName(chosen)
        if parsed is None or parsed.place == "later":
            unknown.append(label)
        elif parsed.week is not None:
            weeks[label] = round(parsed.week, 6)
            unsure |= not parsed.sure
            unit = parsed.unit if parsed.unit != "week" else unit
        else:
            places[label] = parsed.place
    weekly = [w for label, w in weeks.items() if choices.week_of(label) is None and w > 0]
    last = max(weekly, default=0.0)
    post = max(POST_WEEK, last + 1)
    for label, place in places.items():
        weeks[label] = post if place == "post" else post / 2
    return VisitWeeks(weeks, tuple(unknown), unsure, unit)
