"""The same study in hundreds of shapes: layout, names, marks, encoding and container at random.

Nothing is stored: a variant is made in memory from its number. Each must give the same tidy study,
or an error, or a question; never another study without a word. ``python -m tests.corpus.variants``
prints those that do not.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pandas as pd

from pgsicbt.ingest import Upload
from tests.corpus.holding import DEFAULTS, Expected, Outcome, difference, read
from tests.corpus.messes.programs import dta, frame, sav
from tests.corpus.messes.tools import Row, bz, gz, text, xz, zipped, zst
from tests.corpus.messes.workbooks import book
from tests.corpus.truth import ITEMS, OUTCOMES, SCORES, WEEKLY, WEEKS, Person, shuffled

IDS = ("id", "ID", "person_id", "Participant ID", "pseudonym", "subject_id", "StudyID", "IID")
WEEK_NAMES = ("week", "Week", "weeks", "vecka", "Vecka", "Woche", "week_nr", "time_week")
SPELLINGS: dict[str, Sequence[str]] = {
    "PHQ-9": ("PHQ-9", "phq9", "PHQ9", "phq_9", "PHQ9_total", "Phq-9 total"),
    "GAD-7": ("GAD-7", "gad7", "GAD7", "gad_7", "GAD7_total", "Gad-7 total"),
    "MADRS-S": ("MADRS-S", "madrs_s", "MADRSS", "madrs-s", "MADRS_S_total", "Madrs-S total"),
}
MISSING = ("", "", "", "NA", ".", "NaN", "n/a", "missing")
PAIRS: dict[str, Callable[[str, int], str]] = {
    "week": lambda o, w: f"{o}_week{w}",
    "w": lambda o, w: f"{o}_w{w}",
    "w0": lambda o, w: f"{o}_w{w:02d}",
    "blank": lambda o, w: f"{o} week {w}",
    "dot": lambda o, w: f"{o}.week{w}",
    "first": lambda o, w: f"w{w}_{o}",
    "vecka": lambda o, w: f"{o} vecka {w}",
    "sum": lambda o, w: f"week{w}_{o}",
}
CODES: tuple[Callable[[Person], str], ...] = (
    lambda p: p.code,
    lambda p: p.padded,
    lambda p: f"STO-{p.number:04d}",
    lambda p: f"site1_{p.number}",
    lambda p: str(p.number),
)


@dataclass
class Variant:
    """What was drawn for one number, and the files that came of it."""

    seed: int
    drawn: dict[str, object] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)
    case: Expected = field(default_factory=dict)
    trap: str = ""


def variant(seed: int) -> Variant:
    """Draw one shape of the study."""
    rng = random.Random(f"variant {seed}")
    made = Variant(seed)

    def draw(what: str, among: Sequence[Any]) -> Any:
        chosen = rng.choice(among)
        made.drawn[what] = getattr(chosen, "__name__", chosen)
        return chosen

    code = draw("ids", CODES)
    made.drawn["ids"] = CODES.index(code)
    weeks = draw("weeks", (WEEKS, WEEKLY, (0, 2, 4, 8), (0, 8, 34)))
    layout = draw("layout", ("long", "long", "wide", "wide", "scales", "together", "items"))
    outcomes = rng.sample(OUTCOMES, 1 if layout == "items" else rng.randint(1, 3))
    made.case = {**DEFAULTS, "outcomes": list(outcomes), "weeks": list(weeks)}
    made.case["scores"] = {s: s for s in SCORES}
    table = _outcomes(rng, layout, outcomes, weeks, code, draw)
    if layout == "together":
        made.files = [_file("all", _order(rng, _join(table, _scores(code))), rng, draw)]
    else:
        if rng.random() < 0.3:
            made.trap = draw("trap", tuple(TRAPS))
            table = TRAPS[made.trap](table, rng)
        table, made.case["extra"] = _noisy(rng, table, draw)
        made.files = [_file("outcomes", _order(rng, table), rng, draw)]
        made.files.append(_score_file(rng, code, draw, made.case))
    if rng.random() < 0.4:
        rows = _background(code)
        made.case["covariates"] = rows[0][1:]
        made.files.append(_file("background", _order(rng, rows), rng, draw))
    rng.shuffle(made.files)
    return made


def _outcomes(
    rng: random.Random,
    layout: str,
    outcomes: Sequence[str],
    weeks: Sequence[int],
    code: Callable[[Person], str],
    draw: Callable[[str, Sequence[Any]], Any],
) -> list[Row]:
    names = {o: rng.choice(SPELLINGS[o]) for o in outcomes}
    if layout == "items":
        return _items(rng, outcomes[0], weeks, code)
    ident, missing, people = draw("id", IDS), draw("missing", MISSING), shuffled(rng.randrange(999))

    def total(person: Person, outcome: str, week: int) -> str:
        value = person.total(outcome, week)
        return missing if value is None else str(value)

    if layout in ("wide", "together"):
        pair = PAIRS[draw("pair", tuple(PAIRS))]
        cells = [(o, w) for o in outcomes for w in weeks]
        rows = [[ident, *(pair(names[o], w) for o, w in cells)]]
        return rows + [[code(p), *(total(p, o, w) for o, w in cells)] for p in people]
    week, label = draw("week", WEEK_NAMES), draw("label", ("{}", "{}", "week {}", "w{}", "{}.0"))
    if layout == "scales":
        rows = [[ident, week, rng.choice(("instrument", "scale", "measure")), "value"]]
        for p in people:
            for o in outcomes:
                rows += [
                    [code(p), label.format(w), names[o], total(p, o, w)]
                    for w in weeks
                    if p.total(o, w) is not None
                ]
        return rows
    rows = [[ident, week, *(names[o] for o in outcomes)]]
    for p in people:
        for w in weeks:
            if any(p.total(o, w) is not None for o in outcomes):
                rows.append([code(p), label.format(w), *(total(p, o, w) for o in outcomes)])
    if draw("rows", ("by person", "shuffled")) == "shuffled":
        body = rows[1:]
        rng.shuffle(body)
        rows[1:] = body
    return rows


def _items(
    rng: random.Random, outcome: str, weeks: Sequence[int], code: Callable[[Person], str]
) -> list[Row]:
    """Answers in place of totals, one row per week."""
    count, name = ITEMS[outcome][0], outcome.lower().replace("-", "")
    between = rng.choice(("_", "_q", "_item", "."))
    rows = [["id", "week", *(f"{name}{between}{i + 1}" for i in range(count))]]
    for p in shuffled(rng.randrange(999)):
        for w in weeks:
            if (answers := p.answers.get((outcome, w))) is not None:
                rows.append([code(p), str(w), *map(str, answers)])
    return rows


NOISE: dict[str, Callable[[int, str], str]] = {
    "nr": lambda i, _: str(i),
    "icd10": lambda _, one: ("F32.1", "F40.1", "F41.0")[len(one) % 3],
    "form_version": lambda _, one: "v2.1" if one else "",
    "complete": lambda *_: "2",
    "site": lambda _, one: ("STO-01", "GBG-02")[sum(map(ord, one)) % 2],
}


def _noisy(
    rng: random.Random, rows: list[Row], draw: Callable[[str, Sequence[Any]], Any]
) -> tuple[list[Row], bool]:
    """A column of no interest, blanks after ids, or rows entered twice, in some variants."""
    noise = draw("noise", ("", "", "", *NOISE, "blanks", "twice"))
    if noise in NOISE:
        extra = [[*row, noise if i == 0 else NOISE[noise](i, row[0])] for i, row in enumerate(rows)]
        return extra, True
    if noise == "blanks":
        return [rows[0], *([row[0] + "  ", *row[1:]] for row in rows[1:])], False
    if noise == "twice":
        return [*rows, *rng.sample(rows[1:], 3)], False
    return rows, False


# Traps: the study cannot be right without a word, and must not be wrong without one


def _few(
    rows: list[Row], rng: random.Random, change: Callable[[str], str], *, column: int
) -> list[Row]:
    """Cells of one column, in every ninth row, changed."""
    first = rng.randrange(1, 9)
    return [
        [change(c) if j == column % len(row) else c for j, c in enumerate(row)]
        if i % 9 == first
        else row
        for i, row in enumerate(rows)
    ]


TRAPS: dict[str, Callable[[list[Row], random.Random], list[Row]]] = {
    "-9": lambda rows, rng: _few(rows, rng, lambda _: "-9", column=-1),
    "99": lambda rows, rng: _few(rows, rng, lambda _: "99", column=-1),
    "999": lambda rows, rng: _few(rows, rng, lambda _: "999", column=-1),
    "words": lambda rows, rng: _few(rows, rng, lambda _: "patient ill", column=-1),
    "date": lambda rows, rng: _few(rows, rng, lambda _: "02-mar", column=-1),
    "case": lambda rows, rng: _few(rows, rng, lambda c: c.swapcase() + "x", column=0),
    "no id": lambda rows, rng: _few(rows, rng, lambda _: "", column=0),
    "other": lambda rows, rng: _few(rows, rng, lambda c: f"{c}b", column=0),
    "conflict": lambda rows, rng: [*rows, *_few(rows[9:19], rng, lambda _: "3", column=-1)],
    "no header": lambda rows, _: rows[1:],
}


def _scores(code: Callable[[Person], str]) -> list[Row]:
    rows = [["person_id", *SCORES]]
    return rows + [[code(p), *(f"{p.scores[s]:.4f}" for s in SCORES)] for p in shuffled(1)]


def _background(code: Callable[[Person], str]) -> list[Row]:
    rows = [["person_id", "age", "sex", "diagnosis"]]
    return rows + [[code(p), str(p.age), p.sex, p.diagnosis] for p in shuffled(2)]


def _join(left: list[Row], right: list[Row]) -> list[Row]:
    beside = {row[0]: row[1:] for row in right}
    return [row + (beside[row[0]] if i else right[0][1:]) for i, row in enumerate(left)]


def _order(rng: random.Random, rows: list[Row]) -> list[Row]:
    """Columns in another order in half of the variants."""
    order = list(range(len(rows[0])))
    if rng.random() < 0.5:
        rng.shuffle(order)
    return [[row[i] for i in order] for row in rows]


def _score_file(
    rng: random.Random,
    code: Callable[[Person], str],
    draw: Callable[[str, Sequence[Any]], Any],
    case: Expected,
) -> Upload:
    kind = draw("scores", ("table", "table", "sscore", "pgsc_calc", "long"))
    people = shuffled(rng.randrange(999))
    if kind == "table":
        return _file("scores", _order(rng, _scores(code)), rng, draw)
    case["scale"], case["within"] = "any", 2e-3
    if kind == "sscore":
        rows = [["#FID", "IID", "ALLELE_CT", *(f"{s}_AVG" for s in SCORES)]]
        rows += [
            ["0", code(p), "9000", *(f"{p.scores[s] * 1e-4:.6e}" for s in SCORES)] for p in people
        ]
    else:
        head = ["sampleset", "IID", "PGS", "SUM", "Z_norm1", "Z_norm2"]
        if kind == "long":
            head = ["sampleset", "IID", "DENOM", "PGS", "SUM", "AVG"]
        rows = [head]
        for s in SCORES:
            for p in people:
                z = p.scores[s]
                cells = [f"{z / 50:.7f}", f"{z:.5f}", f"{z:.5f}"]
                if kind == "long":
                    cells = [f"{z / 50:.7f}", f"{z / 5e6:.6e}"]
                    rows.append(["icbt", code(p), "100000", s, *cells])
                else:
                    rows.append(["icbt", code(p), s, *cells])
    return Upload("pgs.txt", text(rows, "\t").encode())


# From rows to bytes


def _file(
    name: str,
    rows: list[Row],
    rng: random.Random,
    draw: Callable[[str, Sequence[Any]], Any],
) -> Upload:
    kinds = ("text", "text", "text", "text", "xlsx", "sav", "dta", "parquet")
    kind = draw(f"{name} as", kinds)
    if kind in ("sav", "dta") and not all(_plain(c) for c in rows[0]):
        kind = "text"
    if len(set(rows[0])) < len(rows[0]):
        kind = "text"
    if kind == "xlsx":
        return Upload(f"{name}.xlsx", book(_emptied(rows), top=rng.choice((1, 1, 3))))
    if kind != "text":
        table = frame(_emptied(rows))
        write: dict[str, Callable[[pd.DataFrame], bytes]] = {
            "sav": sav,
            "dta": dta,
            "parquet": _parquet,
        }
        return Upload(f"{name}.{kind}", write[kind](table))
    return _packed(
        f"{name}.csv", _text(rows, rng, lambda what, among: draw(f"{name} {what}", among)), rng
    )


def _plain(name: str) -> bool:
    return name.isidentifier() and name.isascii() and len(name) <= 32


def _emptied(rows: list[Row]) -> list[Row]:
    return [["" if cell in MISSING else cell for cell in row] for row in rows]


def _parquet(table: pd.DataFrame) -> bytes:
    buffer = BytesIO()
    table.to_parquet(buffer)
    return buffer.getvalue()


def _text(rows: list[Row], rng: random.Random, draw: Callable[[str, Sequence[Any]], Any]) -> bytes:
    sep = draw("separator", (",", ";", "\t", "|"))
    comma = sep != "," and draw("decimal", (".", ",")) == ","
    if comma:
        rows = [rows[0]] + [[c.replace(".", ",") if _number(c) else c for c in r] for r in rows[1:]]
    around = draw(
        "around", ("", "", "", "title", "index", "trailing", "blank lines", "note", "sep")
    )
    if around == "index":
        rows = [["" if i == 0 else str(i), *row] for i, row in enumerate(rows)]
    elif around == "trailing":
        rows = [[*row, ""] for row in rows]
    made = text(rows, sep, draw("end", ("\n", "\r\n")), draw("quote", ("", "", "all")))
    end = "\r\n" if "\r\n" in made else "\n"
    if around == "title":
        made = f"Export 3{end}{end}" + made
    elif around == "blank lines":
        made = made + end * 3
    elif around == "note":
        made = made + end + "Note: totals are sums of all questions" + end
    elif around == "sep" and sep != "\t":
        made = f"sep={sep}{end}" + made
    encoding = draw("encoding", ("utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-be"))
    return (b"\xfe\xff" if encoding == "utf-16-be" else b"") + made.encode(encoding)


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell not in MISSING


def _packed(name: str, data: bytes, rng: random.Random) -> Upload:
    packing = rng.choice(("", "", "", ".gz", ".bz2", ".xz", ".zst", ".zip"))
    pack: dict[str, Callable[[bytes], bytes]] = {
        "": lambda d: d, ".gz": gz, ".bz2": bz, ".xz": xz, ".zst": zst,
        ".zip": lambda d: zipped({f"export/{name}": d}),
    }  # fmt: skip
    return Upload(name + packing, pack[packing](data))


def judged(seed: int) -> tuple[str, str, Variant]:
    """``right``, ``said`` or ``silent``, what is different, and the variant."""
    made = variant(seed)
    outcome: Outcome = read(made.files)
    if outcome.study is None:
        return "said", str(outcome.error), made
    different = difference(made.case, outcome.study)
    if not different and seed % 4 == 0:
        return _again(made, outcome)
    if not different:
        return "right", "", made
    return ("said" if outcome.says([""]) else "silent"), different, made


def _again(made: Variant, outcome: Outcome) -> tuple[str, str, Variant]:
    """Read once more with the recipe that would be saved, under other names of files."""
    renamed = [Upload(f"next_{one.name}", one.data) for one in made.files]
    again = read(renamed, outcome.recipe)
    if again.study is None:
        return "silent", f"refused with its own recipe: {again.error}", made
    different = difference(made.case, again.study)
    return (
        ("silent", f"with its own recipe: {different}", made) if different else ("right", "", made)
    )


if __name__ == "__main__":
    counts: dict[str, int] = {}
    for number in range(int(sys.argv[1]), int(sys.argv[2])):
        verdict, why, one = judged(number)
        counts[verdict] = counts.get(verdict, 0) + 1
        if verdict != "right":
            print(
                number,
                verdict,
                one.trap,
                why[:220],
                one.drawn,
                [f.name for f in one.files],
                sep=" | ",
            )
    print(counts)
