"""Guess which columns are single questions, and which say when a wave of a wide table was."""

from __future__ import annotations

from collections.abc import Mapping

from pgsicbt.errors import DataError
from pgsicbt.ingest.content.calendar import dates_in
from pgsicbt.ingest.content.times import parse_visit
from pgsicbt.ingest.content.worded import answers_of
from pgsicbt.ingest.recognise import names
from pgsicbt.ingest.recognise.guess_visits import View
from pgsicbt.ingest.recognise.item_names import overfull_blocks, split_item
from pgsicbt.ingest.recognise.layout import Assigned
from pgsicbt.ingest.source.columns import Column
from pgsicbt.instruments import Instrument, simple_name

_LEAST = 0.6
_MOST_OF = 0.75
_FEW_WORDINGS = 15


def find_items(view: View, taken: Mapping[str, Assigned]) -> dict[str, Assigned]:
    """Columns with the answers to single questions of an instrument.

    Columns such as ``phq9_1`` to ``phq9_9`` could be weeks as well: they are questions if at least
    six in ten of the instrument's questions are there and their numbers are as small as answers.

    Raises
    ------
    DataError
        If there are questions but nothing says when they were answered.
    """
    groups: dict[tuple[str, str], list[tuple[str, Instrument, int]]] = {}
    longer = overfull_blocks(view.table.columns)
    for name in view.table.columns:
        if name in taken or name in view.fixed:
            continue
        found = split_item(name)
        if found is not None and found[0].id in longer:
            continue
        if found is not None and _may_answer(view.table.column(name), found[0]):
            instrument, item, visit = found
            groups.setdefault((instrument.id, visit.casefold()), []).append(
                (name, instrument, item)
            )
    columns: dict[str, Assigned] = {}
    for (scale, _), members in groups.items():
        members = _without_total(members)
        if not _are_items(view, members):
            continue
        for name, _, item in members:
            label = (split_item(name) or (None, 0, ""))[2]
            reason = f"question {item} of {scale}" + (f" at the visit {label}" if label else "")
            columns[name] = Assigned("item", reason, scale, label, item=item)
        if not view.over_time and any(not columns[name].visit for name, _, _ in members):
            first, last = members[0][0], members[-1][0]
            raise DataError(
                f"{view.table.name} has answers to single questions of {scale} in columns "
                f"{first!r} to {last!r}, but nothing says at which visit.",
                "Add a column with the week or the name of the visit, or put it into the names of "
                "the columns, as in phq9_1_week3.",
                code="items",
                file=view.table.name,
                column=first,
            )
    return columns


def _without_total(members: list[tuple[str, Instrument, int]]) -> list[tuple[str, Instrument, int]]:
    """The questions without a column called after the questionnaire: ``dass21`` beside 21 others.

    Alone, ``dass_21`` is the last question.
    """
    asked = [item for _, _, item in members]
    return [
        (name, one, item)
        for name, one, item in members
        if one.block is None or simple_name(name) not in one.block.aliases or asked.count(item) == 1
    ]


def _are_items(view: View, members: list[tuple[str, Instrument, int]]) -> bool:
    instrument = members[0][1]
    if instrument.items is None:
        return False
    different = {item for _, _, item in members}
    if len(different) < max(3, _LEAST * instrument.items.count):
        return False
    small = [
        answers_of(view.table.column(name), instrument).small(instrument.items.maximum + 1)
        for name, _, _ in members
    ]
    return sum(small) >= _MOST_OF * len(small)


def _may_answer(column: Column, instrument: Instrument) -> bool:
    """True for answers that can be read, and for texts of which there are few.

    Those come from a wording that is not known; the file is then refused and not read in part.
    """
    few = not column.empty and len(column.present_levels) <= _FEW_WORDINGS
    return answers_of(column, instrument).mostly or few


def find_waves(view: View, taken: Mapping[str, Assigned]) -> dict[str, Assigned]:
    """Columns of a wide table with the date or the age at each visit."""
    visits = {given.visit.casefold() for given in taken.values() if given.visit}
    if len(visits) < 2:
        return {}
    found: dict[str, dict[str, Assigned]] = {}
    for name in view.table.columns:
        if name in taken and taken[name].role != "ignore":
            continue
        role = view.fixed.get(name, "")
        if role and role not in ("time:date", "time:age"):
            continue
        split = wave_of(name, visits)
        if split is None:
            continue
        column = view.table.column(name)
        stem = simple_name(split[0])
        if not role:
            if names.AGE.match(stem) and column.numeric and not column.whole:
                role = "time:age"
            elif dates_in(column):
                role = "time:date"
            else:
                continue
        what = "age" if role == "time:age" else "date"
        given = Assigned(role, f"{what} at the visit {split[1]}", "", split[1])
        found.setdefault(f"{role} {stem}", {})[name] = given
    complete = [
        group
        for group in found.values()
        if visits <= {given.visit.casefold() for given in group.values()}
    ]
    return complete[0] if complete else {}


def wave_of(name: str, visits: set[str]) -> tuple[str, str] | None:
    """Stem and visit of a column such as ``date_t1``, if the visit is one of ``visits``."""
    for stem, label in names.splits(name):
        if label.casefold() in visits and parse_visit(label) is not None:
            return stem, label
    return None


def find_dates(view: View) -> dict[str, Assigned]:
    """The date or age at each row of a table that has nothing else to tell time by.

    Without either, the copies of a repeating form are numbered visits.
    """
    free = [n for n in view.table.columns if n != view.id and n not in view.fixed]
    dated = [n for n in free if dates_in(view.table.column(n))]
    moving = [n for n in dated if view.varies(view.table.column(n))]
    found: dict[str, Assigned] = {}
    if moving:
        called = [n for n in moving if names.VISIT_DATE.search(simple_name(n))]
        best = (called or moving)[0]
        found[best] = Assigned("time:date", "its dates differ between rows of one person")
        start = [n for n in dated if n not in moving and names.START.search(simple_name(n))]
        if start:
            found[start[0]] = Assigned("start:date", "a date of start, the same on all rows")
        return found
    for name in free:
        column = view.table.column(name)
        an_age = names.AGE.match(simple_name(name)) and column.numeric and not column.whole
        if an_age and view.varies(column):
            return {name: Assigned("time:age", "an age that differs between rows")}
    for name in free:
        column = view.table.column(name)
        if names.repeat_number(name) and column.numeric and view.varies(column):
            return {name: Assigned("time", "numbered visits")}
    return found
