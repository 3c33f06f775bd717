"""What identifies people, where it hides, and what only looks like it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tests.corpus.messes.tools import (
    ALL_SCORES,
    Row,
    add,
    generator,
    long,
    outcome_mess,
    score_rows,
    text,
    wide,
    zipped,
)
from tests.corpus.truth import PEOPLE, Person, shuffled

# National numbers, made up but with the right check digits


def _luhn(digits: str) -> str:
    total = 0
    for i, d in enumerate(digits):
        n = int(d) * (2 if i % 2 == 0 else 1)
        total += n - 9 if n > 9 else n
    return str(-total % 10)


def _born(person: Person) -> date:
    rng = generator(f"born {person.number}")
    return date(2021 - person.age, rng.randint(1, 12), rng.randint(1, 28))


def _swedish(person: Person, *, long_form: bool = True, mark: str = "-", day: int = 0) -> str:
    born = _born(person)
    six = f"{born:%y%m}{born.day + day:02d}"
    serial = f"{(person.number * 7) % 1000:03d}"
    century = f"{born:%Y}"[:2] if long_form else ""
    return century + six + mark + serial + _luhn(six + serial)


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11


def _norwegian(person: Person) -> str:
    base = f"{_born(person):%d%m%y}"
    for serial in range(person.number % 500, 500):
        nine = base + f"{serial:03d}"
        first = (11 - _weighted(nine, (3, 7, 6, 1, 8, 9, 4, 5, 2))) % 11
        if first < 10:
            second = (11 - _weighted(nine + str(first), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
            if second < 10:
                return f"{nine}{first}{second}"
    return _norwegian(PEOPLE[0])


def _finnish(person: Person) -> str:
    base, serial = f"{_born(person):%d%m%y}", f"{person.number % 897 + 2:03d}"
    mark = "-" if _born(person).year < 2000 else "A"
    return base + mark + serial + "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(base + serial) % 31]


def _danish(person: Person) -> str:
    base = f"{_born(person):%d%m%y}"
    first = "4" if _born(person).year >= 2000 else "1"
    for serial in range(person.number % 900, 1000):
        nine = base + first + f"{serial:03d}"[1:]
        check = (11 - _weighted(nine, (4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
        if check < 10:
            return f"{base}-{nine[6:]}{check}"
    return f"{base}-1234"


def _nhs(person: Person) -> str:
    for tail in range(100):
        nine = f"94{person.number % 10000:04d}{tail:03d}"
        check = (11 - _weighted(nine, (10, 9, 8, 7, 6, 5, 4, 3, 2))) % 11
        if check < 10:
            return f"{nine[:3]} {nine[3:6]} {nine[6:]}{check}"
    raise ValueError(person.number)


def _ssn(person: Person) -> str:
    n = person.number
    return f"{n % 600 + 100:03d}-{n % 90 + 10:02d}-{n % 9000 + 1000:04d}"


def _dutch(person: Person) -> str:
    for tail in range(100):
        eight = f"{11 + person.number % 80:02d}{person.number % 10000:04d}{tail:02d}"
        check = sum(int(d) * w for d, w in zip(eight, (9, 8, 7, 6, 5, 4, 3, 2), strict=True)) % 11
        if check < 10:
            return eight + str(check)
    raise ValueError(person.number)


NATIONAL: dict[str, Callable[[Person], str]] = {
    "swedish_12": _swedish,
    "swedish_10": lambda p: _swedish(p, long_form=False),
    "swedish_digits": lambda p: _swedish(p, mark=""),
    "swedish_short_digits": lambda p: _swedish(p, long_form=False, mark=""),
    "swedish_coordination": lambda p: _swedish(p, day=60),
    "swedish_plus": lambda p: _swedish(p, long_form=False, mark="+"),
    "norwegian": _norwegian,
    "finnish": _finnish,
    "danish": _danish,
    "nhs": _nhs,
    "us_ssn": _ssn,
    "dutch_bsn": _dutch,
}


def _gate(name: str, about: str, file: str, rows: list[Row] | str | bytes, **rest: object) -> None:
    data = rows if isinstance(rows, (str, bytes)) else text(rows, ";")
    outcome_mess(name, about, {file: data}, **{"expect": "guarded", "owner": "GATE", **rest})


for _kind, _write in NATIONAL.items():
    _numbers = tuple(_write(p) for p in PEOPLE[:5])
    add(
        f"national_{_kind}_as_id",
        f"national numbers ({_kind}) as ids of both files",
        {"poang.csv": text(score_rows(ident=_write)), "utfall.csv": text(long(ident=_write))},
        expect="refused",
        words=("person_id",),
        secrets=_numbers,
        owner="GATE",
        scores=ALL_SCORES,
    )


def _beside(name: str, write: Callable[[Person], str], rows: list[Row] | None = None) -> list[Row]:
    by = {p.code: write(p) for p in PEOPLE}
    return [[*r, by[r[0]] if i else name] for i, r in enumerate(rows or long())]


def _where(
    name: str, about: str, file: str, column: str, write: Callable[[Person], str], **rest: object
) -> None:
    secrets = sorted({write(p) for p in PEOPLE if len(write(p)) > 5})[:6]
    _gate(
        name,
        about,
        file,
        _beside(column, write),
        words=(file, column),
        **{"secrets": tuple(secrets), **rest},
    )


NAMES = (
    "Anna Lindqvist",
    "Erik Johansson",
    "Maria Nyström",
    "Lars Hedlund",
    "Karin Åkesson",
    "Johan Sandberg",
    "Fatima Hassan",
    "Göran Ek",
)


def _name(p: Person) -> str:
    return NAMES[p.number % 8]


def _mail(p: Person) -> str:
    return f"{_name(p).split()[1].lower()}{p.number}@example.org".replace("ö", "o").replace(
        "å", "a"
    )


_where(
    "personnummer_column",
    "personal numbers in a column beside the study id",
    "pnr.csv",
    "pnr",
    _swedish,
)
_where(
    "personnummer_harmless_name",
    "personal numbers in a column called 'ref'",
    "ref.csv",
    "ref",
    lambda p: _swedish(p, long_form=False),
)
_where("names_column", "names of patients", "namn.csv", "Namn", _name)
_where(
    "first_names",
    "first names under a name that says nothing",
    "x.csv",
    "x",
    lambda p: _name(p).split()[0],
    secrets=(),
)
_where("email_column", "e-mail addresses", "epost.csv", "kontakt", _mail)
_where(
    "phone_column",
    "mobile numbers in Swedish form",
    "tel.csv",
    "mobil",
    lambda p: f"070-174 06 {p.number % 100:02d}",
    secrets=("070-174 06",),
)
_where(
    "phone_international",
    "mobile numbers with country codes",
    "tel2.csv",
    "q17",
    lambda p: f"+46 70 174 06 {p.number % 100:02d}",
    secrets=("+46 70 174",),
)
_where(
    "address_column",
    "streets and numbers",
    "adress.csv",
    "Adress",
    lambda p: f"Storgatan {p.number % 90 + 1}, 111 {p.number % 90 + 10} Stockholm",
)
_where(
    "ip_column",
    "IP addresses of a survey system",
    "ip.csv",
    "IPAddress",
    lambda p: f"83.{p.number % 250}.{p.number * 7 % 250}.{p.number * 3 % 250}",
)
_where("birth_date", "dates of birth", "fodd.csv", "birth_date", lambda p: _born(p).isoformat())
_where(
    "birth_date_swedish",
    "dates of birth as 19811218 in 'född'",
    "fodd2.csv",
    "född",
    lambda p: f"{_born(p):%Y%m%d}",
)
_where(
    "inclusion_date",
    "the exact day of inclusion",
    "inklusion.csv",
    "inclusion_date",
    lambda p: p.start.isoformat(),
)

REMARKS = (
    "Mår bättre, sover bra",
    "Ringde sin syster Anna i Umeå, oro inför ny tjänst",
    "Bytt arbete på sjukhuset i Lund",
    "Vill ha kontakt med sin gamla behandlare",
    "Ingen kommentar den här veckan",
)
_where(
    "free_text",
    "what patients wrote",
    "fritext.csv",
    "kommentar",
    lambda p: REMARKS[p.number % 5] + f" ({p.number})",
    secrets=("syster Anna", "sjukhuset i Lund"),
)


def _once(value: str) -> list[Row]:
    rows = _beside("note", lambda p: ("", "ok", "late")[p.number % 3])
    rows[123][-1] = value
    return rows


for _name_, _value in (
    ("email", "svara till karin.akesson@example.org"),
    ("phone", "ring 070-174 06 55"),
    ("personnummer", "gäller 811218-9876"),
    ("personnummer_plus", "gäller 121212+1212"),
):
    _gate(
        f"once_{_name_}",
        f"one cell among hundreds with a {_name_}",
        "note.csv",
        _once(_value),
        words=("note.csv", "note"),
        secrets=(_value.split(" ", 1)[1],),
    )
_gate(
    "email_in_header",
    "a column named after a person's address",
    "rubrik.csv",
    _beside("lars.hedlund@example.org", lambda p: str(p.number % 3)),
    words=("rubrik.csv",),
    secrets=("lars.hedlund@example.org",),
)
_gate(
    "personnummer_in_header",
    "people in columns, by personal number",
    "personer.csv",
    [
        ["week", *(_swedish(p) for p in PEOPLE[:12])],
        *([str(w), *(str(p.total("PHQ-9", w) or "") for p in PEOPLE[:12])] for w in (0, 1, 2, 3)),
    ],
    words=("personer.csv",),
    secrets=tuple(_swedish(p) for p in PEOPLE[:12]),
    expect="refused",
)
_PNR = _swedish(PEOPLE[3])
outcome_mess(
    "personnummer_in_file_name",
    "a personal number in the name of a file",
    {f"utfall {_PNR}.csv": text(long())},
    expect="guarded",
    words=("name",),
    secrets=(_PNR,),
    owner="GATE",
)
outcome_mess(
    "name_in_zip_member",
    "an e-mail address as name of a member of an archive",
    {"leverans.zip": zipped({"karin.akesson@example.org.csv": text(long())})},
    expect="guarded",
    words=("leverans.zip",),
    secrets=("karin.akesson@example.org",),
    owner="GATE",
)
_gate(
    "title_with_name",
    "a title row that names the person who made the list",
    "lista.csv",
    "Lista från anna.lindqvist@example.org;;\n" + text(long(), ";"),
    words=("lista.csv",),
    secrets=("anna.lindqvist@example.org",),
)
_gate(
    "footer_with_phone",
    "a note below the table with a phone number",
    "fot.csv",
    text(wide(), ";") + "Frågor? Ring 070-174 06 35;;;;;;;;;\n",
    words=("fot.csv",),
    secrets=("070-174 06 35",),
)
_gate(
    "names_in_scores_fid",
    "family names as FID",
    "fid.csv",
    [
        ["FID", "IID", "PGS_MDD"],
        *([_name(p).split()[1], p.code, f"{p.scores['PGS_MDD']:.4f}"] for p in shuffled(80)),
    ],
    words=("fid.csv",),
    secrets=("Lindqvist", "Åkesson"),
    beside=("outcomes.csv",),
    scores={"PGS_MDD": "PGS_MDD"},
)
