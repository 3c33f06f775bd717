"""Answers in words, and questionnaires of several scales in one block of columns."""

from __future__ import annotations

import random

import pytest

from pgsicbt.errors import DataError
from pgsicbt.ingest import Upload, read_study
from pgsicbt.ingest.recognise.item_names import overfull_blocks, split_item
from pgsicbt.instruments import all_instruments, find_instrument, folded
from pgsicbt.instruments.wording import wordings

DAYS = {
    "English": ["Not at all", "Several days", "More than half the days", "Nearly every day"],
    "Swedish": ["Inte alls", "Flera dagar", "Mer än hälften av dagarna", "Nästan varje dag"],
    "Norwegian": ["Ikke i det hele tatt", "Noen dager", "Mer enn halvparten av dagene",
                  "Nesten hver dag"],
    "Danish": ["Slet ikke", "Flere dage", "Mere end halvdelen af dagene", "Naesten hver dag"],
    "German": ["ÜBERHAUPT NICHT", "An einzelnen Tagen", "An mehr als der Hälfte der Tage",
               "Beinahe jeden Tag."],
    "numbered": ["0 = Ganz anders", "1 = Zuweilen", "2 = Vielfach", "3 = Dauernd"],
    "from one": ["1 - Not at all", "2 - Several days", "3 - More than half the days",
                 "4 - Nearly every day"],
}  # fmt: skip
STEM = {"phq9": 9, "dass21": 21}


def table(words, stem="phq9", seed=4):
    """Rows of text and what each answer is, shape (n_rows, n_questions)."""
    rng, n = random.Random(seed), STEM.get(stem, 21)
    answers = [[rng.randrange(4) for _ in range(n)] for _ in range(24)]
    lines = [",".join(["id", "week", *(f"{stem}_{i}" for i in range(1, n + 1))])]
    lines += [
        ",".join([f"k{row // 2}", str(row % 2), *(f'"{words[one]}"' for one in answer)])
        for row, answer in enumerate(answers)
    ]
    return Upload("a.csv", "\n".join(lines).encode()), answers


def values(study, outcome):
    frame = study.outcome_visits(outcome)
    return sorted(frame["value"].tolist())


@pytest.mark.parametrize("words", DAYS.values(), ids=list(DAYS))
def test_words_count_as_their_numbers(words):
    file, answers = table(words)
    study = read_study(file)
    assert values(study, "PHQ-9") == sorted(map(sum, answers))
    (said,) = [one.message for one in study.findings if one.code == "worded"]
    assert "'phq9_1' to 'phq9_9'" in said
    assert "0 to 3" in said


def test_unknown_words_are_refused_and_not_repeated():
    with pytest.raises(DataError) as caught:
        read_study(table(["Niemals", "Zuweilen", "Vielfach", "Dauernd"])[0])
    assert "'phq9_1'" in caught.value.sentence
    assert "several days" in caught.value.hint
    assert "Vielfach" not in str(caught.value)


def test_one_step_in_two_wordings_is_refused():
    words = ["Not at all", "Several days", "Flera dagar", "Nearly every day"]
    with pytest.raises(DataError, match="two wordings of one answer"):
        read_study(table(words)[0])


@pytest.mark.parametrize("stem", ["dass21", "DASS", "dass_21_q"])
def test_one_block_of_21_columns_gives_three_scales(stem):
    file, answers = table("0123", stem)
    study = read_study(file)
    for scale in ("D", "A", "S"):
        block = find_instrument(f"DASS-21-{scale}").block
        expected = sorted(2.0 * sum(row[i - 1] for i in block.numbers) for row in answers)
        assert values(study, f"DASS-21-{scale}") == expected


def test_the_longer_form_is_not_taken_for_the_short_one():
    columns = [f"dass_{i}" for i in range(1, 43)]
    assert overfull_blocks(columns) == {"DASS-21-D", "DASS-21-A", "DASS-21-S"}
    assert not overfull_blocks(columns[:21])


@pytest.mark.parametrize(
    ("name", "scale", "item"),
    [("dass21_13", "DASS-21-D", 4), ("DASS21[SQ001]", "DASS-21-S", 1),
     ("dass21_d_1", "DASS-21-D", 1), ("dass_21_w0", "DASS-21-D", 7), ("dass21a_3", "DASS-21-A", 3)],
)  # fmt: skip
def test_names_of_questions_in_a_block(name, scale, item):
    found = split_item(name)
    assert found is not None
    assert (found[0].id, found[1]) == (scale, item)


def test_the_scales_of_a_block_share_no_question_and_leave_none():
    for called in {one.block.aliases for one in all_instruments() if one.block}:
        blocks = [one.block for one in all_instruments() if one.block]
        numbers = [n for block in blocks if block.aliases == called for n in block.numbers]
        assert sorted(numbers) == list(range(1, blocks[0].count + 1))


def test_every_set_of_wordings_fits_its_questions():
    for one in all_instruments():
        if one.items is not None and one.items.answers:
            assert len(one.items.answers) == one.items.maximum - one.items.minimum + 1
    assert wordings("days")[3][0] == "nearly every day"
    assert folded("Næsten  hver dag!") == folded("naesten hver dag")
