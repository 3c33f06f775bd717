"""What the name of a column says about it."""

from __future__ import annotations

import re

from pgsicbt.ingest.content.times import parse_visit
from pgsicbt.instruments import (
    Instrument,
    all_instruments,
    find_instrument,
    registry_cache,
    simple_name,
)

ID_NAMES = (
    "personid", "patientid", "participantid", "subjectid", "usubjid", "recordid", "studyid",
    "iid", "individualid", "sampleid", "caseid", "clientid", "person", "patient", "participant",
    "subject", "subj", "individual", "case", "client", "id", "pid", "subjid", "patid", "ptid",
    "sid", "eid", "pseudonym", "lopnr", "löpnr", "kodnummer", "studycode", "studiekod",
    "patientcode", "participantcode", "subjectcode", "personkod", "patientkod", "deltagarkod",
    "deltagarid", "deltagare", "kod", "behandlingsid", "patientnr", "patientno", "patientnumber",
    "patnr", "patient_nr", "subjectno", "subjectnumber", "subjectnr", "studynumber", "studyno",
    "studienummer", "deltakerid", "deltaker", "probandid", "probandennr", "proband", "vpnr", "vpid",
    "vp", "pasientid", "pasient", "potilas", "tutkittavaid", "externalreference",
    "externaldatareference", "token", "respondentid", "respondent", "userid", "user",
    "screeningno", "screeningnumber", "key", "code", "klient", "sample",
)  # fmt: skip
NOT_IDS = re.compile(r"family|fid|therap|site|group|batch|visit|plate|centre|center|clinic|arm")
FAMILY = {"family", "familyid", "fid", "famid", "relatives", "kinship", "pedigree", "pat", "mat"}
BATCH = re.compile(r"batch|plate|chip|array|genotypingwave")
STRATUM = {
    "diagnosis", "diag", "dx", "primarydiagnosis", "maindiagnosis", "disorder", "group", "grp",
    "arm", "armcd", "treatment", "treatmentgroup", "condition", "programme", "program", "cohort",
    "site", "clinic", "diagnos", "ancestry", "superpop", "mostsimilarpop",
}  # fmt: skip
DIAGNOSIS = re.compile(r"diagnos|disorder|^diag|^dx|dx$")
COVARIATES = re.compile(
    r"^(age|sex|gender|female|male|man$|woman|kon$|alder|educ|school|university|height|weight|"
    r"bmi|medic|drug|ssri|income|employ|work(ing|status)|civil|marital|married|children|smok|"
    r"therap|site|centre|center|clinic|region|country|year|cohort|calendar|inclusion|"
    r"prior|previous|comorb|duration|onset|sessions|modules|credib|alliance)"
)
QUALITY = re.compile(
    r"^(f(hat\d?|coef(ficient)?|roh)?|inbreeding|het(erozygosity)?(rate)?|callrate|samplecallrate|"
    r"f?miss(ing(ness)?)?(rate)?|imiss|lrrsd|bafsd|bafdrift|dqc|contamination|freemix|kinship)$"
)
"""Columns about the quality of a person's genotypes."""
COMPONENT = re.compile(r"^(genetic|ancestry|anc|gen|g)?(pc|pca|mds)(\d{1,3})(avg|norm)?$")
SCORE = re.compile(r"^(pgs|prs|grs|pgi)|(pgs|prs|grs|pgi)$|polygenic|^score(sum)?\d*(sum|avg)?$")
INSTRUMENT = {
    "instrument", "scale", "measure", "questionnaire", "form", "test", "outcome", "skala",
    "formular", "paramcd", "param", "variable",
}  # fmt: skip
SEX = {"sex", "gender", "kon", "kön", "geschlecht", "kjonn", "kjønn", "sukupuoli", "sexe", "sexo"}
START = re.compile(
    r"start|inclusion|inklusion|baseline|randomi|enrol|admission|begin|behandlingsstart|index"
)
VISIT_DATE = re.compile(
    r"visit|assess|complet|submit|answer|date|datum|dato|datetime|time|besok|dag"
)
AGE = re.compile(
    r"^(age|alder|ålder|alter|leeftijd|ika|ikä|edad)(at|vid|bei)?"
    r"(visit|assessment|measurement|besok|besök|matning|mätning|time|wave|survey)?(y|years|yrs)?$"
)
VALUE = {
    "total", "value", "score", "sum", "totalscore", "sumscore", "totalsum", "points", "result",
    "aval", "poang", "poäng", "summa", "varde", "värde", "y", "rawscore",
    "severity", "symptoms", "symptom",
}  # fmt: skip
VISIT = {
    "visitdescription", "besok", "besök", "matpunkt", "mätpunkt", "tidpunkt", "messzeitpunkt",
    "visite", "zeitpunkt", "visita", "redcaprepeatinstance", "kaynti", "käynti", "eventlabel",
    "visit", "visitname", "visitlabel", "timepoint", "occasion", "wave", "event", "eventname",
    "redcapeventname", "phase", "avisit", "moment", "assessment", "measurement", "matning",
    "time", "week", "weeks", "stage",
}  # fmt: skip
_TIME = {
    "time:day": re.compile(r"^(studyday|treatmentday|relday|relativeday|day|days|dag|dagar|tag|"
                           r"tage|ady)s?(no|nr|from\w*|since\w*)?$|^dagar(sedan|från|fran)\w*$|"
                           r"^days?(since|from|after)\w*$|^(time|t)days?$"),
    "time:month": re.compile(r"^(month|months|manad|månad|mo|monat|mois|mes|timemonths?|"
                             r"studymonth|monthno)$|^months?(since|from|after)\w*$"),
    "time:year": re.compile(r"^(years(since|from)\w*|timeyears?|followupyears?)$"),
    "time": re.compile(r"^(week|weeks|wk|wks|weekno|weeknumber|weeknr|studyweek|treatmentweek|"
                       r"visitweek|timeweeks?|vecka|veckor|veckonr|behandlingsvecka|woche|wochen|"
                       r"uke|uge|viikko|semaine|semana|settimana|whichweek\w*|tweeks?)$|"
                       r"^weeks?(since|from|after|of)\w*$|"
                       r"^(?!\w*per)\w+(week|wk|vecka|woche|uke|viikko)s?(no|nr|number|nummer)?$|"
                       r"^(vecka|woche|uke|week)(nr|no|nummer|number)$"),
}  # fmt: skip
_COUNT = re.compile(
    r"^(time|t|timepoint|visit|visitno|visitnr|visitnum|visitnumber|visitn|occasion|session|"
    r"sessionno|wave|avisitn|measurement|assessment)$"
)
_STATUS = re.compile(
    r"(.+_)?complete( \(\d+\))?|(.+_)?(survey_)?timestamp|redcap_survey_identifier|"
    r"redcap_repeat_instrument|redcap_repeat_instance|repeat_instrument|repeat_instance|"
    r"lastpage|startlanguage|seed|submitdate|ipaddress|progress|finished|recordeddate|startdate|"
    r"enddate|distributionchannel|userlanguage|duration_\(in_seconds\)"
)
_ROW_NUMBER = re.compile(
    r"column\d+|unnamed\d*(level\d+)?|rownames?|row|rownum(ber)?|rownr|index|indexlevel\d+|x|v1|"
    r"obs|obsno|observation|nr|no|lopnummer|radnr|rad|zeile|lfdnr|sno|srno"
)
_TRAILING = re.compile(
    r"(?<=\d)[\s_.\-]+(total|totalscore|sum|sumscore|score|tot|summa|summe|poäng)$", re.IGNORECASE
)
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")  # PHQ-9 (0-27)
_TOTAL_WORDS = (
    "totalscore",
    "sumscore",
    "totalpoäng",
    "totalpoang",
    "totalsumma",
    "summapoäng",
    "gesamtwert",
    "gesamtscore",
    "gesamtsumme",
    "totaalscore",
    "totalt",
    "total",
    "scores",
    "score",
    "summe",
    "summa",
    "sum",
    "poäng",
    "poang",
    "punkte",
    "points",
    "tot",
    "raw",
    "value",
    "värde",
    "somme",
)
_SPLIT = re.compile(r"[\s_.\-/:]+")


