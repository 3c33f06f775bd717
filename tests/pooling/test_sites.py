"""Summaries of sites: what is in them, what is read back, what is pooled and what is refused."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pgsicbt
from pgsicbt import AnalysisSpec, DataError, FitError, PgsIcbtError, SpecError
from pgsicbt.models import mixed_model
from pgsicbt.pooling import SiteSummary, pool_estimates, pool_sites, read_summary, site_summary
from pgsicbt.pooling.pooled import POOLED_COLUMNS
from pgsicbt.pooling.site_summary import digest_of
from pgsicbt.provenance import Provenance
from pgsicbt.study import Study
from tests.models.example import example_study, flat

SPEC = AnalysisSpec(scores=("PGS_A", "PGS_B"), covariates=("age",), adjustments=("adjusted",))
NAMES = ("North", "South", "Småland")


def _study(seed: int) -> Study:
    return dataclasses.replace(example_study(seed=seed, n=90), digest=f"example {seed}")


@pytest.fixture(scope="module")
def studies() -> list[Study]:
    return [_study(seed) for seed in (1, 2, 3)]


@pytest.fixture(scope="module")
def sites(studies: list[Study]) -> list[SiteSummary]:
    return [
        site_summary(study, pgsicbt.fit(study, SPEC), name)
        for study, name in zip(studies, NAMES, strict=True)
    ]


def _again(site: SiteSummary) -> SiteSummary:
    return read_summary(site.to_json().encode(), "site.json")


def _changed(site: SiteSummary, /, **what: Any) -> bytes:
    body = json.loads(site.to_json()) | what
    body["digest"] = digest_of(body)
    return json.dumps(body).encode()


def test_a_summary_survives_its_file(sites: list[SiteSummary]) -> None:
    for site in sites:
        again = _again(site)
        pd.testing.assert_frame_equal(again.effects, site.effects, check_dtype=False)
        assert dataclasses.replace(again, effects=site.effects) == site
        assert again.to_json() == site.to_json()


def test_a_summary_holds_no_person(studies: list[Study], sites: list[SiteSummary]) -> None:
    text = sites[0].to_json()
    body = json.loads(text)
    assert len(body["effects"]) == 4  # two scores, severity and change
    # By themselves: the digits of an estimate may well hold those of an identifier.
    alone = set(re.findall(r"(?<![0-9a-f.])[0-9a-f]{4}(?![0-9a-f])", text))
    assert not alone.intersection(studies[0].persons.index)
    assert studies[0].digest not in text


def test_change_is_per_sd_from_start_to_last_week(studies: list[Study], sites: Any) -> None:
    data = flat(studies[0])
    data["z"] = (data["PGS_A"] - studies[0].persons["PGS_A"].mean()) / studies[0].persons[
        "PGS_A"
    ].std()
    model = mixed_model("value ~ time * (z + age)", data, groups="person", random="1 + time")
    effects = sites[0].effects.set_index(["score", "about"])
    weekly = float(model.coefficients["time:z"])
    assert effects.loc[("PGS_A", "change"), "estimate"] == pytest.approx(12 * weekly, rel=1e-4)


def test_pooling_is_pooling_of_each_effect(sites: list[SiteSummary]) -> None:
    found = pool_sites([_again(s) for s in sites])
    assert tuple(found.table.columns) == POOLED_COLUMNS
    assert len(found.table) == 4
    assert found.weeks == 12
    row = found.table.set_index(["score", "about"]).loc[("PGS_A", "change")]
    each = [s.effects.set_index(["score", "about"]).loc[("PGS_A", "change")] for s in sites]
    reference = pool_estimates(
        np.array([e["estimate"] for e in each]), np.array([e["std_error"] for e in each])
    )
    assert row["estimate"] == pytest.approx(reference.estimate)
    assert row["predict_high"] == pytest.approx(reference.predict_high)
    assert row["n_persons"] == sum(e["n_persons"] for e in each)
    left = found.left_out
    assert len(left) == 3 * 4
    assert set(left["without"]) == set(NAMES)
    severity = found.table[found.table["about"] == "severity"]
    np.testing.assert_allclose(
        severity["p_adjusted"].min(), min(2 * severity["p_value"].min(), 1.0)
    )


def test_the_order_of_sites_does_not_matter(sites: list[SiteSummary]) -> None:
    one, two = pool_sites(sites).table, pool_sites(sites[::-1]).table
    for column in ("estimate", "std_error", "tau2", "conf_low"):
        np.testing.assert_allclose(one[column], two[column], rtol=1e-8, atol=1e-9)


def test_two_sites_can_be_pooled_and_the_width_is_explained(sites: list[SiteSummary]) -> None:
    found = pool_sites(sites[:2])
    assert found.left_out.empty
    assert any(f.code == "few_sites" for f in found.findings)


def test_other_weeks_are_told_over_the_shortest(studies: list[Study], sites: Any) -> None:
    short = site_summary(studies[2], pgsicbt.fit(studies[2], SPEC.replace(last_week=8.0)), "short")
    found = pool_sites([sites[0], short])
    assert found.weeks == 8
    rows = found.rows.set_index(["site", "score", "about"])["estimate"]
    whole = sites[0].effects.set_index(["score", "about"])["estimate"]
    ours = rows.loc[("North", "PGS_A", "change")]
    assert ours == pytest.approx(whole.loc[("PGS_A", "change")] * 8 / 12)
    assert rows.loc[("North", "PGS_A", "severity")] == whole.loc[("PGS_A", "severity")]
    assert any("8 weeks" in f.message for f in found.findings)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"family": "ancova"}, "kind of model"),
        ({"time_coding": "piecewise", "knot": 4.0}, "coding of time"),
        ({"origin": "end"}, "where time is zero"),
        ({"interactions": (("PGS_A", "age"),)}, "interactions"),
    ],
)
def test_other_analyses_are_not_pooled(
    studies: list[Study], sites: list[SiteSummary], change: dict[str, Any], words: str
) -> None:
    other = site_summary(studies[1], pgsicbt.fit(studies[1], SPEC.replace(**change)), "South")
    with pytest.raises(SpecError, match=f"differ in .*{words}.* at North.* at South"):
        pool_sites([sites[0], other])


def test_other_outcomes_are_not_pooled(sites: list[SiteSummary]) -> None:
    outcome = dataclasses.replace(sites[1].outcome, name="PHQ-9")
    with pytest.raises(SpecError, match="outcome: harmonised at North, PHQ-9 at South"):
        pool_sites([sites[0], dataclasses.replace(sites[1], outcome=outcome)])
    better = dataclasses.replace(sites[1].outcome, higher_is_worse=False)
    with pytest.raises(SpecError, match="direction"):
        pool_sites([sites[0], dataclasses.replace(sites[1], outcome=better)])


def test_differences_that_may_be_are_named(studies: list[Study], sites: list[SiteSummary]) -> None:
    spec = SPEC.replace(covariates=("age", "sex"))
    other = site_summary(studies[1], pgsicbt.fit(studies[1], spec), "South")
    found = pool_sites([sites[0], other])
    assert any("covariates: age at North, age, sex at South" in f.message for f in found.findings)


def test_the_same_people_do_not_count_twice(sites: list[SiteSummary]) -> None:
    with pytest.raises(SpecError, match="same data"):
        pool_sites([sites[0], dataclasses.replace(sites[0], site="elsewhere")])
    with pytest.raises(SpecError, match="bear the name"):
        pool_sites([sites[0], dataclasses.replace(sites[1], site="north")])
    with pytest.raises(SpecError, match="fewer than two"):
        pool_sites(sites[:1])


def test_scores_of_one_site_are_named(studies: list[Study], sites: list[SiteSummary]) -> None:
    one = site_summary(studies[1], pgsicbt.fit(studies[1], SPEC.replace(scores=("PGS_A",))), "one")
    found = pool_sites([sites[0], one])
    assert set(found.table["score"]) == {"PGS_A"}
    assert any(f.code == "one_site" and f.column == "PGS_B" for f in found.findings)
    two = site_summary(studies[2], pgsicbt.fit(studies[2], SPEC.replace(scores=("PGS_C",))), "two")
    with pytest.raises(FitError, match="under one name"):
        pool_sites([one, two])


def test_effects_of_few_people_stay_at_home(studies: list[Study]) -> None:
    persons = studies[0].persons.copy()
    persons.loc[persons.index[7:], "PGS_B"] = np.nan
    few = dataclasses.replace(studies[0], persons=persons)
    result = pgsicbt.fit(few, SPEC.replace(adjustments=("crude",), covariates=()))
    known = result.table[(result.table["score"] == "PGS_B") & (result.table["status"] != "failed")]
    summary = site_summary(few, result, "North")
    assert set(summary.effects["score"]) == {"PGS_A"}
    assert summary.withheld == int(known["role"].isin(["main", "interaction"]).sum())


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_site_has_a_name(studies: list[Study], name: str) -> None:
    with pytest.raises(SpecError, match="needs a name"):
        site_summary(studies[0], pgsicbt.fit(studies[0], SPEC), name)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"schema": "other"}, "not the summary"),
        ({"version": 2}, "form that this program does not know"),
        ({"site": 3}, "'site'"),
        ({"unit": "miles"}, "'unit'"),
        ({"n_persons": -1}, "'n_persons'"),
        ({"first_week": "one"}, "'first_week'"),
        ({"effects": []}, "'effects'"),
        ({"effects": [{"score": "A"}]}, "'label'"),
        ({"outcome": {}}, "'higher_is_worse'"),
        ({"simulated": "yes"}, "'simulated'"),
        ({"spec": {"family": "magic"}}, "family"),
    ],
)
def test_odd_files_are_refused(sites: list[SiteSummary], what: dict[str, Any], words: str) -> None:
    with pytest.raises(PgsIcbtError, match=words):
        read_summary(_changed(sites[0], **what), "site.json")


def test_small_cells_from_elsewhere_are_refused(sites: list[SiteSummary]) -> None:
    effects = json.loads(sites[0].to_json())["effects"]
    effects[0]["n_persons"] = 7
    with pytest.raises(DataError, match="fewer than 8 people"):
        read_summary(_changed(sites[0], effects=effects), "site.json")


def test_a_file_that_was_changed_is_refused(sites: list[SiteSummary]) -> None:
    text = sites[0].to_json().replace('"North"', '"Nord"')
    with pytest.raises(DataError, match="changed after it was written"):
        read_summary(text.encode(), "site.json")
    for data in (b"", b"[]", b"\xff", b"[" * 100_000, b" " * 6_000_000):
        with pytest.raises(DataError, match=r"site\.json"):
            read_summary(data, "site.json")


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_no_damage_ends_in_another_error(sites: list[SiteSummary], data: st.DataObject) -> None:
    body = json.loads(sites[0].to_json())
    key = data.draw(st.sampled_from(sorted(body)))
    json_value = st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=True) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=5,
    )
    body[key] = data.draw(json_value)
    if key != "digest":
        body["digest"] = digest_of(body)
    try:
        read_summary(json.dumps(body).encode(), "site.json")
    except PgsIcbtError as problem:
        assert "site.json" in str(problem)


def _of(study: Study, site: str, **told: str) -> SiteSummary:
    stated = {"PGS_A": Provenance("PGS_A", **told)}
    return site_summary(study, pgsicbt.fit(study, SPEC), site, stated)


def test_two_scores_of_one_name_are_refused(studies: list[Study]) -> None:
    one = _again(_of(studies[0], "North", pgs_id="PGS000327", gwas="Wray 2018"))
    two = _again(_of(studies[1], "South", pgs_id="PGS003333", gwas="Howard 2019"))
    assert one.origins == {"PGS_A": {"pgs_id": "PGS000327", "gwas": "Wray 2018"}}
    with pytest.raises(SpecError, match="PGS_A is PGS000327 at North and PGS003333 at South"):
        pool_sites([one, two])


def test_other_origins_of_a_score_are_named(studies: list[Study], sites: list[SiteSummary]) -> None:
    one = _of(studies[0], "North", pgs_id="PGS000327", gwas="Wray 2018", method="PRS-CS")
    two = _of(studies[1], "South", pgs_id="pgs000327", gwas="wray  2018", method="LDpred2")
    said = [f for f in pool_sites([one, two]).findings if f.code == "scores_differ"]
    assert [f.column for f in said] == ["PGS_A"]
    assert "the scoring method of PGS_A: PRS-CS at North, LDpred2 at South" in said[0].message
    silent = pool_sites([one, sites[1]])  # nothing is stated at one of them
    assert not any(f.code == "scores_differ" for f in silent.findings)


def test_a_summary_of_before_origins_is_read(sites: list[SiteSummary]) -> None:
    body = json.loads(sites[0].to_json())
    del body["origins"]
    body["digest"] = digest_of(body)
    assert read_summary(json.dumps(body).encode(), "site.json").origins == {}


@pytest.mark.parametrize(
    "odd", [[], {"PGS_A": "x"}, {"PGS_A": {"pgs_id": 3}}, {"PGS_A": {"x": ""}}]
)
def test_odd_origins_are_refused(sites: list[SiteSummary], odd: object) -> None:
    with pytest.raises(DataError, match="does not hold what a summary holds"):
        read_summary(_changed(sites[0], origins=odd), "site.json")
