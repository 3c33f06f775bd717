"""What the name of a column with single answers says: the question, its scale and the visit."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pgsicbt.ingest.content.times import parse_visit
from pgsicbt.ingest.recognise import names
from pgsicbt.instruments import Instrument, all_instruments, registry_cache

_MARKS = re.compile(r"[\[\]().\s/:]+")


def split_item(name: str) -> tuple[Instrument, int, str] | None:
    """A single question: its instrument, its number and the visit, '' if the name has none.

    ``phq9_3``, ``phq9c``, ``PHQ9[SQ003]``, ``phq9_item_3_w2``, ``w2_madrs_s_3``;
    ``dass21_13`` is the fourth question of its depression scale.
    """
    alias, in_block = _question_of_block(name)
    if in_block is not None and alias[-1].isdigit():
        return in_block  # before dass21s, whose question 1 dass21_sq001 would be
    text = _MARKS.sub("_", name).strip("_")
    for pattern, instrument in _item_patterns():
        found = pattern.fullmatch(text)
        if found is None or instrument.items is None:
            continue
        said = found["item"].casefold()
        item = int(said) if said.isdigit() else ord(said) - ord("a") + 1
        visit = found["before"] or found["after"] or ""
        if not 1 <= item <= instrument.items.count:
            continue
        if not visit or parse_visit(visit) is not None:
            return instrument, item, visit
    return in_block  # after dass21d, of which dass21_d_1 is a question


def _question_of_block(name: str) -> tuple[str, tuple[Instrument, int, str] | None]:
    """The name by which a column says its questionnaire, and what :func:`split_item` gives."""
    alias, called, number, visit = _split_block(name) or ("", (), 0, "")
    for instrument in all_instruments():
        block = instrument.block
        if block is not None and block.aliases == called and number in block.numbers:
            return alias, (instrument, block.numbers.index(number) + 1, visit)
    return alias, None


def overfull_blocks(columns: Iterable[str]) -> set[str]:
    """Instruments whose questionnaire has fewer questions than the columns number.

    ``dass_22`` is of the longer form of the questionnaire, so ``dass_1`` is not of the short one.
    """
    highest: dict[tuple[str, ...], int] = {}
    for name in columns:
        _, called, number, _ = _split_block(name) or ("", (), 0, "")
        highest[called] = max(number, highest.get(called, 0))
    return {
        one.id
        for one in all_instruments()
        if one.block is not None and highest.get(one.block.aliases, 0) > one.block.count
    }


def _split_block(name: str) -> tuple[str, tuple[str, ...], int, str] | None:
    """A questionnaire of several scales by the name used and by all, question and visit."""
    text = _MARKS.sub("_", name).strip("_")
    for pattern, alias, called in _block_patterns():
        found = pattern.fullmatch(text)
        if found is None:
            continue
        visit = found["before"] or found["after"] or ""
        if not visit or parse_visit(visit) is not None:
            return alias, called, int(found["item"]), visit
    return None


@registry_cache
def _block_patterns() -> tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...]:
    """Patterns of the questions of questionnaires with several scales, longest name first."""
    blocks = {one.block.aliases for one in all_instruments() if one.block is not None}
    pairs = sorted(
        ((alias, block) for block in blocks for alias in block), key=lambda pair: -len(pair[0])
    )
    return tuple((_item_pattern(alias, r"\d{1,2}"), alias, block) for alias, block in pairs)


@registry_cache
def _item_patterns() -> tuple[tuple[re.Pattern[str], Instrument], ...]:
    """Patterns of the questions of every instrument with known questions, longest name first."""
    by_id = {one.id: one for one in all_instruments()}
    patterns = []
    for alias, instrument_id in names.aliases():
        patterns.append((_item_pattern(alias, r"\d{1,2}|[a-u]"), by_id[instrument_id]))
    return tuple(patterns)


def _item_pattern(alias: str, number: str) -> re.Pattern[str]:
    letters = r"[\W_]*".join(map(re.escape, alias))
    pattern = (
        rf"(?:(?P<before>[^\W_]+)[\W_]+)?{letters}[\W_]*(?:items?|questions?|q|sq|fr[aå]ga|i|it|f)?"
        rf"[\W_]*0*(?P<item>{number})(?:[\W_]+(?P<after>.+))?"
    )
    return re.compile(pattern, re.IGNORECASE)
