"""The one true small study behind the corpus: sixty people who do not exist.

Drawn with the standard library's generator, whose numbers are the same on every machine and with
every version of numpy.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

SEED = 20
N = 60
SCORES = ("PGS_EDU", "PGS_MDD", "PGS_ADHD", "PGS_SCZ", "PGS_BMI")
COMPONENTS = ("PC1", "PC2", "PC3", "PC4")
WEEKLY = (0, 1, 2, 3, 4, 5, 6)
POST, FOLLOW_UP = 8, 34
WEEKS = (*WEEKLY, POST, FOLLOW_UP)
OUTCOMES = ("PHQ-9", "GAD-7", "MADRS-S")
ITEMS = {"PHQ-9": (9, 3), "GAD-7": (7, 3), "MADRS-S": (9, 6)}
"""Instrument to its number of questions and the highest answer; the lowest is 0."""


@dataclass(frozen=True, eq=False)
class Person:
    """One made-up person: number, background, scores and answers to questions."""

    number: int
    scores: dict[str, float]
    components: dict[str, float]
    age: int
    sex: str
    diagnosis: str
    batch: str
    start: date
    answers: dict[tuple[str, int], tuple[int, ...]]

    def total(self, outcome: str, week: int) -> int | None:
        """The total at a week; None where the person did not answer."""
        items = self.answers.get((outcome, week))
        return None if items is None else sum(items)

    def date(self, week: int) -> date:
        """The day of the visit."""
        return self.start + timedelta(weeks=week)

    @property
    def code(self) -> str:
        """The usual spelling of the study id."""
        return f"K{self.number:04d}"

    @property
    def padded(self) -> str:
        """The id as a number of four digits, most with leading zeros."""
        return f"{self.number:04d}"


def _items(rng: random.Random, outcome: str, level: float) -> tuple[int, ...]:
    count, most = ITEMS[outcome]
    return tuple(
        min(most, max(0, round(level * most + rng.gauss(0, 0.25 * most)))) for _ in range(count)
    )


def _person(rng: random.Random, number: int) -> Person:
    shared = rng.gauss(0, 1)
    scores = {s: round(0.5 * shared + math.sqrt(0.75) * rng.gauss(0, 1), 4) for s in SCORES}
    components = {c: round(rng.gauss(0, 0.02), 6) for c in COMPONENTS}
    level, slope = rng.gauss(0.55, 0.15), rng.gauss(-0.035, 0.02)
    stays = rng.choice((2, 3, 4, 5, 6, 8, 8, 34, 34, 34, 34, 34))
    answers: dict[tuple[str, int], tuple[int, ...]] = {}
    for week in WEEKS:
        for outcome in OUTCOMES:
            items = _items(rng, outcome, level + slope * min(week, 10))
            if week <= stays and rng.random() > (0.07 if week else 0.03):
                answers[outcome, week] = items
    return Person(
        number=number,
        scores=scores,
        components=components,
        age=rng.randint(18, 74),
        sex=rng.choice(("female", "female", "male")),
        diagnosis=rng.choice(("depression", "panic disorder", "social anxiety")),
        batch=rng.choice(("B1", "B2")),
        start=date(2021, 1, 11) + timedelta(days=rng.randrange(0, 400)),
        answers=answers,
    )


def _people() -> tuple[Person, ...]:
    rng = random.Random(SEED)
    numbers = sorted(rng.sample(range(1, 1000), N - 4) + rng.sample(range(1001, 9999), 4))
    return tuple(_person(rng, number) for number in numbers)


PEOPLE = _people()


def shuffled(seed: int) -> list[Person]:
    """The people in an order of their own."""
    people = list(PEOPLE)
    random.Random(seed).shuffle(people)
    return people


def observations(
    outcomes: Iterable[str], weeks: Iterable[int], people: Iterable[Person] = PEOPLE
) -> Iterator[tuple[Person, str, int, int]]:
    """Person, outcome, week and total, wherever there is one."""
    wanted, when = tuple(outcomes), tuple(weeks)
    for person in people:
        for week in when:
            for outcome in wanted:
                total = person.total(outcome, week)
                if total is not None:
                    yield person, outcome, week, total
