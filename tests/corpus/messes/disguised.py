"""What identifies people in other clothes: other marks, other containers, other languages."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from tests.corpus.messes.frames import parquet
from tests.corpus.messes.identifying import (
    NAMES,
    _beside,
    _born,
    _danish,
    _gate,
    _name,
    _nhs,
    _swedish,
)
from tests.corpus.messes.programs import frame, sav
from tests.corpus.messes.tools import long, text
from tests.corpus.messes.workbooks import book
from tests.corpus.truth import PEOPLE, Person


def _digits(person: Person) -> str:
    return _swedish(person, mark="")


def _where(
    name: str, about: str, column: str, write: Callable[[Person], str], **rest: object
) -> None:
    file = f"{name}.csv"
    secrets = sorted({write(p) for p in PEOPLE if len(write(p)) > 6})[:6]
    _gate(
        f"disguised_{name}",
        about,
        file,
        text(_beside(column, write), ";"),
        **{"words": (file, column), "secrets": tuple(secrets), **rest},
    )


_where(
    "pnr_blank",
    "personal numbers with a blank: 19811218 9876",
    "kod2",
    lambda p: _swedish(p, mark=" "),
)
_where("pnr_en_dash", "personal numbers with an en dash", "kod2", lambda p: _swedish(p, mark="–"))
_where(
    "pnr_letters_before",
    "personal numbers behind letters: P198112189876",
    "kod2",
    lambda p: "P" + _digits(p),
)
_where(
    "pnr_in_sentence",
    "personal numbers within a short text",
    "anteckning",
    lambda p: f"pat {_swedish(p)} ok",
)
_where(
    "cpr_no_hyphen", "Danish numbers without hyphen", "cpr", lambda p: _danish(p).replace("-", "")
)
_where(
    "nhs_no_blank", "NHS numbers without blanks", "nhs_number", lambda p: _nhs(p).replace(" ", "")
)
_where(
    "names_last_first",
    "'LINDQVIST, ANNA'",
    "v3",
    lambda p: ", ".join(reversed(_name(p).upper().split())),
)
_where("names_small_letters", "names in small letters", "v3", lambda p: _name(p).lower())
_where(
    "initials_and_birth",
    "initials with the day of birth: AL811218",
    "v3",
    lambda p: "".join(w[0] for w in _name(p).split()) + f"{_born(p):%y%m%d}",
)
_where(
    "email_at",
    "addresses as 'anna (at) example.org'",
    "v3",
    lambda p: f"{_name(p).split()[0].lower()}{p.number} (at) example.org",
)
_where(
    "phone_00",
    "numbers as 0046 70 174 06 35",
    "v3",
    lambda p: f"0046 70 174 06 {p.number % 90 + 10}",
)
_where(
    "phone_brackets",
    "numbers as (070) 174 06 35",
    "v3",
    lambda p: f"(070) 174 06 {p.number % 90 + 10}",
)
_where(
    "phone_german",
    "German mobile numbers",
    "telefon",
    lambda p: f"0151 23456{p.number % 900 + 100}",
)
_where("phone_us", "(212) 555-0142", "v3", lambda p: f"(212) 555-01{p.number % 90 + 10}")
_where(
    "address_german",
    "German addresses",
    "v3",
    lambda p: f"Hauptstraße {p.number % 90 + 1}, 10115 Berlin",
)
_where(
    "address_british",
    "British addresses with postcode",
    "v3",
    lambda p: f"{p.number % 90 + 1} Church Road, London SE5 8AF",
)
_where(
    "postcode_column",
    "full British postcodes",
    "postcode",
    lambda p: f"SE{p.number % 9 + 1} {p.number % 9}AF",
)
_where("ipv6", "IPv6 addresses", "v3", lambda p: f"2001:db8:85a3::8a2e:{p.number:x}:7334")
_where(
    "gps",
    "latitude and longitude of the response, as Qualtrics keeps",
    "LocationLatitude",
    lambda p: f"59.{p.number * 7919 % 10**6:06d}",
)
_where("birth_german", "Geburtsdatum", "Geburtsdatum", lambda p: f"{_born(p):%d.%m.%Y}")
_where("birth_dob", "dob as 12/18/1981", "dob", lambda p: f"{_born(p):%m/%d/%Y}")
_where(
    "birth_harmless_name",
    "dates of birth in a column called v7",
    "v7",
    lambda p: _born(p).isoformat(),
)
_where(
    "photo_names",
    "file names of photos with names of people",
    "consent_form",
    lambda p: f"{_name(p).replace(' ', '_').lower()}.pdf",
)

# Other containers

_FIRST = tuple(_digits(p) for p in PEOPLE[:5])
_gate(
    "disguised_pnr_xlsx_number",
    "personal numbers as numbers in a workbook",
    "tal.xlsx",
    book(_beside("ref", _digits)),
    words=("tal.xlsx", "ref"),
    secrets=_FIRST,
)
_gate(
    "disguised_pnr_sav_number",
    "personal numbers as floating numbers in SPSS",
    "tal.sav",
    sav(
        frame(
            [
                r if i else ["person_id", "week", "phq9", "ref"]
                for i, r in enumerate(_beside("ref", _digits))
            ]
        )
    ),
    words=("tal.sav", "ref"),
    secrets=_FIRST,
)


def _as_numbers() -> pd.DataFrame:
    table = frame(_beside("ref", _digits))
    return table.astype({"ref": "int64"})


_gate(
    "disguised_pnr_parquet",
    "personal numbers as 64-bit numbers in Parquet",
    "tal.parquet",
    parquet(_as_numbers()),
    words=("tal.parquet", "ref"),
    secrets=_FIRST,
)
_gate(
    "disguised_pnr_exponent",
    "personal numbers that pandas wrote as 198112189876.0",
    "tal.csv",
    text(_beside("ref", lambda p: _digits(p) + ".0"), ";"),
    words=("tal.csv", "ref"),
    secrets=_FIRST,
)
_gate(
    "disguised_utf16_names",
    "names in UTF-16",
    "namn16.txt",
    text(_beside("Patient", _name), "\t").encode("utf-16"),
    words=("namn16.txt", "Patient"),
    secrets=NAMES,
)
_LATE = _beside("note", lambda _: "")
_LATE[-1][-1] = "mejl: anna.lindqvist@example.org"
_gate(
    "disguised_last_cell",
    "an address in the very last cell only",
    "sist.csv",
    text(_LATE, ";"),
    words=("sist.csv", "note"),
    secrets=("anna.lindqvist@example.org",),
)
_VISIT = long(header=("id", "visit", "PHQ-9"), visit=lambda _, w: f"week {w}")
_VISIT[60][1] = "week 2 (ring 070-174 06 35)"
_gate(
    "disguised_phone_in_visit",
    "a phone number in the name of one visit",
    "besok.csv",
    text(_VISIT, ";"),
    words=("besok.csv",),
    secrets=("070-174 06 35",),
)
_gate(
    "disguised_header_name",
    "columns called after therapists who filled them in",
    "kolumner.csv",
    text(
        [
            [*r, *(("PHQ-9 enl. Anna Lindqvist",) if not i else (r[2],))]
            for i, r in enumerate(long())
        ],
        ";",
    ),
    words=("kolumner.csv",),
    secrets=("Anna Lindqvist",),
    expect="guarded",
    extra=True,
)
