"""Which character separates the cells of a text table."""

from __future__ import annotations

import re
from collections import Counter

from pgsicbt.ingest.source.header_row import MOST_ABOVE

SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "spaces"}
_SAMPLE = 200
_QUOTED = re.compile(r'"[^"]*"')
_BLANKS = re.compile(r'"[^"]*"|[ \t]+')


def find_separator(text: str) -> tuple[str, int]:
    """The separator of a table, and how many lines of titles stand above its header.

    The separator is the character whose count is the same in the header and in most of the
    first lines. A decimal comma does not mislead: it is absent from the header. Runs of spaces
    are taken only where no other separator fits. Lines that hold fewer separators than nearly all
    lines below them are titles.

    Returns
    -------
    tuple
        One of :data:`SEPARATOR_NAMES`, or '' for a single column; lines to pass over.
    """
    head = _QUOTED.sub("q", text[: 2**18])
    lines = head.split("\n")[: _SAMPLE + MOST_ABOVE]
    if len(text) > 2**18 and len(lines) > 1:
        lines = lines[:-1]
    best, best_skip, best_fit = "", 0, (False, 0, 0.0, 0)
    for separator in (",", ";", "\t", "|"):
        skip, share, cells = _fit([line.count(separator) for line in lines], lines)
        fit = (share >= 0.8, -skip, share, cells)
        if cells and fit > best_fit:
            best, best_skip, best_fit = separator, skip, fit
    if not best_fit[0]:
        skip, share, cells = _fit([len(line.split()) - 1 for line in lines], lines)
        if cells and share > best_fit[2]:
            best, best_skip = " ", 0 if share < 0.8 else skip
        elif best_fit[2] < 0.8:
            best_skip = 0
    return best, best_skip


def _fit(counts: list[int], lines: list[str]) -> tuple[int, float, int]:
    """Lines above the header, share of lines below that agree with it, number of separators."""
    used = [(i, n) for i, (n, line) in enumerate(zip(counts, lines, strict=True)) if line.strip()]
    if not used:
        return 0, 0.0, 0
    usual, lines_alike = Counter(n for _, n in used[1:] or used).most_common(1)[0]
    # R writes row names without a heading: then every line has one cell more than the header.
    above = [i for i, n in used if n in (usual, usual - 1) and n > 0]
    start = above[0] if above and above[0] <= MOST_ABOVE else used[0][0]
    if start and (lines_alike < 2 or any(n > usual for i, n in used if i < start)):
        start = used[0][0]
    header = counts[start]
    body = [n for i, n in used if i > start] or [header]
    if header == 0:
        return start, 0.0, 0
    return start, sum(n in (header, header + 1) for n in body) / len(body), header


def spaces_to_tabs(text: str) -> str:
    """Runs of spaces become one tab each, except within quotation marks and at line ends."""
    # Only the first blank of a run is tried, so that long runs cost no more than others.
    text = re.sub(r"(?m)^[ \t]+|(?<![ \t])[ \t]+$", "", text)
    return _BLANKS.sub(lambda m: m[0] if m[0].startswith('"') else "\t", text)
