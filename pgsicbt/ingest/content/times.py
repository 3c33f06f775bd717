"""When a visit was: names of visits and columns of time, both turned into weeks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.study import WEEKS_PER_UNIT

TimeUnit = Literal["week", "day", "month", "year"]

SCREENING_WEEK = -2.0
POST_WEEK = 12.0
_NEAR_POST = 4.0
_LONGEST_GAP = 13.0
_LONGEST_TREATMENT = 20.0
_FIXED = {
    SCREENING_WEEK: {"screening", "screen", "scr", "telephonescreening", "screeningvisit"},
    0.0: {
        "pre", "baseline", "base", "bl", "pretreatment", "pretx", "prerx", "before", "intake",
        "start", "inclusion", "premeasurement", "pretest", "baselinevisit", "previsit", "fore",
        "före", "förmätning", "formatning", "inklusion", "basal", "linjabase", "lineabase", "alku",
        "alkumittaus", "vorher", "prä", "prae", "aufnahme", "voormeting", "nulmeting", "avant",
        "initial", "før", "formåling", "førmåling", "admission", "enrolment", "enrollment",
        "beforetreatment", "preassessment", "pretreat", "treatmentstart", "startoftreatment",
    },
}  # fmt: skip
_MID = {"mid", "midtreatment", "midtx", "middle", "halfway", "midway"}
_POST = {
    "post", "posttreatment", "posttx", "postrx", "end", "endoftreatment", "eot", "final", "after",
    "posttest", "postmeasurement", "postvisit", "efter", "endpoint", "eftermätning",
    "eftermatning", "avslut", "avslutning", "slut", "loppu", "loppumittaus", "nachher", "ende",
    "abschluss", "entlassung", "nameting", "après", "apres", "fin", "etter", "discharge",
    "aftertreatment", "postassessment", "posttreat", "endtreatment", "completion",
}  # fmt: skip
_LATER_WORD = (
    r"fu|f[ou]llowup|followupvisit|lfu|uppf(?:öljning|oljning)?|uf|katamnese|nachuntersuchung|"
    r"oppfølging|oppfolging|opfølgning|opfolgning|seuranta|suivi|seguimiento|vervolg|"
    r"followupassessment"
)
_LATER = re.compile(rf"(?:{_LATER_WORD})(\d*)(?:st|nd|rd|th)?")
_AWAY = (
    r"(?P<n>\d+(?:[.,]\d+)?)(?P<u>weeks?|wks?|w|veckor|vecka|v|months?|mån(?:ader)?|man(?:ader)?|"
    r"mths?|mon|mo|m|monate?n?|mnd|mdr|måneder|maneder|kk|mois|meses|mes|maanden|years?|yrs?|yr|y|"
    r"år|ar|jahre?|jaar|vuosi|ans?)"
)
_AFTER_POST = r"(?:posttreatment|aftertreatment|efterbehandling|posttx|post|after|efter|etter|nach)"
_LATER_AT = (
    re.compile(rf"{_AWAY}(?:posttreatment|post|after|efter|nach)?(?:{_LATER_WORD})"),
    re.compile(rf"(?:{_LATER_WORD}){_AWAY}"),
    re.compile(rf"{_AFTER_POST}{_AWAY}"),
    re.compile(rf"{_AWAY}{_AFTER_POST}"),
)
_FROM_START = re.compile(rf"(?P<u>week|wk|w|v|month|mon|m)0*(?P<n>\d+)(?:{_LATER_WORD})")
"""Follow-ups such as ``w52fu``, whose week is that of the study."""
_UNIT_WORDS: dict[str, TimeUnit] = {
    "week": "week", "weeks": "week", "wk": "week", "wks": "week", "w": "week", "v": "week",
    "vecka": "week", "visit": "week", "vis": "week", "session": "week", "s": "week", "t": "week",
    "time": "week", "timepoint": "week", "wave": "week", "day": "day", "days": "day", "d": "day",
    "month": "month", "months": "month", "mo": "month", "mth": "month", "m": "month",
    "year": "year", "years": "year", "yr": "year",
    "veckor": "week", "uke": "week", "uker": "week", "uge": "week", "woche": "week",
    "wochen": "week", "viikko": "week", "viikot": "week", "semaine": "week", "semaines": "week",
    "semana": "week", "semanas": "week", "settimana": "week", "semne": "week", "modul": "week",
    "module": "week", "sitzung": "week", "seance": "week", "besök": "week", "besok": "week",
    "mätning": "week", "matning": "week", "measurement": "week", "occasion": "week",
    "assessment": "week", "kw": "week",
    "dag": "day", "dagar": "day", "tag": "day", "tage": "day", "päivä": "day", "jour": "day",
    "dia": "day", "día": "day", "dagen": "day",
    "månad": "month", "månader": "month", "manad": "month", "manader": "month", "mån": "month",
    "man": "month", "måned": "month", "maned": "month", "mnd": "month", "monat": "month",
    "monate": "month", "kuukausi": "month", "kk": "month", "mois": "month", "mes": "month",
    "meses": "month", "maand": "month", "maanden": "month", "mon": "month", "mdr": "month",
    "måneder": "month", "maneder": "month",
    "år": "year", "jahr": "year", "jahre": "year", "jaar": "year", "vuosi": "year",
    "an": "year", "ans": "year", "año": "year", "yrs": "year", "y": "year",
}  # fmt: skip
_LETTERS = r"[^\W\d_]"
_UNSURE = {"visit", "vis", "session", "s", "t", "time", "timepoint", "wave", "v", "d", "m", "y",
           "modul", "module", "sitzung", "seance", "besök", "besok", "mätning", "matning",
           "measurement", "occasion", "assessment", "kw", "man", "an", "mon", "ans"}  # fmt: skip
_SURE = set(_UNIT_WORDS) - _UNSURE
_AFTER = re.compile(
    rf"({_LETTERS}+)[\s_.\-]*(-?\d+(?:\.\d+)?)(?:[\s_.\-]*(?:visit|assessment|besök|besok))?"
)
_BEFORE = re.compile(rf"(-?\d+(?:\.\d+)?)(?:st|nd|rd|th)?[\s_.\-]*({_LETTERS}+)")
# REDCap adds the arm to the name of an event, and its name in the labelled export.
_ARM = re.compile(r"[ _]arm[ _]\d+$| \(arm \d+:.*\)$")
_EVENT = re.compile(r"^(?:event|visit|assessment|measurement|time ?point)[\s_:.\-]+(?=[^\W\d_])")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class VisitName:
    """What a visit's name says: a week, or a place that depends on the other visits.

    A follow-up (``later``) comes some time after treatment: ``after`` so many units of time where
    its name says so, otherwise only the user can tell.
    ``number`` is a number without a unit, as in ``FU6``, 0 for none.
    ``sure`` is False where a plain number was taken for a week, as in ``visit 3``.
    """

    week: float | None = None
    place: Literal["", "mid", "post", "later"] = ""
    unit: TimeUnit = "week"
    sure: bool = True
    after: float | None = None
    number: int = 0


def parse_visit(label: str) -> VisitName | None:
    """Read the name of a visit: ``screening``, ``pre``, ``week 7``, ``w07``, ``post``, ``3``.

    Returns None for a name that says nothing about time.
    """
    text = " ".join(label.casefold().split()).strip(" _.-:")
    text = _EVENT.sub("", _ARM.sub("", text))
    simple = "".join(ch for ch in text if ch.isalnum())
    for week, words in _FIXED.items():
        if simple in words:
            return VisitName(week)
    if simple in _MID:
        return VisitName(place="mid")
    if simple in _POST:
        return VisitName(place="post")
    for pattern in _LATER_AT:
        at = pattern.fullmatch(simple)
        # "ar" is the year of exports without å, and no unit anywhere else.
        unit = None if at is None else "year" if at["u"] == "ar" else _UNIT_WORDS.get(at["u"])
        if at is not None and unit is not None:
            return VisitName(place="later", unit=unit, after=float(at["n"].replace(",", ".")))
    counted = _FROM_START.fullmatch(simple)
    if counted:
        unit = _UNIT_WORDS[counted["u"]]
        return VisitName(float(counted["n"]) * WEEKS_PER_UNIT[unit], unit=unit)
    later = _LATER.fullmatch(simple)
    if later:
        return VisitName(place="later", number=int(later[1] or 0))
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
    """Weeks of a set of visit names.

    ``unknown`` are those that could not be placed; ``later`` are follow-ups that were placed as
    far after the end of treatment as their names say, ``from_start`` visits in months or years
    beside them, counted from its start. ``assumed`` are visits whose week nothing in the file
    speaks for; ``proposed`` has likely weeks of unknown ones, in case of ``FU6`` six months.
    """

    weeks: dict[str, float]
    unknown: tuple[str, ...]
    unsure: bool
    unit: TimeUnit
    later: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    proposed: dict[str, float] = field(default_factory=dict)
    from_start: tuple[str, ...] = ()


def place_visits(labels: Iterable[str], choices: ReadingChoices) -> VisitWeeks:
    """Place visits in weeks from the start of treatment; a person's own choices come first.

    Screening is two weeks before the start. The visit after treatment stands at week 12 or,
    where weekly visits go on longer, one week after the last of them; the visit in the middle
    of treatment stands halfway to it. Months and years, and weeks past the twentieth after a gap
    of more than a quarter, are follow-ups: they do not make treatment longer. A follow-up that
    is called so counts from the visit after treatment.
    """
    names = list(dict.fromkeys(labels))
    weeks: dict[str, float] = {}
    places: dict[str, str] = {}
    later: dict[str, float] = {}
    treatment: list[float] = []
    counted: list[str] = []
    numbers: dict[str, int] = {}
    unknown: list[str] = []
    unsure = False
    unit: TimeUnit = "week"
    for label in names:
        chosen = choices.week_of(label)
        parsed = parse_visit(label) if chosen is None else VisitName(chosen)
        if parsed is None or (parsed.place == "later" and parsed.after is None):
            unknown.append(label)
            numbers[label] = 0 if parsed is None else parsed.number
        elif parsed.week is not None:
            weeks[label] = round(parsed.week, 6)
            unsure |= not parsed.sure
            if chosen is None and parsed.unit in ("week", "day"):
                treatment.append(weeks[label])
            elif chosen is None and weeks[label] > 0:
                counted.append(label)
            unit = parsed.unit if parsed.unit != "week" else unit
        elif parsed.after is not None:
            later[label] = parsed.after * WEEKS_PER_UNIT[parsed.unit]
        else:
            places[label] = parsed.place
    weekly = [w for w in treatment if w > 0]
    last = _last_together(weekly)
    post = max(POST_WEEK, last + 1)
    for label, place in places.items():
        weeks[label] = post if place == "post" else post / 2
    # Where there is a visit at the end of treatment, a follow-up counts from it.
    chosen_post = [choices.week_of(n) for n in names if _is_post(n)]
    given = next((week for week in chosen_post if week is not None), None)
    end = (post if "post" in places.values() else 0.0) if given is None else given
    for label, away in later.items():
        weeks[label] = round(end + away, 6)
    proposed = {
        label: round((end + number * WEEKS_PER_UNIT["month"]) if number < 26 else float(number), 1)
        for label, number in numbers.items()
        if number >= 3
    }
    return VisitWeeks(
        weeks,
        tuple(unknown),
        unsure,
        unit,
        tuple(later),
        assumed=tuple(places) if last < post - _NEAR_POST else (),
        proposed=proposed,
        from_start=tuple(counted) if places or later else (),
    )


def _last_together(weeks: list[float]) -> float:
    """The last week before a gap that is too long to lie within treatment."""
    last = 0.0
    for week in sorted(weeks):
        if week - last > _LONGEST_GAP and week > _LONGEST_TREATMENT:
            break
        last = week
    return last


def _is_post(label: str) -> bool:
    parsed = parse_visit(label)
    return parsed is not None and parsed.place == "post"
