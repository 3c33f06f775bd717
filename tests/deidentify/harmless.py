"""Columns of research files that identify nobody: generators of one entry each."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable

import numpy as np

Rng = np.random.Generator
Draw = Callable[[Rng], str]


def digits(rng: Rng, n: int) -> str:
    return "".join(rng.choice(list(string.digits), n))


def upper(rng: Rng, n: int) -> str:
    return "".join(rng.choice(list(string.ascii_uppercase), n))


def base(rng: Rng) -> str:
    return str(rng.choice(list("ACGT")))


def day(rng: Rng) -> str:
    return f"{rng.integers(1, 29):02d}"


def month(rng: Rng) -> str:
    return f"{rng.integers(1, 13):02d}"


def clock(rng: Rng) -> str:
    return f"{rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}"


def one_of(*options: str) -> Draw:
    return lambda rng: str(rng.choice(list(options)))


HARMLESS: dict[str, Draw] = {
    "redcap dag": lambda r: f"{r.integers(1000, 9999)}-{r.integers(1, 300)}",
    "site-no": lambda r: f"{r.integers(1, 20):02d}-{r.integers(1, 400):03d}",
    "site-arm-no": lambda r: (
        f"{r.integers(1, 12):02d}-{r.integers(1, 3):02d}-{r.integers(1, 60):02d}"
    ),
    "site arm no digits": lambda r: (
        f"{r.integers(1, 12):02d}{r.integers(1, 3):02d}{r.integers(1, 90):02d}"
    ),
    "six digits": lambda r: digits(r, 6),
    "seven": lambda r: digits(r, 7),
    "fourteen": lambda r: digits(r, 14),
    "letters6": lambda r: upper(r, 2) + digits(r, 6),
    "batchdate": lambda r: f"B{r.integers(19, 25)}{month(r)}{day(r)}",
    "batch date ids": lambda r: f"{r.integers(19, 25)}{month(r)}{day(r)}{r.integers(1, 97):04d}",
    "batch date-ids": lambda r: f"{r.integers(19, 25)}{month(r)}{day(r)}-{r.integers(1, 97):04d}",
    "yyyymmdd ids": lambda r: f"20{r.integers(19, 25)}{month(r)}{day(r)}{r.integers(1, 97):04d}",
    "stamp": lambda r: (
        f"20{r.integers(19, 25)}{month(r)}{day(r)}{r.integers(0, 24):02d}{r.integers(0, 60):02d}"
    ),
    "egan": lambda r: f"EGAN{digits(r, 11)}",
    "egaf": lambda r: f"EGAF{digits(r, 11)}",
    "dbgap": lambda r: f"phs{digits(r, 6)}.v{r.integers(1, 9)}.p{r.integers(1, 4)}",
    "sha1": lambda r: r.bytes(20).hex(),
    "sha256": lambda r: r.bytes(32).hex(),
    "SHA up": lambda r: r.bytes(8).hex().upper(),
    "b64": lambda r: base64.b64encode(r.bytes(9)).decode(),
    "nanoid": lambda r: "".join(r.choice(list(string.ascii_letters + string.digits + "_-"), 21)),
    "clock": lambda r: f"{clock(r)}:{r.integers(0, 60):02d}",
    "range": lambda r: f"{r.integers(1, 9)}-{r.integers(10, 20)}",
    "clock range": lambda r: f"0{r.integers(1, 10)}:00-1{r.integers(0, 9)}:30",
    "chrposrefalt": lambda r: f"{r.integers(1, 23)}:{r.integers(1, 2 * 10**8)}:{base(r)}:{base(r)}",
    "chr_": lambda r: f"chr{r.integers(1, 23)}_{r.integers(1, 2 * 10**8)}_{base(r)}_{base(r)}",
    "chr-": lambda r: f"{r.integers(1, 23)}-{r.integers(1, 2 * 10**8)}-A-C",
    "region": lambda r: (
        f"chr{r.integers(1, 23)}:{r.integers(10**6, 10**8)}-{r.integers(10**6, 10**8)}"
    ),
    "ensembl": lambda r: f"ENSG{digits(r, 11)}.{r.integers(1, 20)}",
    "gcst": lambda r: f"GCST{digits(r, 8)}",
    "orpha": lambda r: f"ORPHA:{r.integers(1, 9999)}",
    "hp": lambda r: f"HP:{digits(r, 7)}",
    "snomed": lambda r: digits(r, 9),
    "loinc": lambda r: f"{r.integers(1000, 99999)}-{r.integers(0, 10)}",
    "doi": lambda r: (
        f"10.1038/s41588-0{r.integers(10, 30)}-0{r.integers(1000, 9999)}-{r.integers(1, 9)}"
    ),
    "pmid": lambda r: str(r.integers(10**7, 4 * 10**7)),
    "isrctn": lambda r: f"ISRCTN{digits(r, 8)}",
    "nct": lambda r: f"NCT{digits(r, 8)}",
    "eudract": lambda r: f"20{r.integers(10, 24)}-{digits(r, 6)}-{digits(r, 2)}",
    "dnr": lambda r: f"20{r.integers(10, 24)}/{r.integers(1, 3000)}-31/{r.integers(1, 5)}",
    "dnr2": lambda r: f"20{r.integers(18, 24)}-0{digits(r, 4)}",
    "cas": lambda r: f"{r.integers(50, 99999)}-{digits(r, 2)}-{digits(r, 1)}",
    "isbn": lambda r: f"978-91-{digits(r, 5)}-{digits(r, 2)}-{digits(r, 1)}",
    "ean": lambda r: "73" + digits(r, 11),
    "matrix tube": lambda r: digits(r, 10),
    "fluidx": lambda r: f"FR{digits(r, 8)}",
    "sentrix": lambda r: f"{digits(r, 12)}_R0{r.integers(1, 9)}C0{r.integers(1, 3)}",
    "sentrix bare": lambda r: f"20{r.integers(0, 9)}{digits(r, 9)}",
    "wgs": lambda r: f"WG{digits(r, 7)}-DNA_{r.choice(list('ABCDEFGH'))}{month(r)}",
    "plate bc": lambda r: f"{digits(r, 3)} {digits(r, 3)}",
    "fid_iid": lambda r: (lambda x: f"{x}_{x}")(digits(r, 7)),
    "0_": lambda r: f"0_{digits(r, 5)}",
    "padded": lambda r: f"{r.integers(1, 5000):010d}",
    "padded8": lambda r: f"{r.integers(1, 5000):08d}",
    "neg": lambda r: str(r.integers(-(10**9), 10**9)),
    "bigcount": lambda r: str(r.integers(0, 10**10)),
    "ns": lambda r: str(r.integers(16 * 10**17, 17 * 10**17)),
    "excel serial": lambda r: str(r.integers(43000, 45000)),
    "kroner": lambda r: f"{r.integers(10, 99)} {r.integers(100, 999)}",
    "thousand": lambda r: f"{r.integers(1, 99)},{r.integers(100, 999)}",
    "sci": lambda r: f"{r.normal():.4e}",
    "pct": lambda r: f"{r.integers(0, 100)} %",
    "ver4": lambda r: (
        f"{r.integers(1, 4)}.{r.integers(0, 9)}.{r.integers(0, 9)}.{r.integers(0, 9)}"
    ),
    "ua": one_of(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 14_4)", "Mozilla/5.0 (Windows NT 10.0; Win64)"
    ),
    "dose": lambda r: (
        f"{r.choice(['Sertralin', 'Mirtazapin', 'Venlafaxin'])} {r.integers(1, 20) * 10} mg"
    ),
    "dose2": lambda r: f"{r.integers(1, 4)} x {r.integers(1, 20) * 5} mg/d",
    "atcs": lambda r: f"N06AB{r.integers(1, 11):02d};N05BA{month(r)}",
    "icdlist": lambda r: (
        f"F3{r.integers(0, 4)}.{r.integers(0, 9)}, F4{r.integers(0, 4)}.{r.integers(0, 9)}"
    ),
    "icd11": one_of("6A70.1", "6B00", "6B01.Z", "6A20/6A24"),
    "dx": one_of(
        "Major depressive disorder",
        "Panic disorder",
        "Asperger syndrome",
        "Tourette",
        "Down syndrome",
        "Parkinson",
        "Ménière",
        "Crohn",
        "OCD",
        "Social anxiety",
        "Wilson disease",
        "Huntington",
        "Graves",
        "Hashimoto",
    ),
    "occ de": one_of(
        "Lehrer", "Fischer", "Schneider", "Koch", "Bauer", "Müller", "Student", "Rentner"
    ),
    "occ en": one_of(
        "baker", "cook", "carpenter", "taylor", "teacher", "smith", "cooper", "nurse", "gardener"
    ),
    "occ sv": one_of("lärare", "sjuksköterska", "student", "pensionär", "snickare", "smed"),
    "country": one_of(
        "Sweden",
        "Norway",
        "Chad",
        "Jordan",
        "Georgia",
        "Israel",
        "Kenya",
        "Iran",
        "France",
        "Ireland",
        "Martinique",
    ),
    "city": one_of(
        "Stockholm",
        "Lund",
        "Florence",
        "Sofia",
        "Victoria",
        "Charlotte",
        "Adelaide",
        "Paris",
        "San José",
        "Santiago",
        "Houston",
        "Jackson",
        "Lincoln",
        "Madison",
        "Sydney",
        "Alexandria",
    ),
    "hosp": one_of(
        "St. Göran",
        "Sahlgrenska",
        "Karolinska",
        "St Thomas",
        "St Mary",
        "Danderyd",
        "Sankt Lukas",
        "St James",
        "Sankt Erik",
    ),
    "hosp2": one_of(
        "Akademiska sjukhuset",
        "Anna Freud Centre",
        "Maudsley Hospital",
        "Karl-Jaspers-Klinik",
        "Ersta",
        "Charité",
        "Royal Victoria Infirmary",
        "Johns Hopkins Hospital",
    ),
    "school": one_of("gymnasium", "university", "primary", "folkhögskola"),
    "gwas authors": one_of(
        "Wray2018",
        "Howard_2019",
        "Nagel",
        "Savage",
        "Lee",
        "Grove",
        "Mullins",
        "Smith",
        "Trubetskoy",
        "Demontis",
        "Jansen",
        "Hill",
        "Okbay",
    ),
    "scale names": one_of(
        "Beck",
        "Hamilton",
        "Montgomery",
        "Spielberger",
        "Liebowitz",
        "Sheehan",
        "Young",
        "Penn State",
    ),
    "month": one_of(
        "Jan", "Feb", "March", "April", "May", "June", "July", "August", "Januari", "Juni", "maj"
    ),
    "weekday": one_of("Monday", "Freitag", "Söndag", "lundi"),
    "isoweek": lambda r: f"2022W{r.integers(1, 53):02d}",
    "visit": one_of(
        "Baseline", "Week 1", "Week 10", "Post", "Follow-up 6 m", "Vecka 3", "Semaine 3", "Uge 4"
    ),
    "interv": one_of("interventie 1", "interventie 2", "preventie 3", "medicatie 4", "garantie 5"),
    "brigade": one_of("Brigade 1", "Brigade 2", "brigade 3"),
    "zoom": one_of("1 via Zoom", "2 via Skype", "3 via Telefon", "Session 2 via Zoom"),
    "place rank": one_of("1st place", "2 place", "3 way", "2 road test", "5 way"),
    "module": lambda r: f"Module {r.integers(1, 12)}",
    "lesson": lambda r: f"Lektion {r.integers(1, 12)}: sömn",
    "room": lambda r: f"Rum {r.integers(1, 40)}",
    "ward": lambda r: f"Avd {r.integers(1, 99)}",
    "steg": lambda r: f"Steg {r.integers(1, 9)}",
    "coded": one_of("yes", "no", "unknown"),
    "sex": one_of("m", "f", "Male", "Female", "man", "kvinna"),
    "ethnic": one_of("White British", "Asian", "Black African", "Mixed", "Swedish", "Finnish"),
    "lang": one_of("Svenska", "English", "Farsi", "Arabiska", "Somali"),
    "marital": one_of("married", "single", "divorced", "sambo"),
    "edu": one_of("<9", "9-12", ">12"),
    "rel": one_of("parent", "sibling", "child"),
    "therapist": lambda r: f"Ther{r.integers(1, 20)}",
    "ther2": lambda r: f"{upper(r, 2)}{r.integers(1, 9)}",
    "initial codes": lambda r: upper(r, 3) + digits(r, 2),
    "swe plate": lambda r: upper(r, 3) + " " + digits(r, 3),
    "ids a": lambda r: f"{upper(r, 1)}{digits(r, 4)}{upper(r, 1)}",
    "ids b": lambda r: f"{digits(r, 2)}{upper(r, 2)}{digits(r, 4)}",
    "ids c": lambda r: f"{digits(r, 3)}.{digits(r, 3)}.{digits(r, 3)}",
    "id 3-3-3": lambda r: f"{digits(r, 3)}-{digits(r, 3)}-{digits(r, 3)}",
    "id 3-2": lambda r: f"{digits(r, 3)}-{digits(r, 2)}",
    "id 4-4-4": lambda r: f"{digits(r, 4)}-{digits(r, 4)}-{digits(r, 4)}",
    "id 4x3": lambda r: f"{digits(r, 4)} {digits(r, 4)} {digits(r, 4)}",
    "id 2.3.4": lambda r: f"{r.integers(1, 30):02d}.{r.integers(1, 9)}.{r.integers(1, 400):03d}",
    "id 2-7": lambda r: f"{r.integers(1, 30):02d}-{digits(r, 7)}",
    "id 0-": lambda r: f"0{r.integers(10, 99)}-{digits(r, 3)} {digits(r, 2)}",
    "study": lambda r: f"STUDY-{digits(r, 4)}-{digits(r, 2)}",
    "email-like": lambda r: f"K{digits(r, 4)}@site{r.integers(1, 4)}",
    "id letters+9": lambda r: f"{upper(r, 1)}{digits(r, 9)}",
    "id 8+L": lambda r: f"{digits(r, 8)}{upper(r, 1)}",
    "id 7+L": lambda r: f"{digits(r, 7)}{upper(r, 1)}",
    "LL8": lambda r: upper(r, 2) + digits(r, 8),
    "LL6L": lambda r: upper(r, 2) + digits(r, 6) + upper(r, 1),
    "exp": lambda r: f"{r.integers(10**11, 10**12)}.0",
    "dec15": lambda r: repr(float(r.normal())),
    "dec comma": lambda r: f"{r.normal():.7f}".replace(".", ","),
    "coords in brain": lambda r: (
        f"{r.integers(-80, 80)},{r.integers(-80, 80)},{r.integers(-80, 80)}"
    ),
    "tesla": lambda r: f"{r.integers(1, 4)}T",
    "rgb": lambda r: f"#{r.bytes(3).hex()}",
    "mac barcode": lambda r: r.bytes(6).hex(),
    "file": lambda r: f"sub-{digits(r, 3)}_ses-{r.integers(1, 3)}_task-rest.nii.gz",
    "path": lambda r: f"/data/run{r.integers(1, 9)}/s{digits(r, 4)}.bam",
    "blank date": lambda r: f"2021-{month(r)}-{day(r)}",
    "date dmy": lambda r: f"{day(r)}-{month(r)}-2021",
    "datetime": lambda r: f"{day(r)}/{month(r)}/2021 {clock(r)}",
    "comment short": one_of(
        "late", "ok", "no show", "moved", "ill", "phone session", "paused 2 weeks"
    ),
    "reasons": one_of(
        "Lack of time",
        "Felt better",
        "Other treatment",
        "Technical problems",
        "Moved abroad",
        "Work load",
    ),
    "note with date": lambda r: f"seen {day(r)}-{month(r)}-2021 again",
    "note with no": lambda r: f"kit {digits(r, 10)} sent",
    "note order": lambda r: f"order {digits(r, 11)} returned",
    "ukbfield": lambda r: f"{r.integers(10, 40000)}-{r.integers(0, 4)}.{r.integers(0, 4)}",
    "genes2": one_of(
        "JUN",
        "KIT",
        "SARA",
        "ANK3",
        "CACNA1C",
        "DRD2",
        "ROBO1",
        "NEGR1",
        "CAMTA1",
        "ERICH1",
        "MARK2",
        "TOM1",
        "BRIP1",
        "SETD2",
    ),
    "drugs": one_of(
        "Zoloft",
        "Cipralex",
        "Prozac",
        "Lyrica",
        "Elvanse",
        "Seroquel",
        "Valdoxan",
        "Ritalin",
        "Abilify",
        "Lamictal",
    ),
    "sv words": one_of("Björk", "Sten", "Dag", "Sol", "Maj", "Lind", "Berg"),
    "colors": one_of("rose", "violet", "olive", "amber", "ruby"),
    "platforms": one_of("Iterapi", "SilverCloud", "BASS", "Internetpsykiatrin", "Minddistrict"),
}
