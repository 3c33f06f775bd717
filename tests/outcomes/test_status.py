"""Response, remission and reliable change, by hand and against plain pandas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import pgsicbt
from pgsicbt.errors import SpecError
from pgsicbt.ingest import Upload
from pgsicbt.instruments import Reliability
from pgsicbt.outcomes import post_week, reliable_change_index, rules, status, status_table


def study(rows: list[tuple[str, float, float]], name: str = "phq9"):
    text = f"id,week,{name}\n" + "".join(f"{p},{w},{v}\n" for p, w, v in rows)
    return pgsicbt.read_study(Upload("o.csv", text.encode()))


def cohort(n: int = 200, seed: int = 4):
    rng = np.random.default_rng(seed)
    before = rng.integers(8, 28, n)
    after = np.clip(before - rng.integers(-4, 15, n), 0, 27)
    rows = [(f"k{i}", 0.0, b) for i, b in enumerate(before)]
    rows += [(f"k{i}", 12.0, a) for i, a in enumerate(after) if i % 10]
    return study(rows), before, after


def rule(found, kind: str, words: str = ""):
    return next(r for r in found if r.kind == kind and words in r.words)


def test_reliable_change_by_hand():
    # Jacobson and Truax: 1.96 times the standard error of a difference
    assert reliable_change_index(7.5, 0.84) == pytest.approx(1.959964 * math.sqrt(2) * 7.5 * 0.4)


def test_definitions_by_hand():
    made = study(
        [("a", 0, 20), ("a", 12, 10), ("b", 0, 20), ("b", 12, 11), ("c", 0, 10), ("c", 12, 4),
         ("d", 0, 6), ("d", 12, 12), ("e", 0, 9), ("f", 0, 0), ("f", 12, 0)]
    )  # fmt: skip
    found = rules(made, "PHQ-9")
    table = status(made, "PHQ-9", week=12).sort_values(["before", "after"], ascending=False)

    # in this order: b (20, 11), a (20, 10), c (10, 4), e (9, -), d (6, 12), f (0, 0)
    def met(kind: str) -> list[float]:
        return table[rule(found, kind).column].fillna(-1).tolist()

    assert table["before"].tolist() == [20, 20, 10, 9, 6, 0]
    assert met("response") == [0, 1, 1, -1, 0, -1]  # nobody responds from zero
    assert met("remission") == [0, 0, 1, -1, 0, -1]  # nobody who is well already remits
    assert met("case") == [1, 1, 0, -1, 1, 0]
    assert met("reliable improvement") == [1, 1, 1, -1, 0, 0]
    assert met("reliable deterioration") == [0, 0, 0, -1, 1, 0]
    worst = status(made, "PHQ-9", week=12, missing_as_failure=True)
    assert worst[rule(found, "case").column].isna().sum() == 0
    gone = worst["after"].isna()
    assert worst.loc[gone, rule(found, "remission").column].tolist() == [0]


def test_nobody_first_seen_during_treatment_has_a_baseline():
    made = study(
        [("a", 0, 20), ("a", 12, 4), ("b", 9, 20), ("b", 12, 4), ("c", 1, 20), ("c", 12, 4)]
    )
    found = rules(made, "PHQ-9")
    table = status(made, "PHQ-9", week=12)
    late = table["before"].isna()
    assert late.sum() == 1
    for kind in ("response", "remission", "reliable improvement"):
        column = table[rule(found, kind).column]
        assert column[late].isna().all() and (column[~late] == 1).all()
    assert table.loc[late, rule(found, "case").column].tolist() == [0]  # the total after treatment
    worst = status(made, "PHQ-9", week=12, missing_as_failure=True)
    assert worst.loc[late, rule(found, "response").column].isna().all()


def test_who_was_in_remission_before_treatment_is_counted_apart():
    def cohort_of(well: int) -> pd.DataFrame:
        rows = [(f"k{i}", w, 15 - w) for i in range(40) for w in (0, 12)]
        rows += [(f"i{i}", w, 15) for i in range(20) for w in (0, 12)]
        rows += [(f"w{i}", w, 2) for i in range(well) for w in (0, 12)]
        return status_table(study(rows)).set_index("kind")

    found = cohort_of(10)
    row = found.loc["remission"]
    assert (row["n_persons"], row["n_already"], row["n_missing"], row["n_met"]) == (60, 10, 0, 40)
    assert row["share"] == pytest.approx(100 * 40 / 60)  # and not 50 of 70
    assert (found.drop(index="remission")["n_already"] == 0).all()
    few = cohort_of(5).loc["remission"]
    assert few[["n_persons", "n_already", "n_missing", "n_met"]].isna().all()


def test_the_table_agrees_with_plain_counting():
    made, before, after = cohort()
    seen = np.arange(len(before)) % 10 > 0
    table = status_table(made, "PHQ-9").set_index(["kind", "definition"])
    response = table.loc[("response", "improvement of at least 50 %")]
    hits = int((after[seen] <= before[seen] / 2).sum())
    assert (response["n_persons"], response["n_met"]) == (180, hits)
    assert response["share"] == pytest.approx(100 * hits / 180)
    # Wilson's interval, written out
    n, p, z = 180, hits / 180, 1.959964
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert response["conf_low"] == pytest.approx(100 * (centre - half), abs=1e-4)
    assert response["conf_high"] == pytest.approx(100 * (centre + half), abs=1e-4)
    assert "general use" in response["source"]


def test_counts_below_eight_are_not_shown():
    made, *_ = cohort(40)
    table = status_table(made)  # four people are missing after treatment
    assert table[["n_persons", "n_missing", "n_met"]].isna().all(axis=None)
    shown = table.dropna(subset="share")
    assert 0 < len(shown) < len(table)
    for row in shown.to_dict("records"):
        assert row["share"] == round(row["share"])
    full, *_ = cohort(200)
    for row in status_table(full).dropna(subset="n_met").to_dict("records"):
        rest = row["n_persons"] - row["n_met"]
        assert all(c == 0 or c >= 8 for c in (row["n_met"], rest, row["n_missing"]))


def test_two_cut_offs_that_single_few_people_out_are_not_both_shown():
    def panel(between: int):
        gains = [20] * 30 + [16] * between + [0] * 40  # PCL-5: reliable at 15 and at 18 points
        rows = [(f"k{i}", w, 50 - (g if w else 0)) for i, g in enumerate(gains) for w in (0, 12)]
        table = status_table(study(rows, "pcl5"))
        return table[table["kind"] == "reliable improvement"]["n_met"].tolist()

    assert panel(3)[0] == 33
    assert pd.isna(panel(3)[1])
    assert panel(10) == [40, 30]
    assert panel(0) == [30, 30]


def test_no_spread_of_a_few_people_is_told():
    rows = [(f"k{i}", w, 20 + i - w) for i in range(7) for w in (0, 12)]
    assert all(r.definition is not None for r in rules(study(rows, "madrs_s"), "MADRS-S"))


def test_a_users_own_reliability():
    rows = [(f"k{i}", w, 20 + i % 9 - w) for i in range(40) for w in (0, 12)]
    made = study(rows, "madrs_s")
    own = Reliability("test-retest", 0.7, "our pilot", "C")
    found = [r for r in rules(made, "MADRS-S", own) if r.definition is None]
    sd = made.outcome_visits("MADRS-S").query("time == 0")["value"].std()
    assert found[0].points == pytest.approx(1.959964 * math.sqrt(2) * sd * math.sqrt(0.3))
    assert {r.source for r in found} == {"our pilot"}
    with pytest.raises(SpecError, match="between 0 and 1"):
        reliable_change_index(5, 1.0)
    with pytest.raises(SpecError, match="standard deviation"):
        reliable_change_index(math.nan, 0.8)


def test_direction_and_clinicians_definitions():
    rows = [(f"k{i}", w, v) for i in range(20) for w, v in ((0, 40), (12, 80))]
    made = study(rows, "who5")
    assert not rules(made, "WHO-5")
    panic = study([(f"k{i}", w, v) for i in range(20) for w, v in ((0, 20), (12, 5))], "pdss_sr")
    response = rule(rules(panic, "PDSS-SR"), "response")
    assert response.population.startswith("clinician")
    assert "made for clinicians' ratings" in response.words


def test_reliable_change_from_the_cohorts_own_spread():
    rng = np.random.default_rng(2)
    rows = [(f"k{i}", w, int(v)) for i, v in enumerate(rng.integers(10, 40, 60))
            for w, v in ((0, v), (12, v - 9))]  # fmt: skip
    made = study(rows, "madrs_s")
    own = [r for r in rules(made, "MADRS-S") if r.definition is None]
    sd = made.outcome_visits("MADRS-S").query("time == 0")["value"].std()
    assert own[0].points == pytest.approx(reliable_change_index(sd, 0.84))
    assert "alpha 0.84" in own[0].words


def test_the_week_after_treatment():
    made, *_ = cohort()
    assert post_week(made, "PHQ-9") == 12
    late = study([(f"k{i}", w, 9) for i in range(30) for w in (0, 8, 52)])
    assert post_week(late, "PHQ-9") == 8
    half_year = study([(f"k{i}", w, 9) for i in range(30) for w in (0, 8, 26)])
    assert post_week(half_year, "PHQ-9") == 8
    days = [(f"k{i}", w + i / 100, 9) for i in range(40) for w in (0, 11.9, 51.9)]
    assert post_week(study(days), "PHQ-9") == 12
    other = study([(f"k{i}", w, i + w) for i in range(9) for w in (0, 8)], "trivsel")
    with pytest.raises(SpecError, match="no instrument of the registry"):
        rules(other, "trivsel")