@registry_cache
def instrument_of(name: str) -> Instrument | None:
    """The instrument that a column is named after: ``phq9``, ``PHQ-9 total``, ``sum_madrs_s``."""
    name = _BRACKETS.sub(lambda m: m[0] if parse_visit(m[0].strip("()[] ")) else " ", name)
    found = find_instrument(name)
    simple = simple_name(name)
    for word in _TOTAL_WORDS:
        if found is not None:
            return found
        for rest in (simple.removesuffix(word), simple.removeprefix(word)):
            if rest and rest != simple:
                found = found or find_instrument(rest)
    return found


def time_role(name: str) -> tuple[str, bool] | None:
    """``("time:month", True)`` for a column named after a unit of time.

    The second part is False where the name says "time" or "visit" and no unit.
    """
    simple = simple_name(name)
    for role, pattern in _TIME.items():
        if pattern.match(simple):
            return role, True
    return ("time", False) if _COUNT.match(simple) else None


def split_visit(name: str) -> tuple[str, str] | None:
    """Instrument and visit of a wide column: ``MADRS-S_week1`` gives ``("MADRS-S", "week1")``.

    Visit and instrument may come in either order, with or without a separator; the instrument
    must be in the registry. A column that is an instrument's name as a whole has no visit.
    """
    if instrument_of(name) is not None:
        return None
    name = _TRAILING.sub("", name)
    for stem, label in splits(name):
        instrument = instrument_of(stem)
        if instrument is not None and parse_visit(label) is not None:
            return instrument.id, label
    simple = simple_name(name)
    for alias, instrument_id in aliases():
        for rest in (simple.removeprefix(alias), simple.removesuffix(alias)):
            if rest == simple:
                continue
            for label in (rest, *_without_total(rest)):
                if parse_visit(label) is not None:
                    return instrument_id, label
    return None


