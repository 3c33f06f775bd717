"""Sessions of the dashboard without a browser, for the tests of the pages."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from tests.serving import ROOT


def started() -> AppTest:
    """A new session on Start."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def with_sample() -> AppTest:
    """A new session in which the simulated cohort was opened with one click."""
    app = started()
    app.button[0].click().run()
    assert not app.exception
    return app


def go(app: AppTest, page: str) -> AppTest:
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def upload(app: AppTest, *files: tuple[str, str | bytes]) -> AppTest:
    """Give files to the uploader of the Data page."""
    app.file_uploader(key="uploader").set_value(
        [
            (name, data.encode() if isinstance(data, str) else data, "text/csv")
            for name, data in files
        ]
    ).run()
    assert not app.exception
    return app


def widget(app: AppTest, kind: str, label: str) -> Any:
    """The one widget of its kind that a person sees under this label."""
    (found,) = [w for w in getattr(app, kind) if w.label == label]
    return found


def submit(app: AppTest) -> AppTest:
    """Press Fit."""
    widget(app, "button", "Fit").click().run()
    assert not app.exception
    return app


def sent(app: AppTest) -> bytes:
    """All messages that make up the page, as they go to the browser, sidebar included."""
    parts: list[bytes] = []
    for block in (app.main, app.sidebar):
        for element in block:
            parts.append(element.proto.SerializeToString())
    return b"\n".join(parts)
