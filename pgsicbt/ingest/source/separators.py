"""Which character separates the cells of a text table."""

from __future__ import annotations

import re

SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "spaces"}
_SAMPLE = 200
_QUOTED = re.compile(r'"[^"]*"')
_BLANKS = re.compile(r'"[^"]*"|[ \t]+')


def find_separator(text: str) -> str:
    """The separator of a table: one of :data:`SEPARATOR_NAMES`, or '' for a single column.

    The separator is the character whose count is the same in the header and in most of the
    first lines. A decimal comma does not mislead: it is absent from the header. Runs of spaces
    are taken only where no other separator fits.
    """
    head = _QUOTED.sub("q", text[: 2**18])
    lines = [line for line in head.split("\n") if line.strip()][:_SAMPLE]
    if len(text) > 2**18 and len(lines) > 1:
        lines = lines[:-1]
    best, best_fit = "", (0.0, 0)
    for separator in (",", ";", "\t", "|"):
        fit = _fit([line.count(separator) for line in lines])
        if fit > best_fit:
            best, best_fit = separator, fit
    if best_fit[0] < 0.8:
        fit = _fit([len(line.split()) - 1 for line in lines])
        if fit[0] > best_fit[0]:
            best = " "
    return best


def _fit(counts: list[int]) -> tuple[float, int]:
    """Share of lines that agree with the header, then the number of cells."""
    header = counts[0] if counts else 0
    if header == 0:
        return 0.0, 0
    body = counts[1:] or counts
    # R writes row names without a heading: then every line has one cell more.
    return sum(c in (header, header + 1) for c in body) / len(body), header


def spaces_to_tabs(text: str) -> str:
    """Runs of spaces become one tab each, except within quotation marks and at line ends."""
    text = re.sub(r"(?m)^[ \t]+|[ \t]+$", "", text)
    return _BLANKS.sub(lambda m: m[0] if m[0].startswith('"') else "\t", text)
