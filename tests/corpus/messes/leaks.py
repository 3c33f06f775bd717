"""Sentences about broken files, which must not repeat what stands in them."""

from __future__ import annotations

from tests.corpus.messes.identifying import NAMES, _gate, _name, _swedish
from tests.corpus.messes.tools import Row, long, text, wide
from tests.corpus.truth import PEOPLE, shuffled


def _ragged(address: str) -> str:
    """A line with an address and cells too many."""
    lines = text(long()).splitlines()
    lines[60] += f",{address},ok"
    return "\n".join(lines) + "\n"


def _typed(words: str, column: int = 2) -> list[Row]:
    """Words in one cell."""
    rows = long()
    rows[88][column] = words
    return rows


def _leak(name: str, about: str, file: str, rows: list[Row] | str, **rest: object) -> None:
    _gate(name, about, file, rows, **{"expect": "refused", "words": (file,), **rest})


_leak(
    "no_header_personnummer_twice",
    "no header, and the personal number in two columns, as FID and IID",
    "utan_rubrik.txt",
    text([[_swedish(p), _swedish(p), f"{p.scores['PGS_MDD']:.4f}"] for p in PEOPLE], " "),
    secrets=tuple(_swedish(p) for p in PEOPLE[:3]),
)
_leak(
    "no_header_names",
    "no header: names of patients in the first line",
    "lista.txt",
    text([[_name(p), p.code, str(p.number % 27)] for p in PEOPLE], ";"),
    secrets=NAMES,
)
_leak(
    "ragged_row_with_email",
    "an address and a remark behind the last cell of a line",
    "ragged_mail.csv",
    _ragged("karin.akesson@example.org"),
    words=("ragged_mail.csv", "61"),
    secrets=("karin.akesson@example.org",),
)
_leak(
    "text_in_total_is_a_name",
    "a name typed into a column of totals: the sentence must not repeat it",
    "namn_i_summa.csv",
    _typed("Lars Hedlund 070-174 06 35"),
    words=("namn_i_summa.csv", "89"),
    secrets=("Hedlund", "070-174 06 35"),
)
_leak(
    "name_in_column_of_weeks",
    "a name typed into a column of visits: shared by one person, so not shown",
    "namn_i_vecka.csv",
    _typed("samtal med Lars Hedlund", 1),
    words=("namn_i_vecka.csv", "89"),
    secrets=("Hedlund",),
)
_leak(
    "visits_are_dates_of_people",
    "visits called by their exact dates: none of them may be shown",
    "datum_som_besok.csv",
    long(
        visit=lambda p, w: f"samtal {p.date(w).isoformat()}",
        header=("id", "visit", "PHQ-9"),
    ),
    words=("datum_som_besok.csv", "visit"),
    secrets=tuple(p.date(0).isoformat() for p in PEOPLE[:20]),
)
_leak(
    "people_as_names_of_columns",
    "wide the wrong way: a column per person, called by the personal number, and totals",
    "kolumner.csv",
    [
        ["vecka", *(_swedish(p) for p in PEOPLE)],
        *([str(w), *(str(p.total("PHQ-9", w) or "") for p in PEOPLE)] for w in (0, 1, 2, 8)),
    ],
    secrets=tuple(_swedish(p) for p in PEOPLE),
)
_leak(
    "duplicate_person_named_in_sentence",
    "one personal number on two rows with different scores: the line may be named, not the person",
    "tva_rader.csv",
    [
        [(_swedish(p) if i else "pnr") if j == 0 else c for j, c in enumerate(r)]
        for i, (p, r) in enumerate(
            zip([PEOPLE[0], *shuffled(4), PEOPLE[5]], [*wide(), wide()[1]], strict=True)
        )
    ],
    secrets=tuple(_swedish(p) for p in PEOPLE),
)
