"""Holding a study against the truth, value by value, without knowing its keys."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pgsicbt.errors import DataError
from pgsicbt.ingest import ReadingChoices, Upload, read_files
from pgsicbt.study import HARMONISED, Study
from tests.corpus.truth import COMPONENTS, PEOPLE, Person

HERE = Path(__file__).parent
FILES = HERE / "files"
DEFAULTS: dict[str, Any] = {
    "expect": "ok", "beside": [], "owner": "SOURCE", "scores": {}, "scale": "raw",
    "outcomes": ["PHQ-9"], "weeks": [0, 1, 2, 3, 4, 5, 6, 8, 34], "shift": 0.0, "at": {},
    "within": 1e-6,
    "covariates": [], "people": [], "without": [], "recipe": "", "words": [], "noticed": [],
    "secrets": [], "extra": False, "more": False, "relatives": 0,
}  # fmt: skip

Expected = dict[str, Any]


def expected() -> list[Expected]:
    """The cases of ``cases.toml`` with what they leave out filled in."""
    text = (HERE / "cases.toml").read_text(encoding="utf-8")
    return [{**DEFAULTS, **case} for case in tomllib.loads(text)["case"]]


def uploads(case: Expected) -> list[Upload]:
    """The messy files of a case and the plain ones beside them."""
    own = [Upload(name, (FILES / case["name"] / name).read_bytes()) for name in case["files"]]
    return own + [Upload(name, (FILES / "plain" / name).read_bytes()) for name in case["beside"]]


@dataclass(frozen=True)
class Outcome:
    """What reading gave: a study or an error, everything that was said, and the recipe to save."""

    study: Study | None
    error: DataError | None
    messages: tuple[str, ...]
    recipe: str

    def says(self, words: Sequence[str]) -> bool:
        """Whether one message has all the words; case does not matter."""
        return any(all(w.casefold() in one.casefold() for w in words) for one in self.messages)


def read(files: Sequence[Upload], recipe: str = "") -> Outcome:
    """Read files, and gather all that is said: errors, findings, questions, losses of people."""
    reading = read_files(files, ReadingChoices.from_json(recipe) if recipe else None)
    errors = () if reading.study is not None else reading.errors
    said = [f"{e} {e.file} {e.column}" for e in errors]
    said += [f"{f.message} {f.file} {f.column}" for f in reading.findings]
    said += [f"{q.text} {q.table} {q.column}" for q in reading.questions]
    steps = reading.study.ledger if reading.study is not None else ()
    said += [f"{s.step}: {s.reason} {s.file}" for s in steps if s.lost_persons]
    error = errors[0] if errors else None
    return Outcome(reading.study, error, tuple(said), reading.recipe.to_json())


def everything_shown(outcome: Outcome) -> str:
    """All that could be shown, printed or kept, as one text."""
    parts = [*outcome.messages, outcome.recipe]
    if outcome.error is not None:
        error: BaseException | None = outcome.error
        while error is not None:
            parts += [repr(error), str(error), str(error.args)]
            error = error.__cause__ or error.__context__
    if outcome.study is not None:
        study = outcome.study
        parts += [repr(study), study.persons.to_csv(), study.visits.to_csv()]
        parts += [str(study.ledger), str(study.covariates), str(study.files)]
    return "\n".join(parts)


# The truth as a case has it


def _people(case: Expected) -> list[Person]:
    """Those the case names, or all, who have at least one observation."""
    named = [p for p in PEOPLE if not case["people"] or p.number in case["people"]]
    return [p for p in named if _visits(case, p)]


def _visits(case: Expected, person: Person) -> set[tuple[str, float, float]]:
    left = {tuple(one) for one in case["without"]}
    return {
        (o, case["at"].get(str(w), w + case["shift"]), float(t))
        for o in case["outcomes"]
        for w in case["weeks"]
        if (t := person.total(o, w)) is not None and (person.number, o, w) not in left
    }


def _fact(person: Person, name: str) -> object:
    return person.components[name] if name in COMPONENTS else getattr(person, name)


# Differences


def difference(case: Expected, study: Study) -> str:
    """The first way in which the study is not the tidy one, in words; '' if there is none."""
    people = _people(case)
    if len(study.persons) != len(people):
        return f"{len(study.persons)} people instead of {len(people)}"
    for check in (_names, _rows):
        if found := check(case, study, people):
            return found
    return ""


def _names(case: Expected, study: Study, people: list[Person]) -> str:
    outcomes = set(study.outcome_names) - {HARMONISED}
    if outcomes != set(case["outcomes"]):
        return f"outcomes {sorted(outcomes)} instead of {case['outcomes']}"
    fixed = {n.lstrip("~") for n in case["scores"] if not n.startswith("?")}
    missing = fixed - set(study.score_names)
    if missing or (not case["more"] and len(study.score_names) != len(case["scores"])):
        return f"scores {study.score_names} instead of {list(case['scores'])}"
    extra = len(study.covariates) - len(case["covariates"])
    if extra < 0 or (extra and not case["extra"]):
        names = [c.name for c in study.covariates]
        return f"covariates {names} instead of {case['covariates']}"
    if case["relatives"] != len(study.relatives):
        return f"{len(study.relatives)} pairs of relatives instead of {case['relatives']}"
    return ""


def _rows(case: Expected, study: Study, people: list[Person]) -> str:
    """Each person is known again by their visits, or where those are alike by the scores."""
    found = _visits_found(study, case["within"] if case["within"] > 1e-4 else 1e-4)
    matched = _match(case, study, people, found)
    if isinstance(matched, str):
        return matched
    for person, key in matched.items():
        want = sorted(_visits(case, person))
        have = sorted(found.get(key, []))
        if len(want) != len(have):
            return f"{len(have)} observations of a person instead of {len(want)}"
        for (o, w, v), (o2, w2, v2) in zip(want, have, strict=True):
            if o != o2 or abs(w - w2) > max(case["within"], 1e-6) or abs(v - v2) > 1e-9:
                return f"{o2} in week {w2:g} is {v2:g} instead of {o} in week {w:g} {v:g}"
    return _scores(case, study, matched) or _covariates(case, study, matched)


def _visits_found(study: Study, _: float) -> dict[str, list[tuple[str, float, float]]]:
    rows = study.visits[study.visits["outcome"] != HARMONISED]
    found: dict[str, list[tuple[str, float, float]]] = {}
    for row in rows.itertuples(index=False):
        found.setdefault(str(row.person), []).append(
            (str(row.outcome), float(row.time), float(row.value))
        )
    return found


def _signature(visits: Sequence[tuple[str, float, float]]) -> tuple[tuple[str, float], ...]:
    return tuple((o, v) for o, _, v in sorted(visits))


def _match(
    case: Expected,
    study: Study,
    people: list[Person],
    found: dict[str, list[tuple[str, float, float]]],
) -> dict[Person, str] | str:
    """Person of the truth to key of the study, by rank of the first score, or by the visits."""
    keys = [str(k) for k in study.persons.index]
    order = _by_score(case, study, people)
    if order is not None:
        return order
    left = {key: _signature(found.get(key, [])) for key in keys}
    matched: dict[int, str] = {}
    for person in people:
        want = _signature(sorted(_visits(case, person)))
        same = [key for key, have in left.items() if have == want]
        if not same:
            return "no person of the study has the course of one of the truth"
        matched[person.number] = same[0]
        del left[same[0]]
    return _Matched({p: matched[p.number] for p in people}, people)


def _by_score(case: Expected, study: Study, people: list[Person]) -> dict[Person, str] | None:
    for name, true in case["scores"].items():
        if name.startswith(("?", "~")):
            if len(case["scores"]) != 1 or len(study.scores) != 1:
                continue
            name = study.score_names[0]
        values = study.persons[name]
        if values.isna().any():
            continue
        ranked = [str(k) for k in values.sort_values(kind="stable").index]
        ordered = sorted(people, key=lambda p, true=true: p.scores[true])  # type: ignore[misc]
        return _Matched(dict(zip(ordered, ranked, strict=True)), people)
    return None


class _Matched(dict[Person, str]):
    """Pairs in the order of the truth."""

    def __init__(self, pairs: dict[Person, str], people: list[Person]) -> None:
        super().__init__({p: pairs[p] for p in people})


def _scores(case: Expected, study: Study, matched: dict[Person, str]) -> str:
    people, keys = list(matched), list(matched.values())
    taken: set[str] = set()
    for name, true in case["scores"].items():
        want = np.array([p.scores[true] for p in people])
        if name.startswith("?"):
            fits = [
                n for n in study.score_names if n not in taken and _same(case, study, keys, n, want)
            ]
            if not fits:
                return f"no score is {true}"
            taken.add(fits[0])
        elif not _same(case, study, keys, name.lstrip("~"), want, holes=name.startswith("~")):
            return f"the score {name} is not {true}"
    return ""


def _same(
    case: Expected,
    study: Study,
    keys: Sequence[str],
    name: str,
    want: np.ndarray[Any, Any],
    *,
    holes: bool = False,
) -> bool:
    have = study.persons.loc[list(keys), name].to_numpy(float)
    there = np.isfinite(have)
    if not (there.all() or (holes and there.any())):
        return False
    have, want = have[there], want[there]
    fit: Callable[[Any], Any] = {"raw": lambda x: x, "shifted": lambda x: x - x.mean()}.get(
        case["scale"], lambda x: (x - x.mean()) / x.std()
    )
    return bool(np.allclose(fit(have), fit(want), rtol=0, atol=case["within"]))


def _covariates(case: Expected, study: Study, matched: dict[Person, str]) -> str:
    for name in case["covariates"]:
        facts = pd.Series([_fact(p, name) for p in matched], index=list(matched.values()))
        if not any(_alike(facts, study.persons.loc[facts.index, c.name]) for c in study.covariates):
            return f"no covariate is {name}"
    return ""


def _alike(facts: pd.Series, column: pd.Series) -> bool:
    """The same numbers, or groups that correspond one to one."""
    if pd.api.types.is_numeric_dtype(facts):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(float)
        return bool(np.allclose(numbers, facts.to_numpy(float), rtol=0, atol=1e-6))
    if column.isna().any():
        return False
    pairs = set(zip(facts, column.astype(str), strict=True))
    return len(pairs) == facts.nunique() == column.astype(str).nunique()
