"""Sessions of the dashboard without a browser, for the tests of the pages."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
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
    """The one widget of its kind under this label; the choices are unfolded to find it."""
    found = [w for w in getattr(app, kind) if w.label == label]
    if not found:
        found = [w for w in getattr(unfold(app), kind) if w.label == label]
    (one,) = found
    return one


def unfold(app: AppTest, key: str = "analysis-line") -> AppTest:
    """Open a folded part of the page, first of all the choices of the analysis."""
    app.session_state[key] = True
    app.run()
    assert not app.exception
    return app


def submit(app: AppTest) -> AppTest:
    """Press Fit."""
    widget(app, "button", "Fit").click().run()
    assert not app.exception
    return app


@contextmanager
def recorded() -> Iterator[list[bytes]]:
    """Every message that sessions send to the browser while the block runs, as bytes."""
    messages: list[bytes] = []
    plain = ForwardMsgQueue.enqueue

    def noting(queue: ForwardMsgQueue, message: ForwardMsg) -> ForwardMsg | None:
        messages.append(message.SerializeToString())
        return plain(queue, message)

    with patch.object(ForwardMsgQueue, "enqueue", noting):
        yield messages


def edit(app: AppTest, table: Any, row: int, **cells: Any) -> AppTest:
    """Change cells of a table that can be edited, as the browser reports it."""
    state = WidgetState(id=table.proto.id)
    changes = {"edited_rows": {row: cells}, "added_rows": [], "deleted_rows": []}
    state.string_value = json.dumps(changes)
    # AppTest has no way of its own to edit such a table.
    states = app._tree.get_widget_states()
    states.widgets.append(state)
    app._run(states)
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """The sentences and tables of the page, without figures."""
    kinds = ("html", "markdown")
    text = " ".join(str(e.proto.body) for kind in kinds for e in app.get(kind))
    return html.unescape(text)
