"""Names of columns and levels are the user's: they are shown as they are, and never as Markdown."""

from __future__ import annotations

import pytest

from pages.common.show import plain
from tests.pages.sessions import go, started, unfold, upload, widget, words
from tests.real_files import small_outcomes, small_scores

LEVEL = "*a* $x$ :red[b]"


@pytest.mark.parametrize(
    ("text", "shown"),
    [(LEVEL, r"\*a\* \$x\$ \:red\[b\]"), ("PHQ-9", "PHQ-9"), ("1. first", r"1\. first"),
     ("- one", r"\- one"), ("a &amp; b", r"a \&amp; b"), ("0.5", r"0\.5")],
)  # fmt: skip
def test_what_markdown_would_read_is_escaped(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_level_and_a_column_are_shown_as_they_are_called() -> None:
    header, *lines = small_scores().splitlines()
    levels = [LEVEL if i % 2 else "other" for i in range(len(lines))]
    rows = [f"{header},diagnosis", *(f"{x},{y}" for x, y in zip(lines, levels, strict=True))]
    files = ("scores.csv", "\n".join(rows)), ("o.csv", small_outcomes().replace("phq9", "*mood*"))
    app = upload(go(started(), "data"), *files)
    assert not app.error
    study = app.session_state["open.study"]
    (name,) = {o.name for o in study.outcomes} - {"harmonised"}
    assert any(plain(name) in box.label for box in app.text_input)
    go(app, "trajectories")
    widget(app, "selectbox", "Split by").set_value("diagnosis").run()
    assert not app.exception
    assert plain(LEVEL) in [header.value for header in app.header]
    widget(app, "selectbox", "Only").set_value(f"diagnosis: {LEVEL}")
    widget(app, "button", "Fit").click().run()
    assert not app.exception
    assert not app.error
    labels = [expander.label for expander in app.expander]
    assert any(plain(LEVEL) in label for label in labels)
    assert not any(LEVEL in label for label in labels)
    assert LEVEL in words(unfold(go(app, "associations"), "sitting"))
