"""Checks of people and visits: groups that do not add up, gaps, floors, drop-out, repeats."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pgsicbt.cohort.baseline import last_week, people_with
from pgsicbt.cohort.presence import floor_ceiling
from pgsicbt.cohort.relatedness import DEGREES
from pgsicbt.cohort.score_checks import named, number, upper
from pgsicbt.cohort.weeks import Visits, person_weeks
from pgsicbt.disclosure import MINIMUM_CELL, shown_count
from pgsicbt.ingest.wording import plain
from pgsicbt.instruments import simple_name
from pgsicbt.study import HARMONISED, Finding, Study

FLOORED = 0.15
"""Share at one end of the scale that is called a floor (Terwee et al. 2007)."""
GAPS = 0.05
ONCE = 0.2
APART = 0.1
"""Difference in SD between people who stay and who leave that is worth a word."""
STUCK = 0.2
_CLEAR = 3.0
_FEW_PERCENT = 0.05
_RUN = 3


def people_checks(study: Study, visits: Visits) -> Iterator[Finding]:
    """Everything noticed about the people of a study and their visits."""
    yield from _groups(study)
    yield from _instruments_and_groups(study, visits)
    yield from _gaps(study)
    yield from _relatives(study)
    yield from _ends_of_scales(study, visits)
    yield from _few_visits(study, visits)
    yield from _leaving(study, visits)
    yield from _carried_forward(study, visits)


def _share(part: float, whole: float) -> str:
    hundred = 100 * part / whole
    return "less than 1 %" if hundred < 1 else f"{hundred:.0f} %"


def _groups(study: Study) -> Iterator[Finding]:
    n = len(study.persons)
    for name in study.covariate_names("stratum"):
        info = study.covariate(name)
        if info.kind != "categorical":
            continue
        column = study.persons[name]
        sizes = column.value_counts()
        unknown = int(column.isna().sum())
        if unknown:
            yield Finding(
                "groups_add_up", "warning",
                f"The groups of {name} do not add up to the cohort: {shown_count(unknown)} of "
                f"{n:,} people are in none. Models that use {name} leave them out; complete the "
                "column or say how many they are.",
                column=name,
            )  # fmt: skip
        spelled: dict[str, list[str]] = {}
        for level in info.levels:
            spelled.setdefault(simple_name(level) or level, []).append(level)
        doubled = [
            " and ".join(repr(v) for v in levels)
            for levels in spelled.values()
            if len(levels) > 1 and min(int(sizes.get(v, 0)) for v in levels) >= MINIMUM_CELL
        ]
        rare = [v for levels in spelled.values() if len(levels) > 1 for v in levels]
        if doubled or rare:
            what = named(doubled) if doubled else "some"
            yield Finding(
                "group_spelling", "warning",
                f"{name}: {what} are written in two ways and count as different groups. Write each "
                "group in one way.",
                column=name,
            )  # fmt: skip
        small = sum(0 < int(sizes.get(v, 0)) < MINIMUM_CELL for v in info.levels)
        if small:
            yield Finding(
                "small_groups", "info",
                f"{name}: {small} {'group has' if small == 1 else 'groups have'} fewer than "
                f"{MINIMUM_CELL} people; they are shown together with others and can hardly be "
                "analysed apart.",
                column=name,
            )  # fmt: skip


def _instruments_and_groups(study: Study, visits: Visits) -> Iterator[Finding]:
    """An instrument that belongs to one group turns up in another, for a few people."""
    outcomes = [o for o in study.outcomes if o.name != HARMONISED]
    for name in study.covariate_names("stratum"):
        column = study.persons[name]
        if study.covariate(name).kind != "categorical" or len(outcomes) < 2:
            continue
        astray = 0
        where: list[str] = []
        for outcome in outcomes:
            given = people_with(visits, outcome.name, len(study.persons))
            inside = column[given].value_counts()
            of = column.value_counts()
            for level, people in inside.items():
                if (
                    people / int(of.get(level, people)) < _FEW_PERCENT
                    and people < 0.5 * inside.max()
                ):
                    astray += int(people)
                    where.append(outcome.label)
        if astray:
            yield Finding(
                "instrument_group", "warning",
                f"{named(dict.fromkeys(where))}: given to {shown_count(astray)} people whose "
                f"{name} hardly anybody else of that instrument has. Either {name} or the "
                "instrument is wrong for them, and counts by group will not add up to counts by "
                "instrument.",
                column=name,
            )  # fmt: skip


def _gaps(study: Study) -> Iterator[Finding]:
    n = len(study.persons)
    hit = []
    for info in study.covariates:
        missing = int(study.persons[info.name].isna().sum())
        if missing >= max(GAPS * n, MINIMUM_CELL):
            hit.append(f"{info.label} ({_share(missing, n)})")
    if hit:
        yield Finding(
            "covariate_gaps", "info",
            f"{named(hit)}: not known for many people. Models that use "
            f"{'them' if len(hit) > 1 else 'it'} leave these people out; compare the results "
            "with and without.",
        )  # fmt: skip


def _relatives(study: Study) -> Iterator[Finding]:
    if study.relatives.empty:
        return
    second = DEGREES[2][1]
    close = study.relatives[study.relatives["kinship"] >= second]
    people = pd.concat([close["person_1"], close["person_2"]]).nunique()
    if people:
        yield Finding(
            "relatives", "warning",
            f"{upper(shown_count(people))} people have a relative of "
            "second degree or closer in the cohort. Relatives share scores and often symptoms, so "
            "standard errors come out too small; keep one of each pair when reading the files.",
        )  # fmt: skip


def _ends_of_scales(study: Study, visits: Visits) -> Iterator[Finding]:
    table = floor_ceiling(study, visits)
    for end, word in (("lowest", "floor"), ("highest", "ceiling")):
        high = table[(table[f"share_{end}"] >= FLOORED) & table[end].notna()]
        if high.empty:
            continue
        worst = high.loc[high.groupby("outcome")[f"share_{end}"].idxmax()]
        texts = [
            f"{study.outcome(o).label} ({100 * share:.0f} % in week {plain(round(week, 1))})"
            for o, share, week in zip(
                worst["outcome"], worst[f"share_{end}"], worst["week"], strict=True
            )
        ]
        yield Finding(
            word, "warning",
            f"{named(texts)}: {100 * FLOORED:.0f} % or more have the {end} possible score, a "
            f"{word}. Change beyond it cannot be seen and slopes come out too flat; use robust "
            "standard errors and repeat the analysis on fewer weeks.",
        )  # fmt: skip


def _few_visits(study: Study, visits: Visits) -> Iterator[Finding]:
    rows = visits.base
    pairs = np.unique(np.column_stack([visits.person[rows], visits.week[rows]]), axis=0)
    seen = np.bincount(pairs[:, 0].astype(int), minlength=len(study.persons))
    once = int((seen == 1).sum())
    if once >= max(ONCE * len(study.persons), MINIMUM_CELL):
        yield Finding(
            "one_visit_only", "info",
            f"{_share(once, len(study.persons))} of people were seen once only. They tell about "
            "severity and nothing about change.",
        )  # fmt: skip


def _leaving(study: Study, visits: Visits) -> Iterator[Finding]:
    """Whether people who are not seen to the end differ before they leave."""
    rows = visits.base
    frame = person_weeks(visits, rows)
    end = last_week(visits)
    stays = np.zeros(len(study.persons), dtype=bool)
    stays[frame.loc[frame["week"] == end, "person"].to_numpy()] = True
    n_left = int((~stays).sum())
    if min(n_left, int(stays.sum())) < 4 * MINIMUM_CELL:
        return
    # Last value of those who leave, among all values of the same instrument and week.
    cell = frame.groupby(["outcome", "week"])["value"]
    sd = cell.transform("std").to_numpy(float)
    enough = (cell.transform("size") >= 4 * MINIMUM_CELL).to_numpy(bool) & (sd > 0)
    z = np.divide(frame["value"].to_numpy(float) - cell.transform("mean").to_numpy(float), sd,
                  out=np.zeros(len(frame)), where=enough)  # fmt: skip
    worse = np.array([1.0 if o.higher_is_worse else -1.0 for o in study.outcomes])
    z = z * worse[frame["outcome"].to_numpy()]
    final = frame.assign(z=z)[enough].sort_values("week").drop_duplicates("person", keep="last")
    z_last = final.loc[~stays[final["person"].to_numpy()] & (final["week"] > 0).to_numpy(), "z"]
    said: list[str] = []
    if len(z_last) >= 4 * MINIMUM_CELL:
        mean, error = float(z_last.mean()), float(z_last.std() / np.sqrt(len(z_last)))
        if abs(mean) >= APART and abs(mean) > _CLEAR * error:
            said.append(
                f"at their last visit they were {number(abs(mean))} SD "
                f"{'worse' if mean > 0 else 'better'} than others that week"
            )
    for score in study.scores:
        values = study.persons[score.name].to_numpy(float)
        a, b = (values[m & np.isfinite(values)] for m in (~stays, stays))
        if min(len(a), len(b)) < 4 * MINIMUM_CELL:
            continue
        pooled = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
        gap = (a.mean() - b.mean()) / pooled if pooled > 0 else 0.0
        if abs(gap) >= APART and abs(gap) > _CLEAR * np.sqrt(1 / len(a) + 1 / len(b)):
            said.append(
                f"their {score.label} is {number(abs(gap))} SD {'higher' if gap > 0 else 'lower'}"
            )
    if said:
        week = plain(round(end, 1))
        yield Finding(
            "leaving", "warning",
            f"The {_share(n_left, len(stays))} of people not seen in week {week}, the "
            f"last, are not like the others: {'; '.join(said[:4])}. Mixed models allow for what "
            "was seen before people left, not for what came after; vary what is assumed about "
            "them.",
        )  # fmt: skip


def _carried_forward(study: Study, visits: Visits) -> Iterator[Finding]:
    """Values that repeat to the end, as if the last one had been written forward."""
    hit = []
    n = len(study.persons)
    for outcome in study.outcomes:
        if outcome.name == HARMONISED or outcome.minimum is None or outcome.maximum is None:
            continue
        if outcome.maximum - outcome.minimum < 20:
            continue
        frame = person_weeks(visits, visits.of(outcome.name))
        frame = frame.sort_values(["person", "week"], ignore_index=True)
        person = frame["person"].to_numpy()
        value = frame["value"].to_numpy(float)
        total = np.bincount(person, minlength=n)
        same = np.r_[False, (person[1:] == person[:-1]) & (value[1:] == value[:-1])]
        block = np.cumsum(~same)
        length = np.bincount(block)[block]
        last = np.r_[person[1:] != person[:-1], True]
        ends = last & (total[person] > _RUN) & (value > outcome.minimum)
        if ends.sum() < 4 * MINIMUM_CELL:
            continue
        stuck = int((ends & (length >= _RUN)).sum())
        if stuck / ends.sum() >= STUCK:
            hit.append(f"{outcome.label} ({_share(stuck, int(ends.sum()))} of people)")
    if hit:
        yield Finding(
            "carried_forward", "warning",
            f"{named(hit)}: the last value stands {_RUN} times or more in a row. If it was carried "
            "forward after people left, take the copies out: mixed models need no filled gaps, and "
            "copies make change look smaller and surer than it is.",
        )  # fmt: skip
