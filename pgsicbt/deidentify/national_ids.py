"""National identity numbers in columns and texts, told from numbers that look like them.

A number of random digits passes some country's check by chance: at 10 % for a check digit alone,
at 1 % or less where it holds a date as well. A column of digits is therefore taken for identity
numbers only where far more of its entries pass than chance would let through. Numbers written
with their punctuation, or within text, are rare by chance and one is enough.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from scipy.stats import binom

from pgsicbt.deidentify.cells import bare_digits
from pgsicbt.deidentify.countries import ANY_FORM, NATIONAL_IDS, NationalId
from pgsicbt.deidentify.found import Found

BY_DATE = 0.5
"""Share of a column of digits that must pass a check of date and check digits."""
BY_CHECK = 0.8
"""Share that must pass where the check has no date in it."""
BY_FORM = 0.3
"""Share of the entries of one form within text that must pass its check; where the form fills
three cells or more, so that they may be sample numbers, :data:`BY_DATE` of them."""
CHANCE = 1e-6
"""Probability below which a column of digits does not pass by chance."""
_FEW = 0.11
"""The same for written forms, of which one is enough."""
_FEW_CELLS = 2e-3
"""The same where the form fills cells."""
_WORDED = 0.011
"""The same for plain digits among words."""
_HEAD = 400
_YEARS_APART = 12
_CALLED = re.compile(
    r"(?:person(?:al)?[-_ ]?(?:nummer|number|code|id)|\bpnr\b|\bssn\b|social[-_ ]security|\bcpr\b|"
    r"f(?:ø|o|oe)dselsn|\bfnr\b|henkil(?:ö|o)tunn|\bhetu\b|\bnhs\b|\bnino\b|\bbsn\b|\bpesel\b|"
    r"national[-_ ]?(?:id|insurance)|\bpassport|\breisepass|\bcpf\b|\bdni\b|\bcurp\b|kennital|"
    r"samordningsn|steuer-?id|versichert(?:en)?-?n|insurance[-_ ]?n(?:umber|o|r)|\bmedicare\b)"
    r"\D{0,15}(?=\d)([\d][\d ./+-]{5,16}[\dA-Z])",
    re.IGNORECASE,
)
_CALLS = (
    "person", "pnr", "ssn", "social", "cpr", "delsn", "fnr", "henkil", "hetu", "nhs", "nino", "bsn",
    "pesel", "national", "passport", "reisepass", "cpf", "dni", "curp", "kennital", "samordningsn",
    "steuer", "versichert", "insurance", "medicare",
)  # fmt: skip
"""One of these is in every text that :data:`_CALLED` finds; looking for them first is quicker."""
_LONG_NUMBER = re.compile(r"\d{9}|\d[.,]\d{8,}[eE]", re.ASCII)
_IN_WORDS = re.compile(r"(?<![\w.,:+/-])\d{9,13}(?![\w]|[.,:/-]\d)", re.ASCII)


def find_in_cells(entries: Sequence[str]) -> Found | None:
    """Identity numbers that fill the cells of a column as plain digits.

    Parameters
    ----------
    entries
        The different cells of a column.
    """
    if not _LONG_NUMBER.search("\n".join(entries)):
        return None
    by_length: dict[int, tuple[list[int], list[str]]] = {}
    for i, entry in enumerate(entries):
        length = len(entry)
        if length < 9:
            continue
        digits = entry if entry.isdigit() and entry.isascii() else bare_digits(entry)
        if 9 <= len(digits) <= 15:
            positions, numbers = by_length.setdefault(len(digits), ([], []))
            positions.append(i)
            numbers.append(digits)
    for positions, numbers in by_length.values():
        for one in NATIONAL_IDS:
            if one.digits is None or not any(map(one.digits.fullmatch, numbers[:5])):
                continue
            hits = _enough(one, numbers)
            if hits:
                return Found(one.name, tuple(positions[i] for i in hits), weak=True)
    return None


def _enough(one: NationalId, numbers: Sequence[str]) -> list[int]:
    """Positions of numbers that pass, if chance cannot explain how many do."""
    share = BY_CHECK if one.year is None else BY_DATE
    # A first look at some of them spares the check of a hundred thousand barcodes.
    head = numbers[:: max(1, len(numbers) // _HEAD)][:_HEAD]
    passed, left = 0, 0.5 * share * len(head)
    for looked, number in enumerate(head, start=1):
        passed += one.valid(number)
        if passed + len(head) - looked < left:
            return []
    hits = [i for i, number in enumerate(numbers) if one.valid(number)]
    return hits if _beyond_chance(one, [numbers[i] for i in hits], len(numbers), share) else []


def _beyond_chance(one: NationalId, passed: Sequence[str], of: int, share: float) -> bool:
    """Whether the numbers that passed are more than numbers of another kind would give.

    Sample numbers may begin with the date on which they were taken, so that only the check digit
    is left to chance. Where the years lie as far apart as those of births do, the date counts.
    """
    if len(passed) < max(1.0, share * of):
        return False
    if binom.sf(len(passed) - 1, of, one.check) < CHANCE:
        return True
    if one.year is None or binom.sf(len(passed) - 1, of, one.chance) >= CHANCE:
        return False
    years = [(int(number[one.year]) - 30) % 100 for number in passed]
    return max(years) - min(years) >= _YEARS_APART


def find_in_text(entries: Sequence[str]) -> list[Found]:
    """Identity numbers in their written form, alone in a cell or within text.

    Parameters
    ----------
    entries
        The different cells of a column, or texts of a file.
    """
    joined = "\n".join(entries)
    found: list[Found] = []
    if ANY_FORM.search(joined):
        formed = [i for i, entry in enumerate(entries) if ANY_FORM.search(entry)]
        for one in NATIONAL_IDS:
            if one.written is not None:
                hits = _written(one, one.written, entries, formed)
                found += [Found(one.name, tuple(hits), weak=not one.strong)] if hits else []
    lower = joined.casefold()
    if any(call in lower for call in _CALLS) and _called(joined):
        called = tuple(i for i, entry in enumerate(entries) if _called(entry))
        found.append(Found("identity numbers", called))
    return [*found, *_among_words(joined, entries)]


def _called(text: str) -> bool:
    """Whether a number is named as an identity number; random ones are not held to a check."""
    return any(len(re.sub(r"\D", "", m)) >= 7 for m in _CALLED.findall(text))


def _written(
    one: NationalId, form: re.Pattern[str], entries: Sequence[str], formed: Sequence[int]
) -> list[int]:
    """Entries with a number in its written form, if they are no sample numbers."""
    of = [i for i in formed if form.search(entries[i])]

    def valid(i: int) -> bool:
        return any(map(one.valid, form.findall(entries[i])))

    head = of[:: max(1, len(of) // _HEAD)][:_HEAD]
    if len(of) > _HEAD and sum(map(valid, head)) < 0.5 * BY_FORM * len(head):
        return []
    hits = [i for i in of if valid(i)]
    filling = sum(form.fullmatch(entries[i]) is not None for i in of)
    return hits if hits and _enough_written(one, len(hits), len(of), filling) else []


def _enough_written(one: NationalId, hits: int, of: int, filling: int) -> bool:
    """Whether ``hits`` of ``of`` numbers are enough; ``filling`` of them fill their cell."""
    if not one.strong:
        return hits >= BY_CHECK * of and bool(binom.sf(hits - 1, of, one.chance) < CHANCE)
    if filling >= 3:
        # They may be sample numbers that begin with a true date; the check digit is by chance.
        chance = binom.sf(hits - 1, of, max(one.check, 0.1))
        return hits >= BY_DATE * of and bool(chance < _FEW_CELLS)
    return hits >= BY_FORM * of and bool(binom.sf(hits - 1, of, one.chance) < _FEW)


def _among_words(joined: str, entries: Sequence[str]) -> list[Found]:
    """Plain digits within sentences that hold a date of birth and pass the check."""
    if not _IN_WORDS.search(joined):
        return []
    texts = [i for i, entry in enumerate(entries) if len(entry) >= 14 and " " in entry]
    numbers = {i: _IN_WORDS.findall(entries[i]) for i in texts}
    numbers = {i: n for i, n in numbers.items() if n and sum(map(str.isalpha, entries[i])) >= 4}
    if not numbers:
        return []
    found = []
    for one in NATIONAL_IDS:
        if one.year is None or one.digits is None:
            continue
        of = [(i, n) for i, every in numbers.items() for n in every if one.digits.fullmatch(n)]
        # Stamps of date and time begin like numbers of people born since 2013.
        hits = [i for i, n in of if not 13 <= int(n[one.year]) <= 30 and one.valid(n)]
        if not hits or len(hits) < BY_FORM * len(of):
            continue
        if binom.sf(len(hits) - 1, len(of), one.chance) < _WORDED:
            found.append(Found(one.name, tuple(sorted(set(hits)))))
    return found
