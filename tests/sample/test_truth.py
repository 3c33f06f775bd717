"""What is called the truth is what models estimate: checked on large samples."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt.result import Array
from pgsicbt.sample import parameters as par
from pgsicbt.sample.courses import curve, latent_courses, planted_means
from pgsicbt.sample.people import People, draw_people
from pgsicbt.sample.truth import (
    acting,
    all_together,
    education_moments,
    one_at_a_time,
    planted,
    truth,
    with_education,
)

N = 60_000


@pytest.fixture(scope="module")
def people() -> People:
    return draw_people(np.random.default_rng(20), N, 0)


def regress(y: Array, people: People, *columns: Array) -> Array:
    """Coefficients of ``columns`` beside the covariates of the published adjustment."""
    frame = people.frame
    x = np.column_stack(
        [
            *columns,
            np.ones(len(frame)),
            frame["age"],
            frame["sex"] == "male",
            *(people.diagnosis == d for d in (1, 2)),
            *(frame["batch"] == b for b in ("B2", "B3")),
            people.components,
        ]
    ).astype(float)
    return np.asarray(np.linalg.lstsq(x, y, rcond=None)[0][: len(columns)])


@pytest.mark.parametrize("k", range(9))
def test_one_score_at_a_time_finds_the_published_truth(people: People, k: int) -> None:
    start, weekly = planted_means(people, np.zeros(par.N_THERAPISTS))
    main, slope = one_at_a_time()[k]
    assert regress(start, people, people.scores[:, k])[0] == pytest.approx(main, abs=0.03)
    assert regress(weekly, people, people.scores[:, k])[0] == pytest.approx(slope, abs=0.002)


@pytest.mark.parametrize("k", range(9))
def test_with_education_the_score_finds_its_share(people: People, k: int) -> None:
    start, weekly = planted_means(people, np.zeros(par.N_THERAPISTS))
    education = people.frame["education"].to_numpy(float)
    scores, levels = with_education()
    found = regress(start, people, people.scores[:, k], education)
    assert found == pytest.approx([scores[k, 0], levels[k, 0]], abs=0.03)
    found = regress(weekly, people, people.scores[:, k], education)
    assert found == pytest.approx([scores[k, 1], levels[k, 1]], abs=0.002)


def test_education_outdoes_the_score() -> None:
    _, sd, _ = education_moments()
    scores, levels = with_education()
    assert abs(levels[0, 0] * sd) > abs(par.SCORE_EFFECTS["EDU"][0]) > abs(scores[0, 0])
    assert levels[0] == pytest.approx(np.array(par.EDUCATION))


def test_joint_effects_reproduce_single_effects() -> None:
    assert par.score_correlation() @ all_together() == pytest.approx(one_at_a_time(), abs=1e-12)
    assert np.linalg.eigvalsh(par.score_correlation()).min() > 0.1
    assert acting()[1:] == pytest.approx(all_together()[1:])


def test_the_floor_takes_nothing_from_the_planted_mean(people: People) -> None:
    rng = np.random.default_rng(21)
    latent = latent_courses(rng, people)
    start, weekly = planted_means(people, np.zeros(par.N_THERAPISTS))
    assert latent.min() >= 0
    assert latent.max() <= 100
    for week, allowed in ((0, 0.02), (6, 0.02), (12, 0.02)):
        visit = list(par.WEEKS).index(week)
        mean = start + weekly * week + curve(par.WEEKS)[visit]
        for d in range(3):
            mine = people.diagnosis == d
            x = np.column_stack([np.ones(mine.sum()), mean[mine] - mean[mine].mean()])
            level, ratio = np.linalg.lstsq(x, latent[mine, visit], rcond=None)[0]
            assert level == pytest.approx(mean[mine].mean(), abs=0.35)
            assert ratio == pytest.approx(1, abs=allowed + 0.08)


def test_the_curve_is_convex_and_ends_where_it_began() -> None:
    bend = curve(np.arange(0.0, 13.0))
    assert bend[[0, -1]] == pytest.approx([0, 0])
    assert (np.diff(bend, 2) > 0).all()
    assert bend.min() == pytest.approx(-1.47, abs=0.05)


def test_planted_rows_name_model_term_and_origin() -> None:
    rows = planted()
    first = rows[0]
    assert first == {
        "model": "published",
        "score": "PGS_EDU",
        "variable": "PGS_EDU",
        "level": "",
        "main": -0.69,
        "weekly": -0.03,
        "origin": "published",
    }
    assert {r["origin"] for r in rows} == {"published", "plausible", "implied"}
    keys = [(r["model"], r["score"], r["variable"], r["level"]) for r in rows]
    assert len(set(keys)) == len(keys)


def test_truth_says_that_nobody_exists() -> None:
    facts = truth(7, 100)
    assert "simulated" in facts["about"]
    assert facts["seed"] == 7
    assert facts["models"].keys() == {"published", "with_education"}
