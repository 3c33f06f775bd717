"""A cohort in words: who is in it, whether it is sound, and the notes of its tables."""

from __future__ import annotations

from pgsicbt.cohort import Description
from pgsicbt.cohort.checks import CHECKED, not_checked, not_found
from pgsicbt.cohort.groups import ALL
from pgsicbt.cohort.variables import CHARACTERISTICS, VISITS, is_yes
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.study import Study
from pgsicbt.wording import listed
from pgsicbt.words import numbers

NO_P_VALUES = (
    "Groups are described and not tested: groups made by diagnosis differ by design and groups "
    "made by lot by chance, so a p value would answer no question (STROBE, item 14)."
)
HIDDEN = "*"


def who(study: Study, found: Description) -> str:
    """Who is in the cohort, in one sentence."""
    n = len(study.persons)
    text = f"{numbers.count(n)} {'person' if n == 1 else 'people'}"
    if found.groups:
        people = _of(found, "people", "count")
        parts = [f"{g} ({people[g]})" for g in found.groups if people.get(g)]
        text += f": {listed(parts)}"
    facts = [*_ages(found), *_sexes(found)]
    if facts:
        text += f"; {', '.join(facts)}"
    return f"{text}."


def seen(found: Description) -> str:
    """How often people were seen, in one sentence."""
    table = found.characteristics
    rows = table[(table["group"] == ALL) & (table["section"] == VISITS)]
    visits = rows[rows["variable"] == "visits"]
    last = rows[(rows["variable"] == "last") & (rows["level"] == "yes")]
    if visits.empty or not visits["status"].eq("shown").all():
        return ""
    text = f"On average they were seen {numbers.estimate(float(visits['mean'].iloc[0]), 1)} times"
    if len(last) and last["share"].notna().all():
        week = str(last["label"].iloc[0]).removeprefix("Seen in ").partition(",")[0]
        text += f", {numbers.percent(float(last['share'].iloc[0]))} of them in {week}, the last"
    return f"{text}."


def soundness(study: Study, found: Description) -> str:
    """What the checks found, by name, in one sentence."""
    passed = len(not_found(study, found.findings))
    if not found.findings:
        return f"None of {passed} checks of scores and outcomes found anything."
    parts = []
    for info, one, many in ((False, "asks for a decision", "ask for a decision"),
                            (True, "is worth knowing", "are worth knowing")):  # fmt: skip
        about = [_topic(f.code) for f in found.findings if (f.severity == "info") == info]
        about = list(dict.fromkeys(about))
        if about:
            parts.append(f"{listed(about)} {one if len(about) == 1 else many}")
    parts.append(f"{passed} other check{'' if passed == 1 else 's'} found nothing")
    return f"Soundness: {'; '.join(parts)}."


def _topic(code: str) -> str:
    """What a finding is about, as the list of checks has it."""
    return next((what for what, kinds in CHECKED if code in kinds), code)


def checks_note(study: Study, found: Description) -> list[str]:
    """What was looked at without a finding, and what could not be looked at."""
    out = []
    passed, cannot = not_found(study, found.findings), not_checked(study)
    if passed:
        out.append(f"Looked at and nothing found: {listed(passed)}.")
    if cannot:
        out.append(f"Not looked at, since the files hold nothing about it: {listed(cannot)}.")
    return out


def relatives_rows(found: Description) -> list[list[str]]:
    """Pairs of relatives by degree, as text."""
    return [
        [str(degree), *(few_or_count(v) for v in (pairs, people))]
        for degree, pairs, people in found.relatives[["degree", "pairs", "people"]].to_numpy(object)
    ]


def few_or_count(n: float) -> str:
    """A count, or that it is too small to be shown."""
    return numbers.count(n) if n == n else f"fewer than {MINIMUM_CELL}"


def _of(found: Description, variable: str, column: str) -> dict[str, str]:
    table = found.characteristics
    rows = table[(table["variable"] == variable) & table[column].notna()]
    return {
        str(g): numbers.count(float(v)) for g, v in zip(rows["group"], rows[column], strict=True)
    }


def _ages(found: Description) -> list[str]:
    table = found.characteristics
    rows = table[(table["group"] == ALL) & (table["section"] == CHARACTERISTICS)]
    age = rows[(rows["unit"] == "years") & rows["mean"].notna()]
    if age.empty:
        return []
    return [f"{numbers.estimate(float(age['mean'].iloc[0]), 1)} years old on average"]


def _sexes(found: Description) -> list[str]:
    """The share of women, if the table tells it."""
    table = found.characteristics
    rows = table[(table["group"] == ALL) & table["share"].notna()]
    female = rows["variable"].str.casefold().isin(_WOMEN)
    yes = rows["level"].map(is_yes)
    women = rows[rows["level"].str.casefold().isin(_WOMEN) | (female & yes)]
    if women.empty:
        return []
    return [f"{numbers.percent(float(women['share'].iloc[0]))} women"]


_WOMEN = {"female", "woman", "women", "f", "kvinna", "kvinde", "kvinne", "frau", "weiblich",
          "vrouw", "femme", "mujer"}  # fmt: skip
