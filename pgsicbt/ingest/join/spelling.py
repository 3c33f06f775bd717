"""Identifiers that are spelt differently in different files: found, counted, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import IdMatching
from pgsicbt.ingest.content.parts import Part
from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.wording import count, lines_text, people
from pgsicbt.study import Finding
from pgsicbt.wording import listed

_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_DECIMALS = re.compile(r"(\d+)[.,]0+")
_PAIR = re.compile(r"([^_]+)_([^_]+)")


def _zeros(one: str) -> str:
    whole = _DECIMALS.fullmatch(one)
    return _ZEROS.sub("", whole[1] if whole else one)


def _letters(one: str) -> str:
    return "".join(ch for ch in one if ch.isalnum())


def _individual(one: str) -> str:
    half = len(one) // 2
    if len(one) % 2 and one[half] == "_" and one[:half] == one[half + 1 :]:
        return one[:half]
    pair = _PAIR.fullmatch(one)
    return pair[2] if pair else one.removeprefix("0_")


def _all(one: str) -> str:
    return _zeros(_letters(one).casefold())


SPELLINGS: Mapping[IdMatching, Callable[[str], str]] = {
    "zeros": _zeros,
    "case": str.casefold,
    "punctuation": _letters,
    "family": _individual,
    "all": _all,
}
"""How an identifier is written for comparison, the narrowest first."""

WORDS: Mapping[IdMatching, str] = {
    "exact": "as they stand",
    "zeros": "without leading zeros and decimals of zero",
    "case": "without regard to upper and lower case",
    "punctuation": "without blanks and punctuation",
    "family": "without the family identifier before them",
    "all": "without blanks, punctuation, case and leading zeros",
}


@dataclass(frozen=True)
class Near:
    """People of one file who would be found in the others if identifiers were spelt alike."""

    part: Part
    spelling: IdMatching
    found: int
    more: int
    plain_numbers: bool

    @property
    def few(self) -> bool:
        """Whether most people of the file match only that way."""
        return 2 * self.found < len(self.part.ids) <= 2 * (self.found + self.more)

    @property
    def words(self) -> str:
        return WORDS[self.spelling]


@dataclass(frozen=True)
class Settled:
    """How identifiers are compared, and what is to be said and asked about it."""

    used: IdMatching
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()


def settle(parts: Sequence[Part], asked: IdMatching) -> Settled:
    """Decide how identifiers are compared.

    Left to itself, this compares them as they stand, with one exception that is always told:
    where most people of a file are found in no other, and would be without the leading zeros
    that spreadsheet programs drop from numbers, the zeros are passed over.

    Raises
    ------
    DataError
        If two people of one file would become one.
    """
    mine = [part for part in parts if part.ids]
    if asked not in ("auto", "exact"):
        refuse_merges(mine, asked)
        found = [_near(part, mine, asked) for part in mine]
        return Settled(asked, tuple(_as_chosen(near) for near in found if near is not None))
    near = nearest(mine)
    if near is None:
        return Settled("exact")
    if asked == "auto" and near.spelling == "zeros" and near.plain_numbers and near.few:
        refuse_merges(mine, "zeros")
        return Settled("zeros", (_dropped(near),), (_question(near, mine),))
    return Settled("exact", (), (_question(near, mine),) if asked == "auto" else ())


def nearest(parts: Sequence[Part]) -> Near | None:
    """The file and the narrowest spelling by which most more people would be found, or None."""
    every = [
        near
        for part in parts
        for spelling in SPELLINGS
        if (near := _near(part, parts, spelling)) is not None
    ]
    return max(every, key=lambda near: near.more, default=None)


def _near(part: Part, parts: Sequence[Part], spelling: IdMatching) -> Near | None:
    own = set(part.ids)
    others = {one for other in parts if other is not part for one in other.ids}
    alone = own - others
    if not alone or not others:
        return None
    spell = SPELLINGS[spelling]
    wanted = {spell(one) for one in others - own}
    more = [one for one in alone if spell(one) in wanted]
    if not more:
        return None
    plain = all(_DECIMALS.sub(r"\1", one).isdigit() for one in more)
    return Near(part, spelling, len(own) - len(alone), len(more), plain)


def refuse_merges(parts: Iterable[Part], spelling: IdMatching) -> None:
    """Refuse a way of comparing by which two people of one file become one.

    Raises
    ------
    DataError
        Names the file, the column and the lines.
    """
    spell = SPELLINGS[spelling]
    for part in parts:
        first: dict[str, int] = {}
        pairs: list[tuple[int, int]] = []
        for i, one in enumerate(part.ids):
            earlier = first.setdefault(spell(one), i)
            if earlier != i:
                pairs.append((earlier, i))
        if not pairs:
            continue
        where = ""
        if part.id_lines.size:
            where = f", {lines_text(int(part.id_lines[i]) for pair in pairs for i in pair)}"
        raise DataError(
            f"{count(len(pairs), 'identifier')} in column {part.id_column!r} of {part.file} would "
            f"become the same as another {WORDS[spelling]}{where}.",
            "Write the identifiers alike in all files, or have them compared as they stand.",
            code="merged_ids",
            file=part.file,
            column=part.id_column,
        )


def _merges(parts: Iterable[Part], spelling: IdMatching) -> bool:
    spell = SPELLINGS[spelling]
    return any(len({spell(one) for one in part.ids}) < len(set(part.ids)) for part in parts)


def _dropped(near: Near) -> Finding:
    message = (
        f"{people(near.more)} of {near.part.file} (column {near.part.id_column!r}) "
        f"{'is' if near.more == 1 else 'are'} found in the other files only {near.words}, as "
        "spreadsheet programs drop them; they are taken for the same people."
    )
    return Finding("ids_matched", "warning", message, near.part.file, near.part.id_column)


def _as_chosen(near: Near) -> Finding:
    message = (
        f"{people(near.more)} of {near.part.file} (column {near.part.id_column!r}) "
        f"{'is' if near.more == 1 else 'are'} found in the other files only {near.words}, as "
        "chosen."
    )
    return Finding("ids_matched", "info", message, near.part.file, near.part.id_column)


def _question(near: Near, parts: Sequence[Part]) -> Question:
    part = near.part
    useful: list[IdMatching] = []
    for spelling in SPELLINGS:
        found = _near(part, parts, spelling)
        # Beyond the narrowest spelling only those by which still more would match.
        more = 0 if found is None else found.more
        if more > (0 if not useful else near.more) and not _merges(parts, spelling):
            useful.append(spelling)
    text = (
        f"{near.found:,} of {people(len(part.ids))} of {part.file} (column {part.id_column!r}) "
        f"{'is' if near.found == 1 else 'are'} found in the other files as the identifiers stand, "
        f"and {near.more:,} more {near.words}. Are these the same people?"
    )
    proposed = near.spelling if near.spelling in useful else "exact"
    return Question("ids", part.file, part.id_column, text, ("exact", *useful), proposed)


def near_words(left: Sequence[Part], right: Sequence[Part]) -> str:
    """What separates identifiers that would match if spelt alike, or ''."""
    ours = {one for part in left for one in part.ids}
    theirs = {one for part in right for one in part.ids}
    for spelling, spell in SPELLINGS.items():
        if {spell(one) for one in ours - theirs} & {spell(one) for one in theirs - ours}:
            return WORDS[spelling]
    return ""


def columns_of(parts: Sequence[Part]) -> str:
    """The files with the column that names the person in each."""
    named = {part.file: part.id_column for part in parts}
    return listed([f"{file} (column {column!r})" for file, column in named.items()])