def _without_total(text: str) -> list[str]:
    """``tot12`` without the word for a total at either end."""
    cut = (one(word) for word in _TOTAL_WORDS for one in (text.removeprefix, text.removesuffix))
    return [rest for rest in cut if rest and rest != text]


def split_any(name: str, *, sure: bool = True) -> tuple[str, str] | None:
    """As :func:`split_visit` for a stem of any name; if ``sure``, a bare number is no visit."""
    for stem, label in splits(name):
        parsed = parse_visit(label)
        if parsed is not None and (parsed.sure or not sure) and simple_name(stem):
            return stem, label
    return None


def numbered(name: str) -> tuple[str, str] | None:
    """``("phq", "9")`` for ``phq_9``: a stem and a number, to be told from its neighbours."""
    parts = _SPLIT.split(name)
    if len(parts) == 2 and parts[1].isdigit() and find_instrument(parts[0]) is not None:
        return parts[0], parts[1]
    return None


def splits(name: str) -> list[tuple[str, str]]:
    """Every way to cut a name at a separator, longest stem first, in both orders."""
    cuts = [(m.start(), m.end()) for m in _SPLIT.finditer(name) if m.start() > 0]
    cuts = [(a, b) for a, b in cuts if b < len(name)]
    forward = [(name[:a], name[b:]) for a, b in reversed(cuts)]
    backward = [(name[b:], name[:a]) for a, b in cuts]
    return forward + backward


@registry_cache
def aliases() -> tuple[tuple[str, str], ...]:
    """Every name of every instrument, longest first."""
    pairs = {
        (simple_name(alias), instrument.id)
        for instrument in all_instruments()
        for alias in (instrument.id, *instrument.aliases)
    }
    return tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair)))


def index_name(name: str) -> bool:
    """True for the names that programs give to the index of a table."""
    return bool(re.fullmatch(r"indexlevel\d+|unnamed\d+(level\d+)?|rownames?", simple_name(name)))


def repeat_number(name: str) -> bool:
    """True for the column in which REDCap numbers the copies of a repeating form."""
    return simple_name(name) in {"redcaprepeatinstance", "repeatinstance"}


def form_status(name: str) -> bool:
    """True for columns that survey programs add to every form: status, time stamp, language."""
    return bool(_STATUS.fullmatch("_".join(_SPLIT.split(name.casefold().rstrip("?")))))


def starts_with_instrument(name: str) -> Instrument | None:
    """The instrument whose name the column begins with."""
    simple = simple_name(name)
    by_id = {one.id: one for one in all_instruments()}
    return next((by_id[i] for alias, i in aliases() if simple.startswith(alias)), None)


def doubtful(name: str, instrument: Instrument) -> bool:
    """True if a column goes by a name that another instrument has as well."""
    simple = simple_name(name)
    fitting = [one for one in instrument.aliases if one in simple]
    return bool(fitting) and max(fitting, key=len) in instrument.doubtful


def row_number_name(name: str) -> bool:
    """True for a column without a name of its own, or called after the numbers of rows."""
    return bool(_ROW_NUMBER.fullmatch(simple_name(name)))


def score_name(name: str) -> bool:
    """True if a column is named as a polygenic score: ``PGS_EDU``, ``mdd_prs``, ``SCORE1_AVG``."""
    return bool(SCORE.search(simple_name(name)))


def plain_score_name(name: str) -> bool:
    """True for names such as ``score``, which mean a symptom total in a table of visits."""
    return simple_name(name).startswith("score")
