"""Every messy file gives the same tidy study, or a sentence; nothing is misread in silence."""

from __future__ import annotations

import re

import pytest

from tests.corpus.holding import (
    Expected,
    Outcome,
    difference,
    everything_shown,
    expected,
    read,
    uploads,
)
from tests.corpus.make import FILES, MOST_BYTES, by_library, catalogue, written

CASES = expected()
CODE = re.compile(r"\bk-?\d{2,4}\b", re.IGNORECASE)
"""How the ids of most cases look; no message may hold one."""


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_gives_the_tidy_study_or_a_sentence(case: Expected) -> None:
    """The case without its recipe, and where it has one, with it."""
    outcome = read(uploads(case))
    problem = _HOLDS[case["expect"]](case, outcome) or _leaks(case, outcome)
    if not problem and case["recipe"]:
        answered = read(uploads(case), case["recipe"])
        wanted = _refused if case["expect"] == "refused" else _ok
        problem = wanted(case, answered) or _leaks(case, answered)
        problem = problem and f"with its recipe: {problem}"
    assert not problem, f"{case['about']}: {problem}"


def _ok(case: Expected, outcome: Outcome) -> str:
    if outcome.study is None:
        return f"refused: {outcome.error}"
    return difference(case, outcome.study) or _noticed(case, outcome)


def _noticed(case: Expected, outcome: Outcome) -> str:
    if case["noticed"] and not outcome.says(case["noticed"]):
        return f"nothing said about {case['noticed']}"
    return ""


def _ok_or_asked(case: Expected, outcome: Outcome) -> str:
    """With a recipe, guessing is allowed to fail, but never in silence."""
    if not case["recipe"]:
        return _ok(case, outcome)
    return _asked(case, outcome)


def _refused(case: Expected, outcome: Outcome) -> str:
    if outcome.study is not None:
        return f"read, as {_short(outcome)}"
    return "" if outcome.says(case["words"]) else f"{outcome.error} lacks {case['words']}"


def _asked(case: Expected, outcome: Outcome) -> str:
    if outcome.study is not None and not difference(case, outcome.study):
        return ""
    if outcome.says(case["words"]):
        return ""
    if outcome.study is None:
        return f"{outcome.error} lacks {case['words']}"
    return f"misread without a word: {difference(case, outcome.study)}; said {outcome.messages}"


def _either(case: Expected, outcome: Outcome) -> str:
    if outcome.study is not None:
        return difference(case, outcome.study)
    return _refused(case, outcome)


def _guarded(case: Expected, outcome: Outcome) -> str:
    if outcome.says(case["words"]):
        return "" if outcome.study is None else difference({**case, "extra": False}, outcome.study)
    return f"nothing said with {case['words']}: {outcome.error or outcome.messages}"


def _said(case: Expected, outcome: Outcome) -> str:
    return "" if outcome.says(case["words"]) else f"nothing said with {case['words']}"


_HOLDS = {
    "ok": _ok_or_asked,
    "refused": _refused,
    "asked": _asked,
    "either": _either,
    "guarded": _guarded,
    "said": _said,
    "answered": lambda *_: "",
}


def _leaks(case: Expected, outcome: Outcome) -> str:
    if any(CODE.search(message) for message in (*outcome.messages, outcome.recipe)):
        return "a message holds the id of a person"
    if outcome.study is not None and any(CODE.search(str(k)) for k in outcome.study.persons.index):
        return "the study holds the id of a person"
    shown = everything_shown(outcome) if case["secrets"] else ""
    count = sum(secret in shown for secret in case["secrets"])
    return f"{count} of the values that identify people are shown" if count else ""


def _short(outcome: Outcome) -> str:
    study = outcome.study
    if study is None:
        return "nothing"
    return f"{len(study.persons)} people, {len(study.visits)} rows, {study.score_names}"


def test_files_and_catalogue_are_those_of_the_builders() -> None:
    from tests.corpus.make import HERE

    assert (HERE / "cases.toml").read_text(encoding="utf-8") == catalogue()
    paths = set()
    for path, data in written():
        stored = (FILES / path).read_bytes()
        assert len(stored) < MOST_BYTES, path
        assert by_library(path, data) or stored == data, path
        paths.add(FILES / path)
    assert {p for p in FILES.rglob("*") if p.is_file()} == paths


def test_there_are_many_of_each_kind() -> None:
    kinds = [c["expect"] for c in CASES]
    assert len(CASES) >= 90
    assert kinds.count("ok") >= 60
    assert kinds.count("refused") >= 30
