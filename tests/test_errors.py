"""The error tree."""

from __future__ import annotations

import pytest

from pgsicbt import DataError, FitError, PgsIcbtError, SpecError


@pytest.mark.parametrize(
    ("kind", "code"), [(DataError, "data"), (SpecError, "spec"), (FitError, "fit")]
)
def test_every_error_has_one_root_a_code_and_a_hint(kind, code) -> None:
    error = kind("This is wrong.", "Do that.", file="a.csv", column="b")
    assert isinstance(error, PgsIcbtError)
    assert error.code == code
    assert str(error) == "This is wrong. Do that."
    assert (error.file, error.column) == ("a.csv", "b")
    assert str(kind("Only this.")) == "Only this."
