"""Files that arrive on the Data page: taken up, read with progress, and let go of.

What was uploaded is held in memory in two places: by Streamlit, which took it from the browser,
and by the session, which may read it again under other choices. Both are let go of together.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.common import show, state
from pgsicbt.ingest import ReadingChoices, Upload

LARGE = 1_500_000
"""Bytes of all files together from which reading takes long enough to show its progress."""
_PATIENCE = 0.5
_ROUND, _HELD, _SEEN, _RECIPE = "files.round", "files.held", "files.seen", "files.recipe"


def uploader_key() -> str:
    """Key of the uploader; another one once its files were let go of, so that it is empty."""
    number = st.session_state.get(_ROUND, 0)
    return f"uploader-{number}" if number else "uploader"


def take_up() -> None:
    """Read what is in the uploader if it has changed, before anything is drawn."""
    picked = st.session_state.get(uploader_key()) or []
    seen = tuple(file.file_id for file in picked)
    if not picked or seen == st.session_state.get(_SEEN):
        return
    st.session_state[_SEEN] = seen
    new = tuple(Upload(file.name, file.getvalue()) for file in picked)
    names = {upload.name for upload in new}
    before = state.loaded()
    shown = () if before is None else before.uploads  # other data may have been opened since
    held = tuple(u for u in st.session_state.get(_HELD, ()) if u.name not in names and u in shown)
    read((*held, *new), _choices_for(new))
    refused = state.refusal()
    if refused is not None and len(refused.uploads) < len(held) + len(new):
        # The gate has refused a file: nothing of it stays, and the others wait for it.
        let_go()
        st.session_state[_HELD] = refused.uploads


def _choices_for(new: Sequence[Upload]) -> ReadingChoices:
    """A recipe that was given, or the corrections made to a set with a file of the same name."""
    recipe: ReadingChoices | None = st.session_state.get(_RECIPE)
    before = state.loaded()
    if recipe is not None:
        return recipe
    names = {upload.name for upload in new}
    if before is not None and names & {file.file for file in before.reading.files}:
        return before.reading.choices
    return ReadingChoices()


def read(uploads: Sequence[Upload], choices: ReadingChoices) -> None:
    """Read files, and show what is being done if that takes longer than half a second."""
    place = st.empty()
    began = time.monotonic()
    large = sum(len(upload.data) for upload in uploads) > LARGE

    def tell(what: str, share: float) -> None:
        if large or time.monotonic() - began > _PATIENCE:
            place.progress(min(share, 1.0), show.plain(what))

    state.read(uploads, choices, tell)
    place.empty()


def take_recipe(choices: ReadingChoices) -> None:
    """Read what is loaded by a recipe, and what is loaded later as well."""
    st.session_state[_RECIPE] = choices
    loaded = state.loaded()
    if loaded is not None and loaded.uploads:
        read(loaded.uploads, choices)


def recipe_waits() -> bool:
    """Whether a recipe was given that has no files yet."""
    return _RECIPE in st.session_state and state.loaded() is None


def correct(loaded: state.Loaded, choices: ReadingChoices) -> None:
    """Read the same files under other choices."""
    st.session_state.pop(_RECIPE, None)
    if isinstance(loaded, state.Refused) and any(f.identifying for f in loaded.reading.files):
        # A file is missing until it is loaded again; the answers wait for it.
        state.keep_choices(loaded, choices)
    else:
        read(loaded.uploads, choices)


def let_go() -> None:
    """Empty the uploader, here and where Streamlit keeps what the browser has sent."""
    key = uploader_key()
    context = get_script_run_ctx()
    manager: Any = None if context is None else context.uploaded_file_mgr
    for file in st.session_state.get(key) or []:
        if context is not None and hasattr(manager, "remove_file"):
            manager.remove_file(session_id=context.session_id, file_id=file.file_id)
    st.session_state.pop(key, None)
    for name in (_HELD, _SEEN):
        st.session_state.pop(name, None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def set_refused_aside(refused: state.Refused) -> None:
    """Let go of the refused files, and read what else was loaded with them.

    Where all of that is open already, what is open stays.
    """
    state.forget_refused()
    let_go()
    opened = state.loaded()
    known = () if opened is None else opened.uploads
    if all(upload in known for upload in refused.sound):
        return
    read(refused.sound, refused.reading.choices)
    st.session_state[_HELD] = refused.sound  # for the uploader is empty now


def forget_originals() -> None:
    """Let go of everything that was uploaded; the study stays."""
    state.forget_originals()
    let_go()
