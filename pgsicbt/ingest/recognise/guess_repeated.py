"""Columns of one thing at several visits that carry no known scale in their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pgsicbt.ingest.content.times import VisitName, parse_visit
from pgsicbt.ingest.recognise import names
from pgsicbt.ingest.recognise.guess_visits import View, wide_outcome
from pgsicbt.ingest.recognise.layout import Assigned
from pgsicbt.ingest.wording import lines_text
from pgsicbt.instruments import simple_name
from pgsicbt.study import Finding
from pgsicbt.wording import listed

UNREAD = "named after a scale, but its visit cannot be read"
REPEATED = "measured at several visits, but no known scale"
AGAIN = "measured again at a later visit"
VARIES = "it differs between visits of one person, so it is no covariate"
_FEW = 0.25
_LEAST_DIFFERENT = 5


@dataclass(frozen=True)
class _Member:
    name: str
    stem: str
    label: str
    visit: VisitName


def unread_outcomes(view: View, columns: Mapping[str, Assigned]) -> dict[str, Assigned]:
    """Columns named like the outcomes of a wide table whose visit nobody can tell.

    As covariates they would adjust the outcome for itself.
    """
    scales = {given.name for given in columns.values() if given.role in ("outcome", "item")}
    unread = {}
    for name in view.table.columns:
        if name in columns or name in view.fixed or names.score_name(name):
            continue
        instrument = names.starts_with_instrument(name)
        if instrument is not None and instrument.id in scales:
            unread[name] = Assigned("ignore", UNREAD)
    return unread


def find_repeated(view: View, columns: Mapping[str, Assigned]) -> dict[str, Assigned]:
    """What becomes of whole numbers under one name at several visits.

    Totals of an unknown scale under ``t0``, ``v1`` and the like are outcomes, whose weeks are
    warned of. Answers, and columns with bare numbers, could be anything: they are left out, since
    as covariates they might adjust an outcome for itself. Of a covariate measured again and again
    the first measurement stays.
    """
    found: dict[str, Assigned] = {}
    for group in _groups(view, columns).values():
        if len({member.label.casefold() for member in group}) < 2:
            continue
        bare = any(member.label.isdigit() for member in group)
        if names.COVARIATES.match(simple_name(group[0].stem)):
            if not bare:
                first = min(group, key=_when)
                later = [member.name for member in group if member is not first]
                found |= dict.fromkeys(later, Assigned("ignore", AGAIN))
        elif _whole(view, group):
            if not bare and _many(view, group):
                found |= {one.name: wide_outcome(one.stem, one.label) for one in group}
            elif not bare or (len(group) > 2 and _many(view, group)):
                found |= {one.name: Assigned("ignore", REPEATED) for one in group}
    return found


def _groups(view: View, columns: Mapping[str, Assigned]) -> dict[str, list[_Member]]:
    groups: dict[str, list[_Member]] = {}
    for name in view.table.columns:
        simple = simple_name(name)
        if name in columns or name in view.fixed or names.score_name(name):
            continue
        if names.COMPONENT.match(simple) or names.BATCH.search(simple):
            continue
        for stem, label in names.splits(name):
            parsed = parse_visit(label)
            if parsed is not None and simple_name(stem) and "." not in label:
                member = _Member(name, stem, label, parsed)
                groups.setdefault(simple_name(stem), []).append(member)
                break
    return groups


def _when(member: _Member) -> float:
    return float("inf") if member.visit.week is None else member.visit.week


def _whole(view: View, group: Sequence[_Member]) -> bool:
    """True if the columns hold whole numbers, as totals and answers are, some of them empty."""
    held = [view.table.column(member.name) for member in group]
    return any(not one.empty for one in held) and all(
        one.empty or (one.numeric and one.whole) for one in held
    )


def _many(view: View, group: Sequence[_Member]) -> bool:
    """True if any column has more different numbers than a question has answers."""
    return any(
        view.table.column(member.name).different_numbers.size >= _LEAST_DIFFERENT
        for member in group
    )


def left_out(view: View, columns: Mapping[str, Assigned]) -> list[Finding]:
    """Says which columns over visits are left out, and which measurement of a covariate stays."""
    return [
        Finding(
            "unread_outcome",
            "warning",
            f"{view.table.name} has columns that {what}: {_shown(out)}; {advice}.",
            view.table.name,
            out[0],
        )
        for reason, what, advice in (
            (
                UNREAD,
                "are named after a scale but not after a visit, and are left out",
                "give the visit its week, or the column another role",
            ),
            (
                REPEATED,
                "seem to be one thing at several visits but no known scale, and are left out",
                "give them the role of an outcome or of a covariate if they are",
            ),
            (
                AGAIN,
                "measure a background fact again at later visits, and are left out",
                "the first measurement is used",
            ),
        )
        if (out := [name for name, given in columns.items() if given.reason == reason])
    ]


def changing(view: View, columns: Mapping[str, Assigned]) -> list[Finding]:
    """Says which columns are left out since they change between the visits of a person.

    What belongs to a person, and what changes for few people only, is likely to be a slip: its
    lines are named.
    """
    out = [name for name, given in columns.items() if given.reason == VARIES]
    findings, others = [], []
    for name in out:
        column, simple = view.table.column(name), simple_name(name)
        rows = column.varies_within(view.person, view.n_persons)
        fixed = simple in names.STRATUM | names.SEX or names.DIAGNOSIS.search(simple)
        fixed = fixed or names.COVARIATES.match(simple)
        if not fixed and np.unique(view.person[rows]).size > _FEW * view.n_persons:
            others.append(name)
            continue
        message = (
            f"Column {name!r} of {view.table.name} differs between visits of one person on "
            f"{lines_text(view.table.lines[rows])} and is left out; a covariate has one value per "
            "person."
        )
        findings.append(Finding("changing", "warning", message, view.table.name, name))
    if others:
        message = (
            f"{view.table.name} has columns that change from visit to visit and are no outcomes: "
            f"{_shown(others)}; they are left out."
        )
        findings.append(Finding("changing", "info", message, view.table.name, others[0]))
    return findings


def _shown(out: Sequence[str]) -> str:
    return listed([*map(repr, out[:3]), *([f"{len(out) - 3} more"] if out[3:] else [])])
