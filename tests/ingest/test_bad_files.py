"""Files that cannot be used: one sentence each, and never anyone's entry in it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgsicbt.errors import DataError, PgsIcbtError
from pgsicbt.ingest import ROLES, ReadingChoices, Upload, check, inspect, read_study
from tests.ingest import builders
from tests.ingest.builders import csv, text

LONG = ("id,week,phq9", "q1,0,11", "q1,1,9", "q2,0,13", "q2,1,12")

BAD = {
    "text among totals": (
        [text("x", *LONG, "q3,0,Zebra", "q3,1,Zebra")],
        "x has text where numbers are due in column 'phq9', which is an outcome, on lines 6 and 7.",
    ),
    "text among scores": (
        [text("s", "id,PGS_A", "q1,0.1", "q2,Zebra", "q3,0.4"), text("x", *LONG)],
        "s has text where numbers are due in column 'PGS_A', which is a score, on line 3.",
    ),
    "out of range": (
        [text("x", *LONG, "q3,0,73")],
        "1 total in column 'phq9' of x lies outside the range of PHQ-9, 0 to 27, on line 6.",
    ),
    "two values for one visit": (
        [text("x", *LONG, "q1,1,7")],
        "The same person has two different values of one outcome at the same time: "
        "lines 3 and 6 of x.",
    ),
    "unknown visit": (
        [text("x", "id,visit,phq9", "q1,pre,3", "q1,Zebra,4", "q2,pre,1", "q2,post,3")],
        "Column 'visit' of x has visits that cannot be placed in time, on line 3.",
    ),
    "no time at all": (
        [text("x", "id,phq9", "q1,3", "q1,4", "q2,1")],
        "x has several rows per person with differing entries in column 'phq9', but no column "
        "that says when they were.",
    ),
    "a value without a time": (
        [text("x", *LONG, "q3,,7")],
        "x has outcomes without a time in column 'week' on line 6.",
    ),
    "no identifier": (
        [text("x", "week,phq9", "0,3", "1,4", "0,5")],
        "x has no column that names the person.",
    ),
    "an empty identifier": (
        [text("x", *LONG, ",0,7")],
        "x has no identifier in column 'id' on line 6.",
    ),
    "one column": ([text("x", "id", "q1", "q2")], "x has only one column."),
    "variants": (
        [text("x", "rsID\tchr_name\teffect_allele\teffect_weight", "rs1\t1\tA\t0.1")],
        "x holds variants and weights, not scores per person.",
    ),
    "summary statistics": (
        [text("x", "SNP A1 A2 BETA SE P", "rs1 A C 0.1 0.02 0.5")],
        "x holds variants and weights, not scores per person.",
    ),
    "a score that varies": (
        [text("x", "id,week,phq9,PGS_A", "q1,0,3,0.1", "q1,1,4,0.2", "q2,0,5,0.3", "q2,1,5,0.3")],
        "x has different entries for the same person in column 'PGS_A', which is a score, on "
        "lines 2 and 3.",
    ),
    "no people in common": (
        [text("s", "id,PGS_A", "z1,0.1", "z2,0.2"), text("x", *LONG)],
        "No person of s (column 'id') is found in x (column 'id').",
    ),
    "covariates of other people": (
        [text("c", "id,age", "z1,31", "z2,42"), text("x", *LONG)],
        "No person of c (column 'id') is found in x (column 'id').",
    ),
    "one visit": (
        [text("x", "id,week,phq9", "q1,0,3", "q2,1,4", "q2,0,")],
        "Nobody has more than one visit of the same outcome in x, so there is no change to "
        "analyse.",
    ),
    "a follow-up some time": (
        [text("x", "id,phq9_pre,phq9_post,phq9_fu", "q1,3,4,2", "q2,5,3,2")],
        "The visit of column 'phq9_fu' of x cannot be placed in time.",
    ),
    "scales without totals": (
        [text("x", "id,week,scale,a,b", "q1,0,phq9,3,4", "q1,1,phq9,4,5", "q2,0,phq9,4,5")],
        "x names symptom scales but no column clearly holds their totals.",
    ),
    "one row per person": (
        [text("x", "id,week,phq9", "q1,0,3", "q2,0,4")],
        "Nobody has more than one visit of the same outcome in x, so there is no change to "
        "analyse.",
    ),
    "questions instead of totals": (
        [text("x", "id," + ",".join(f"phq9_{i}" for i in range(1, 10)), "q1,0,1,2,3,0,1,2,3,0")],
        "x has answers to single questions of PHQ-9 in columns 'phq9_1' to 'phq9_9', but "
        "nothing says at which visit.",
    ),
    "only covariates": (
        [text("c", "id,age", "q1,31", "q2,42")],
        "There is no symptom outcome in these files.",
    ),
    "nothing of use": (
        [text("c", "id,kind", "q1,a", "q2,a")],
        "c has no scores, no outcomes and no covariates in it.",
    ),
    "no values": (
        [text("x", "id,phq9_pre,phq9_post", "q1,,", "q2,NA,")],
        "x has outcome columns without a single value.",
    ),
    "a wide total out of range": (
        [text("x", "id,phq9_pre,phq9_w1", "q1,3,4", "q2,55,5")],
        "1 total in column 'phq9_pre' of x lies outside the range of PHQ-9, 0 to 27, on line 3.",
    ),
}


@pytest.mark.parametrize("case", BAD, ids=list(BAD))
def test_bad_files_give_one_sentence(case):
    files, sentence = BAD[case]
    with pytest.raises(DataError) as caught:
        read_study(*files)
    assert caught.value.sentence == sentence
    assert caught.value.hint.endswith(".")
    assert caught.value.file
    report = check(files)
    assert report["status"] == ("warning" if case == "only covariates" else "refused")


@pytest.mark.parametrize("case", BAD, ids=list(BAD))
def test_no_message_holds_an_identifier_or_an_entry(case):
    files, _ = BAD[case]
    said = str(check(files)) + str([r.error for r in inspect(files)])
    said += str([(r.summary, r.findings, r.columns) for r in inspect(files)])
    for entry in ("q1", "q2", "q3", "z1", "Zebra", "73", "55", "rs1"):
        assert entry not in said


ROLE_FAULTS = [
    ("c", "sex", "score", "text_for_number"),
    ("c", "sex", "component", "text_for_number"),
    ("l", "visit", "value", "text_for_number"),
    ("c", "sex", "outcome", "no_time"),
    ("l", "total", "score", None),
    ("l", "total", "covariate", None),
    ("c", "nothere", "score", "unknown_column"),
    ("l", "week", "id", None),
]


@pytest.mark.parametrize(("file", "column", "role", "code"), ROLE_FAULTS)
def test_roles_that_cannot_hold(file, column, role, code):
    files = csv(builders.scores(), "s"), csv(builders.long(), "l"), csv(builders.covariates(), "c")
    with pytest.raises(DataError) as caught:
        read_study(*files, recipe=ReadingChoices(roles={(file, column): role}))
    assert code is None or (caught.value.code, caught.value.column) == (code, column)


@pytest.mark.parametrize(
    ("spell", "word"),
    [
        (lambda one: one.replace("K0", "K"), "punctuation"),
        (str.lower, "upper and lower case"),
        (lambda one: one[0] + "-" + one[1:], "blanks and punctuation"),
    ],
)
def test_near_matches_are_explained_and_not_made(spell, word):
    scores = builders.scores()
    scores["person_id"] = scores["person_id"].map(spell)
    with pytest.raises(DataError) as caught:
        read_study(csv(scores, "s"), csv(builders.long(), "l"))
    assert caught.value.code == "no_matching_ids"
    if word != "punctuation":
        assert word in caught.value.hint


def test_a_shared_visit_name_is_repeated_in_the_message():
    rows = [f"k{i},{v},3" for i in range(9) for v in ("pre", "booster")]
    with pytest.raises(DataError, match="visits called 'booster' that cannot be placed"):
        read_study(text("l", "id,visit,phq9", *rows))
    reading = inspect([text("l", "id,visit,phq9", *rows)])[0]
    assert [(v.label, v.week, v.n_rows) for v in reading.visits] == [
        ("pre", 0.0, 9),
        ("booster", None, 9),
    ]


def test_a_file_without_time_can_still_be_corrected():
    file = text("x", "id,when,phq9", *(f"k{i},{w},{i + w}" for i in range(9) for w in (0, 3)))
    reading = inspect([file])[0]
    assert reading.error is not None
    assert [(c.column, c.role) for c in reading.columns] == [
        ("id", "ignore"), ("when", "ignore"), ("phq9", "ignore"),
    ]  # fmt: skip
    study = read_study(file, recipe=ReadingChoices(roles={("x", "when"): "time:day"}))
    assert study.time_unit == "day"


def test_no_files_at_all():
    with pytest.raises(DataError, match="No file is given"):
        read_study()
    assert check([])["status"] == "refused"


JUNK = [b'"', b",", b";", b"\t", b"\n", b"-9", b"NA", b"", b"x", b"1e999", b"\xff", b"#", b"week",
        b"pre", b"0,5", b"phq9", b"PGS", b"id", b"inf", b"\r", b"time", b"_week3"]  # fmt: skip
SEEDS = [
    csv(builders.scores(6), "s").data,
    csv(builders.long(4), "l").data,
    csv(builders.wide(6), "w").data,
    csv(builders.covariates(6), "c").data,
]
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 9), st.sampled_from(JUNK)), min_size=1, max_size=6
)


def mangled(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for place, length, junk in edits:
        at = int(place * len(data))
        data = data[:at] + junk + data[at + length :]
    return data


@given(st.lists(st.tuples(st.sampled_from(SEEDS), EDITS), min_size=1, max_size=3), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mangled_tables_raise_nothing_but_our_errors(cases, data):
    files = [Upload(f"f{i}", mangled(seed, edits)) for i, (seed, edits) in enumerate(cases)]
    readings = inspect(files)
    columns = [(r.name, c.column) for r in readings for c in r.columns]
    roles = {}
    if columns:
        roles = data.draw(
            st.dictionaries(st.sampled_from(columns), st.sampled_from(ROLES), max_size=2)
        )
    choices = ReadingChoices(roles=roles)
    assert check(files, choices)["status"] in {"ok", "warning", "refused"}
    try:
        study = read_study(*files, recipe=choices)
    except PgsIcbtError as error:
        assert error.sentence.endswith(".")
    else:
        assert study.visits["value"].notna().all()
        assert study.visits["time"].notna().all()
        assert not study.visits.duplicated(["person", "outcome", "time"]).any()


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_random_bytes_raise_nothing_but_our_errors(data):
    reading = inspect([Upload("x", data)])[0]
    assert reading.error is None or isinstance(reading.error, DataError)
