"""Whatever stands in the cells of people: no message, question or report repeats it."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgsicbt.ingest import ReadingChoices, Upload, read_files
from pgsicbt.ingest.study_files import report

LETTERS = st.text("bcdfghjkqwxz", min_size=7, max_size=12)
TOKENS = st.one_of(
    LETTERS,
    LETTERS.map(lambda text: f"{text[:3]} {text[3:]}@{text[:4]}.se"),
    st.integers(10**8, 10**12).map(str),
    st.dates().map(lambda day: f"{day:%y%m%d}-{day.toordinal() % 10000:04d}"),
    st.floats(1e5, 1e6).map(lambda number: f"{number:.4f}"),
    LETTERS.map(lambda text: f"5 {text} {text[::-1]}"),
)
HEADS = ("id", "week", "phq9", "phq9_total", "PGS_EDU", "PC1", "sex", "age", "Diagnos", "batch",
         "phq9_1", "phq9_2", "phq9_3", "phq9_4", "phq9_5", "phq9_6", "lsas", "note",
         "datum")  # fmt: skip
ROLES = ("score", "covariate", "outcome", "batch", "stratum", "component", "ignore", "id")


@st.composite
def tables(draw):
    """A table with some secret cells, the secrets, and a role that somebody chose."""
    heads = ["id", "week", *draw(st.lists(st.sampled_from(HEADS[2:]), min_size=2, unique=True))]
    rows = [[f"k{i // 2}", str(i % 2 * 4), *("123"[(i + c) % 3] for c in range(len(heads) - 2))]
            for i in range(12)]  # fmt: skip
    secrets = draw(st.lists(TOKENS, min_size=1, max_size=14, unique=True))
    # The weeks and names of visits are the time axis of the study, and are told.
    places = [place for place in range(len(heads)) if heads[place] != "week"]
    for secret in secrets:
        rows[draw(st.integers(0, 11))][draw(st.sampled_from(places))] = secret
    text = "\n".join(";".join(row) for row in [heads, *rows])
    role = draw(st.none() | st.sampled_from(ROLES))
    roles = {} if role is None else {("t.csv", draw(st.sampled_from(heads))): role}
    return text, secrets, ReadingChoices(roles=roles)


def said(reading) -> str:
    """Everything that a reading could put before somebody."""
    columns = [one for file in reading.files for one in file.columns]
    parts = [
        *(f"{one} {one.hint}" for one in reading.errors),
        *(repr(one) for one in (*reading.findings, *reading.questions)),
        *(f"{file.summary} {file.findings} {file.questions}" for file in reading.files),
        *(f"{one.name} {one.role} {one.reason} {one.detail}" for one in columns),
        json.dumps(report(reading), ensure_ascii=False),
        reading.recipe.to_json(),
        reading.choices.to_json(),
    ]
    return "\n".join(parts).casefold()


@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
@given(tables())
def test_nothing_said_holds_a_cell_of_a_person(made):
    text, secrets, recipe = made
    reading = read_files([Upload("t.csv", text.encode())], recipe)
    told = said(reading)
    held = [secret for secret in secrets if secret.casefold() in told]
    assert not held
