"""What only looks as if it identified people, and must pass."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable

# National numbers, made up but with the right check digits
from tests.corpus.messes.identifying import _beside
from tests.corpus.messes.tools import (
    Row,
    generator,
    long,
    outcome_mess,
    score_mess,
    score_rows,
    text,
)
from tests.corpus.truth import PEOPLE, Person

# What looks like it and is not


def _fine(name: str, about: str, rows: list[Row], **rest: object) -> None:
    outcome_mess(
        name, about, {"fil.csv": text(rows, ";")}, **{"owner": "GATE", "extra": True, **rest}
    )


_fine(
    "fine_icd",
    "ICD-10 codes",
    _beside("icd10", lambda p: ("F32.1", "F40.1", "F41.0")[p.number % 3]),
)
_fine(
    "fine_plate_well",
    "plates and wells of the genotyping",
    _beside(
        "well",
        lambda p: f"P{p.number % 3 + 1:02d}_{'ABCDEFGH'[p.number % 8]}{p.number % 12 + 1:02d}",
    ),
)
_fine(
    "fine_barcodes",
    "barcodes of samples with 12 digits",
    _beside("sample_barcode", lambda p: f"{p.number * 104729 + 300_000_000_000}"),
)
_fine(
    "fine_beadchip",
    "BeadChip and position",
    _beside("sentrix", lambda p: f"20{p.number * 5381 % 10**10:010d}_R{p.number % 8 + 1:02d}C01"),
)
_fine(
    "fine_site_codes",
    "codes of clinics and therapists",
    _beside("site", lambda p: ("STO-01", "GBG-02", "UMU-03")[p.number % 3]),
)
_fine(
    "fine_days",
    "days since referral, some negative",
    _beside("days_since_referral", lambda p: str(p.number % 300 - 20)),
)
_fine(
    "fine_year", "year of inclusion", _beside("inclusion_year", lambda p: str(2012 + p.number % 8))
)
_fine(
    "fine_genotype_flag",
    "a variant as chr:pos and a gene as column of one candidate study",
    _beside("hla_tag", lambda p: ("chr6:31323012", "chr6:32413557")[p.number % 2]),
)
_fine(
    "fine_version",
    "version of the questionnaire and of the programme",
    _beside("form_version", lambda p: ("v2.1", "v2.2", "2019-03")[p.number % 3]),
)
_fine(
    "fine_first_name_words",
    "words that are also names: May, April, Will, Rose, Hope in lists of modules",
    _beside("module_set", lambda p: ("Hope", "Will", "April", "Joy")[p.number % 4]),
)
_fine(
    "fine_education",
    "education in words with commas",
    _beside(
        "education",
        lambda p: ("university, 3 years or more", "upper secondary", "compulsory school")[
            p.number % 3
        ],
    ),
)


def _fine_ids(name: str, about: str, write: Callable[[Person], str]) -> None:
    score_mess(
        name,
        about,
        {"poang.csv": text(score_rows(ident=write)), "utfall.csv": text(long(ident=write))},
        beside=(),
        owner="GATE",
    )


def _random_digits(count: int) -> Callable[[Person], str]:
    def write(person: Person) -> str:
        rng = generator(f"digits {count} {person.number}")
        return str(rng.randrange(10 ** (count - 1), 10**count))

    return write


_fine_ids("fine_ids_uuid", "ids are UUIDs", lambda p: str(uuid.uuid5(uuid.NAMESPACE_URL, p.code)))
_fine_ids(
    "fine_ids_hash", "ids are hashes", lambda p: hashlib.sha256(p.code.encode()).hexdigest()[:24]
)
for _digits in (7, 9, 10, 11, 12):
    _fine_ids(
        f"fine_ids_{_digits}_digits",
        f"ids are random numbers of {_digits} digits",
        _random_digits(_digits),
    )
_fine_ids(
    "fine_ids_redcap",
    "REDCap's record ids with data access group: 12-3",
    lambda p: f"{p.number % 90 + 10}-{p.number}",
)
_fine_ids(
    "fine_ids_ega", "EGA's accession numbers", lambda p: f"EGAN{p.number * 7919 + 10**10:011d}"
)
_fine_ids(
    "fine_ids_biobank", "seven digits as a biobank gives", lambda p: str(1_000_000 + p.number * 433)
)
_fine_ids("fine_ids_email_like", "ids with an @ that is no address", lambda p: f"{p.code}@site2")

for _kind, _column, _values in (
    ("medication", "medication", ("Sertralin 50 mg", "Escitalopram 10 mg", "none", "Mirtazapin")),
    (
        "hospital_named_after_saint",
        "clinic",
        ("S:t Göran", "Karolinska", "Danderyd", "Sahlgrenska"),
    ),
    ("protocol_named_after_author", "protocol", ("Barlow UP", "Beck CT", "Clark CT-SAD", "Young")),
    ("occupation", "occupation", ("nurse", "teacher", "student", "retired", "smith")),
    ("country", "country_of_birth", ("Sweden", "Finland", "Iraq", "Georgia", "Jordan")),
    ("therapist_codes", "therapist", ("T01", "T02", "T17", "T33")),
    ("sample_name", "Sample_Name", ("WG0227713-DNA_A01", "WG0227714-DNA_B07")),
    ("array", "array", ("GSA-24v3-0_A1", "InfiniumOmniExpress-24v1-4", "PsychChip_v1-1")),
    ("gene", "cyp2c19", ("*1/*1", "*1/*2", "*1/*17", "*2/*2")),
    ("software", "qc_pipeline", ("Rapid_Imputation_Consortium_1.2.1", "plink_1.90b6.21")),
    ("weekday", "weekday_of_start", ("Monday", "Friday", "Sunday", "Wednesday")),
    ("season", "season", ("summer", "autumn", "April", "June")),
    ("numbers_with_hyphen", "randomisation_block", ("12-3", "104-2", "7-11", "33-1")),
    ("phone_like_block", "kit_number", ("070174", "080122", "101010", "555123")),
    ("version_numbers", "app_version", ("10.0.3.1", "9.12.4.0", "10.1.0.2", "9.9.9.9")),
):
    _fine(
        f"fine_{_kind}",
        f"{_column}: {', '.join(_values)}",
        _beside(_column, lambda p, v=_values: v[p.number % len(v)]),  # type: ignore[misc]
    )
_fine_ids(
    "fine_ids_initials",
    "ids of four letters and two digits",
    lambda p: "".join("ABCDEFGHKL"[int(d)] for d in p.padded) + f"{p.number % 90 + 10}",
)
_fine_ids(
    "fine_ids_dotted",
    "ids with dots: 01.002.0042",
    lambda p: f"{p.number % 9 + 1:02d}.{p.number % 300:03d}.{p.padded}",
)
_fine_ids(
    "fine_ids_date_of_batch",
    "ids that begin with the day of a batch: 20230512-A07-0042",
    lambda p: f"20230512-{'ABCDEFGH'[p.number % 8]}{p.number % 12 + 1:02d}-{p.padded}",
)
_fine_ids("fine_ids_six_digits", "six random digits", _random_digits(6))
_fine_ids(
    "fine_ids_eight_digits", "eight random digits, some of which look like dates", _random_digits(8)
)
for _kind, _make in {
    "site_and_number": lambda p: f"site{p.number % 3 + 1}_{p.number}",
    "arm_and_number": lambda p: f"arm{p.number % 2 + 1}-{p.padded}",
    "batch_and_number": lambda p: f"batch2_{p.number}",
    "prs_number": lambda p: f"PRS{p.padded}",
    "t_number": lambda p: f"T{p.number}",
    "week_like": lambda p: f"W{p.number}",
}.items():
    _fine_ids(
        f"fine_ids_{_kind}",
        f"ids such as {_make(PEOPLE[0])}, which look like names of columns",
        _make,
    )
