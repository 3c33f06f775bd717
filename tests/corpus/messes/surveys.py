"""Exports of trial systems: REDCap, Castor, OpenClinica, Google Forms."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.messes.tools import Row, generator, outcome_mess, text
from tests.corpus.truth import ITEMS, WEEKLY, WEEKS, Person, shuffled

SHORT = (0, 4, 8, 34)
QUESTIONS = (
    "interest",
    "mood",
    "sleep",
    "energy",
    "appetite",
    "failure",
    "concentration",
    "slowness",
    "harm",
)


def _add(name: str, about: str, file: str, rows: list[Row], sep: str = ",", **rest: object) -> None:
    quote = str(rest.pop("quote", ""))
    outcome_mess(name, about, {file: text(rows, sep, quote=quote)}, **{"owner": "OUTCOMES", **rest})


def _event(week: int) -> str:
    return {0: "baseline_arm_1"}.get(week, f"week_{week}_arm_1")


def _answers(person: Person, outcome: str, week: int) -> Sequence[str]:
    items = person.answers.get((outcome, week))
    return [""] * ITEMS[outcome][0] if items is None else [str(i) for i in items]


def _total(person: Person, outcome: str, week: int) -> str:
    total = person.total(outcome, week)
    return "" if total is None else str(total)


# REDCap


def _redcap_longitudinal() -> list[Row]:
    rows = [
        [
            "record_id",
            "redcap_event_name",
            "age",
            "sex",
            "demographics_complete",
            "phq9_total",
            "phq9_complete",
            "gad7_total",
            "gad7_complete",
        ]
    ]
    for p in shuffled(30):
        for w in WEEKS:
            head = [str(p.age), p.sex, "2"] if w == 0 else ["", "", ""]
            phq, gad = _total(p, "PHQ-9", w), _total(p, "GAD-7", w)
            rows.append(
                [p.code, _event(w), *head, phq, "2" if phq else "0", gad, "2" if gad else "0"]
            )
    return rows


_add(
    "redcap_longitudinal_raw",
    "REDCap, longitudinal, raw: events, background on the first one only, _complete columns",
    "ICBT_DATA_2024-03-01_1012.csv",
    _redcap_longitudinal(),
    outcomes=("PHQ-9", "GAD-7"),
    covariates=("age", "sex"),
)


def _redcap_labels() -> list[Row]:
    rows = [
        [
            "Record ID",
            "Event Name",
            "Age (years)",
            "Sex",
            "Complete?",
            "PHQ-9 total score",
            "Complete?",
        ]
    ]
    for p in shuffled(31):
        for w in WEEKS:
            name = "Baseline (Arm 1: ICBT)" if w == 0 else f"Week {w} (Arm 1: ICBT)"
            phq = _total(p, "PHQ-9", w)
            head = [str(p.age), p.sex.capitalize(), "Complete"] if w == 0 else ["", "", ""]
            rows.append([p.code, name, *head, phq, "Complete" if phq else "Incomplete"])
    return rows


_add(
    "redcap_longitudinal_labels",
    "REDCap, labelled export: labels as headers, 'Complete?' twice",
    "ICBT_DATA_LABELS_2024-03-01_1012.csv",
    _redcap_labels(),
    covariates=("age", "sex"),
    quote="all",
)


def _redcap_repeating() -> list[Row]:
    rows = [
        [
            "record_id",
            "redcap_repeat_instrument",
            "redcap_repeat_instance",
            "age",
            "sex",
            "phq9_week",
            "phq9_total",
            "phq9_complete",
        ]
    ]
    for p in shuffled(32):
        rows.append([p.code, "", "", str(p.age), p.sex, "", "", ""])
        instance = 0
        for w in WEEKS:
            if phq := _total(p, "PHQ-9", w):
                instance += 1
                rows.append([p.code, "phq9", str(instance), "", "", str(w), phq, "2"])
    return rows


_add(
    "redcap_repeating",
    "REDCap, repeating instrument: background on rows of its own, the week in a field",
    "REPEAT_DATA.csv",
    _redcap_repeating(),
    covariates=("age", "sex"),
)


def _redcap_repeating_instance() -> list[Row]:
    rows = [
        ["record_id", "redcap_repeat_instrument", "redcap_repeat_instance", "age", "phq9_total"]
    ]
    for p in shuffled(33):
        rows.append([p.code, "", "", str(p.age), ""])
        rows += [
            [p.code, "phq9_weekly", str(w + 1), "", t]
            for w in WEEKLY
            if (t := _total(p, "PHQ-9", w))
        ]
    return rows


_add(
    "redcap_instance_as_time",
    "REDCap, repeating: nothing but the instance says when; it must not pass for weeks in silence",
    "REPEAT_INSTANCES.csv",
    _redcap_repeating_instance(),
    weeks=WEEKLY,
    expect="asked",
    words=("REPEAT_INSTANCES.csv",),
)


def _redcap_full() -> list[Row]:
    rng = generator("redcap full")
    rows = [
        [
            "record_id",
            "redcap_event_name",
            "redcap_survey_identifier",
            "redcap_data_access_group",
            "phq9_timestamp",
        ]
        + [f"phq9_{i}" for i in range(1, 10)]
        + ["phq9_total", "medication___1", "medication___2", "phq9_complete"]
    ]
    for p in shuffled(34):
        for w in WEEKS:
            if phq := _total(p, "PHQ-9", w):
                stamp = (
                    f"{p.date(w).isoformat()} {rng.randint(6, 22):02d}:{rng.randint(0, 59):02d}:00"
                )
                rows.append(
                    [
                        p.code,
                        _event(w),
                        "",
                        "clinic_" + p.batch.lower(),
                        stamp,
                        *_answers(p, "PHQ-9", w),
                        phq,
                        str(rng.randint(0, 1)),
                        str(rng.randint(0, 1)),
                        "2",
                    ]
                )
    return rows


_add(
    "redcap_items_timestamps_checkboxes",
    "REDCap with items and total, time stamps, data access groups, checkboxes",
    "FULL_DATA.csv",
    _redcap_full(),
    extra=True,
)
