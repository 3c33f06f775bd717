"""mixed_model: weights, uncorrelated and three random terms, F tests, and input of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgsicbt import mixed_model
from pgsicbt.errors import DataError, FitError, PgsIcbtError, SpecError
from pgsicbt.models.formula.formula import MixedModel

DATA = Path(__file__).parents[1] / "reference" / "data"


def _frame(name: str = "dropout") -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv")


def _codes(model: MixedModel) -> dict[str, str]:
    return {w.code: w.column for w in model.warnings}


def _same(a: MixedModel, b: MixedModel, rel: float = 1e-6) -> None:
    assert a.log_likelihood == pytest.approx(b.log_likelihood, abs=1e-6)
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=rel, atol=1e-9)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=rel, atol=1e-9)
    np.testing.assert_allclose(a.random_covariance, b.random_covariance, rtol=1e-4, atol=1e-5)


# Weights.


@pytest.mark.parametrize("reml", [True, False])
def test_a_weight_of_two_is_a_person_twice(reml: bool) -> None:
    frame = _frame("sparse")
    people = frame["id"].unique()
    counts = pd.Series(np.arange(len(people)) % 3, index=people)  # some are left out, some twice
    frame["w"] = frame["id"].map(counts).astype(float)
    weighted = mixed_model("y ~ time * x", frame, "id", "1 + time", reml=reml, weights="w")
    copies = [frame[frame["w"] > k].assign(id=lambda d, k=k: d["id"] + f"/{k}") for k in (0, 1)]
    written = mixed_model("y ~ time * x", pd.concat(copies), "id", "1 + time", reml=reml)
    _same(weighted, written)
    assert weighted.n_persons == written.n_persons == counts.sum()
    assert weighted.n_observations == written.n_observations
    for df in ("satterthwaite", "kenward-roger") if reml else ("satterthwaite",):
        one, two = weighted.test("time:x", df=df), written.test("time:x", df=df)
        assert one.df == pytest.approx(two.df, rel=1e-5)
        assert one.std_error == pytest.approx(two.std_error, rel=1e-6)
    one, two = weighted.profile("x"), written.profile("x")
    assert (one.conf_low, one.conf_high) == pytest.approx((two.conf_low, two.conf_high), rel=1e-6)
    one, two = weighted.profile("sd time"), written.profile("sd time")
    assert (one.conf_low, one.conf_high) == pytest.approx((two.conf_low, two.conf_high), rel=1e-5)
    for column in ("statistic", "p_value"):
        np.testing.assert_allclose(
            weighted.random_tests()[column], written.random_tests()[column], rtol=1e-4, atol=1e-6
        )


def test_weights_of_one_change_nothing() -> None:
    frame = _frame("small").assign(w=1.0)
    _same(
        mixed_model("y ~ time * x", frame, "id", "1 + time", weights="w"),
        mixed_model("y ~ time * x", frame, "id", "1 + time"),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.assign(w=d["time"]), "differ within a person"),
        (lambda d: d.assign(w=-1.0), "negative"),
        (lambda d: d.assign(w=np.inf), "'w' holds values that are not finite"),
        (lambda d: d.assign(w=0.0), "all zero"),
    ],
)
def test_weights_that_are_none(change: Callable[[pd.DataFrame], pd.DataFrame], message: str):
    with pytest.raises(DataError, match=message) as caught:
        mixed_model("y ~ time", change(_frame()), "id", "1", weights="w")
    assert caught.value.column == "w"


# Random parts and F tests.


def test_uncorrelated_terms_have_no_covariance() -> None:
    model = mixed_model("y ~ time * x", _frame(), "id", "1 + time", correlated=False)
    assert not model.correlated
    assert model.random_covariance.loc["(Intercept)", "time"] == 0.0
    both = mixed_model("y ~ time * x", _frame(), "id", "1 + time")
    assert model.log_likelihood < both.log_likelihood
    with pytest.raises(SpecError, match="no variance parameter 'cor"):
        model.profile("cor (Intercept), time")


def test_three_random_terms() -> None:
    frame = pd.read_csv(DATA.parent / "profile_data" / "curved.csv")
    model = mixed_model("y ~ (time + time2) * x", frame, "id", "1 + time + time2")
    assert list(model.random_covariance) == ["(Intercept)", "time", "time2"]
    np.testing.assert_allclose(np.sqrt(np.diag(model.random_covariance)), [7, 2, 0.3], rtol=0.2)
    # The same random part in other words: powers that formulaic makes itself.
    other = mixed_model("y ~ (time + I(time**2)) * x", frame, "id", "1 + time + I(time**2)")
    assert other.log_likelihood == pytest.approx(model.log_likelihood, abs=1e-8)


def test_f_tests() -> None:
    model = mixed_model("y ~ time * x + age", _frame(), "id", "1 + time")
    for df in ("satterthwaite", "kenward-roger"):
        one, t = model.f_test(["x"], df=df), model.test("x", df=df)
        assert one.statistic == pytest.approx(t.statistic**2, rel=1e-8)
        assert one.df_denominator == pytest.approx(t.df, rel=1e-6)
        assert one.p_value == pytest.approx(t.p_value, rel=1e-6)
        joint = model.f_test(["x", "time:x", "age"], df=df)
        assert joint.df_numerator == 3
        assert 80 < joint.df_denominator < 130
    assert model.f_test(["x", "age"]).df_denominator == pytest.approx(
        model.f_test(["x", "age"], df="kenward-roger").df_denominator
    )
    by_ml = mixed_model("y ~ time * x + age", _frame(), "id", "1 + time", reml=False)
    assert by_ml.f_test(["x", "age"], df="satterthwaite").p_value > 0
    with pytest.raises(SpecError, match="needs a REML fit"):
        by_ml.f_test(["x", "age"])
    with pytest.raises(SpecError, match="df cannot be 'normal'"):
        model.f_test(["x"], df="normal")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="different terms"):
        model.f_test("x")
    with pytest.raises(SpecError, match="confidence"):
        model.test("x", confidence=95)


# Named errors.


def _one_each(d: pd.DataFrame) -> pd.DataFrame:
    return d.drop_duplicates("id")


@pytest.mark.parametrize(
    ("change", "formula", "random", "error", "message"),
    [
        (None, "y ~ time", "1 + x", SpecError, "'x' never changes within a person"),
        (None, "y ~ time", "1 + sex", SpecError, r"'sex\[T.male\]' never changes"),
        (None, "y ~ time", "0 + x", SpecError, "'x' never changes"),
        (None, "y ~ time", "1 + time + I(2 * time)", SpecError, r"'I\(2 \* time\)' is constant or"),
        (None, "y ~ time", "1 + four", SpecError, "'four' is constant or follows"),
        (None, "y ~ time", "1 + nothing", SpecError, "random part '1 . nothing' cannot be read"),
        (None, "y ~ time", "(1 + time | id)", SpecError, "Name its terms only"),
        (None, "y ~ time", "1 + time + I(time**2) + I(time**3)", SpecError, "has 4 columns"),
        (None, "y ~ time", "(((", SpecError, "cannot be read"),
        (None, "time + x", "1", SpecError, "has no outcome"),
        (None, "y ~ nothing", "1", SpecError, "cannot be read"),
        (None, "sex ~ time", "1", DataError, "must be one numeric column"),
        (lambda d: d.assign(x=np.inf), "y ~ x * time", "1", DataError, "'x' holds values"),
        (lambda d: d.assign(y=-np.inf), "y ~ time", "1", DataError, "'y' holds values"),
        (
            lambda d: d.assign(later=d["time"].where(d["time"] < 12, np.inf)),
            "y ~ time", "1 + later", DataError, "'later' holds values",
        ),
        (_one_each, "y ~ x", "1", FitError, "too few visits, one each"),
        (lambda d: d[d["id"] == "p000"], "y ~ time", "1", FitError, "only one person"),
        (lambda d: d[d["time"] < 0], "y ~ time", "1", FitError, "too few visits"),
        (lambda d: d.head(6), "y ~ time * (x + age)", "1 + time", FitError, "only one person"),
        (lambda d: d.head(16), "y ~ C(time) * x", "1 + time", FitError, "observations for"),
        (lambda d: d.assign(y=3.0), "y ~ time", "1", FitError, "determine the outcome exactly"),
        (lambda d: d.assign(x=np.nan), "y ~ x", "1", DataError, "No row has a value"),
        (lambda d: d.assign(id=None), "y ~ x", "1", DataError, "No row has a value"),
    ],
)  # fmt: skip
def test_named_errors(change, formula: str, random: str, error: type, message: str) -> None:
    frame = _frame().assign(four=4.0)
    with pytest.raises(error, match=message):
        mixed_model(formula, frame if change is None else change(frame), "id", random)


def test_columns_that_are_not_there() -> None:
    with pytest.raises(SpecError, match=r"no column 'person'.*of persons"):
        mixed_model("y ~ time", _frame(), "person")
    with pytest.raises(SpecError, match=r"no column 'w'.*of weights"):
        mixed_model("y ~ time", _frame(), "id", weights="w")


def test_one_visit_each_is_fine_without_a_random_part() -> None:
    model = mixed_model("y ~ x", _one_each(_frame()), "id", "0")
    assert np.isfinite(model.std_errors).all()


# Named warnings.


def test_a_clean_model_has_no_warnings() -> None:
    model = mixed_model("y ~ time * (x + sex + site) + age", _frame(), "id", "1 + time")
    assert model.warnings == ()


def test_left_out_columns_are_named_with_the_reason() -> None:
    frame = _frame().assign(again=lambda d: d["x"], three=3.0, zero=0.0)
    frame["sum"] = frame["x"] + frame["age"]
    model = mixed_model("y ~ time * x + age + again + three + zero + sum", frame, "id", "1 + time")
    assert model.dropped == ("again", "three", "zero", "sum")
    said = {w.column: w.message for w in model.warnings}
    assert "equals 'x'" in said["again"]
    assert "constant" in said["three"]
    assert "zero throughout" in said["zero"]
    assert "earlier columns determine it" in said["sum"]
    _same(model, mixed_model("y ~ time * x + age", frame, "id", "1 + time"))


def test_rows_left_out_are_counted() -> None:
    frame = _frame()
    frame.loc[[0, 5], "y"] = np.nan
    frame.loc[9, "id"] = None
    model = mixed_model("y ~ time", frame, "id", "1")
    assert [w.message for w in model.warnings] == [
        "3 rows are left out, as a value is missing in a column of the model."
    ]
    assert model.n_observations == len(frame) - 3


def test_a_level_that_two_people_have_is_named_once() -> None:
    frame = _frame()
    frame.loc[frame["id"].isin(["p003", "p007"]), "site"] = "D"
    model = mixed_model("y ~ time * site", frame, "id", "1 + time")
    assert [(w.code, w.column) for w in model.warnings] == [("rare_level", "site[T.D]")]
    assert "2 people" in model.warnings[0].message
    frame.loc[frame["id"] == "p009", "site"] = "D"
    assert mixed_model("y ~ time * site", frame, "id", "1 + time").warnings == ()


def test_a_level_that_all_but_one_have_is_named() -> None:
    frame = _frame().assign(old=lambda d: (d["id"] != "p004").astype(float))
    model = mixed_model("y ~ time + old", frame, "id", "1")
    assert _codes(model) == {"rare_level": "old"}
    assert "one person" in model.warnings[0].message


def test_a_covariate_that_varies_within_one_person_only() -> None:
    frame = _frame()
    frame.loc[frame["id"] == "p002", "age"] += frame.loc[frame["id"] == "p002", "time"]
    model = mixed_model("y ~ time + age", frame, "id", "1")
    assert _codes(model) == {"varies_in_few": "age"}


@pytest.mark.parametrize("factor", [1e8, 1e5, 1e-6])
def test_an_absurd_scale_is_named_and_changes_nothing(factor: float) -> None:
    base = mixed_model("y ~ time * x", _frame(), "id", "1 + time")
    frame = _frame().assign(time=lambda d: d["time"] * factor)
    model = mixed_model("y ~ time * x", frame, "id", "1 + time")
    assert _codes(model) == {"scale": "time"}
    assert "results hold" in model.warnings[0].message
    # REML changes by the units of the columns, and by nothing else.
    shift = 2 * np.log(factor)
    assert model.log_likelihood == pytest.approx(base.log_likelihood - shift, abs=1e-6)
    one, two = model.test("time:x"), base.test("time:x")
    assert one.estimate * factor == pytest.approx(two.estimate, rel=1e-7)
    assert one.statistic == pytest.approx(two.statistic, rel=1e-7)
    assert one.df == pytest.approx(two.df, rel=1e-5)
    slope = model.profile("sd time")
    assert slope.conf_high * factor == pytest.approx(base.profile("sd time").conf_high, rel=1e-6)


def test_an_origin_far_away_is_named() -> None:
    base = mixed_model("y ~ time * x", _frame(), "id", "1 + time")
    frame = _frame().assign(time=lambda d: d["time"] + 20_000.0)
    model = mixed_model("y ~ time * x", frame, "id", "1 + time")
    assert "origin" in _codes(model)
    assert model.log_likelihood == pytest.approx(base.log_likelihood, abs=1e-4)
    assert model.test("time:x").estimate == pytest.approx(base.test("time:x").estimate, rel=1e-4)


def test_edges_are_named() -> None:
    model = mixed_model("y ~ time * x", _frame("small"), "id", "1 + time", reml=False)
    assert model.singular
    assert "singular" in _codes(model)


def test_no_message_holds_a_value_of_a_person() -> None:
    frame = _frame()
    frame.loc[frame["id"] == "p003", "site"] = "D"
    frame.loc[frame["id"] == "p002", "age"] += frame.loc[frame["id"] == "p002", "time"]
    model = mixed_model("y ~ time * site + age", frame, "id", "1 + time")
    text = " ".join(w.message for w in model.warnings)
    assert not any(person in text for person in frame["id"].unique())


@pytest.mark.parametrize("seed", range(6))
def test_never_a_silent_nan(seed: int) -> None:
    """Small, odd frames: either a named error, or finite numbers throughout."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    visits = rng.integers(1, 5, n)
    frame = pd.DataFrame({"id": np.repeat(np.arange(n), visits)})
    frame["time"] = frame.groupby("id").cumcount() * rng.choice([1e-9, 1.0, 1e9])
    frame["x"] = rng.integers(0, 2, n)[frame["id"]]
    frame["y"] = np.round(rng.normal(size=len(frame)), 1)
    for random in ("1", "1 + time"):
        for correlated in (True, False):
            try:
                model = mixed_model("y ~ time * x", frame, "id", random, correlated=correlated)
                shown = [model.test(t) for t in model.coefficients.index]
            except PgsIcbtError:
                continue
            numbers = [v for t in shown for v in (t.estimate, t.std_error, t.df, t.p_value)]
            assert not np.isnan(numbers).any()
            assert not model.random_covariance.isna().any(axis=None)
