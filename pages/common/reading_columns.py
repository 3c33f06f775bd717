"""How each table was read, column by column with reasons, and every correction to it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Literal

import pandas as pd
import streamlit as st

from pages.common import show
from pages.common.reading_files import LARGE
from pages.common.reading_questions import ROLE_WORDS
from pages.common.state import Loaded
from pgsicbt.ingest import ROLES, FileReading, ReadingChoices, TableChoice

_NAMED = ("score", "outcome", "covariate", "component", "batch", "stratum")
"""Roles whose column may be called otherwise in the study."""
_WRITTEN = ("", "text", "Excel")
"""Forms of tables in which a header row and decimal marks have to be found."""


def stamp(choices: ReadingChoices) -> int:
    """Goes into the keys of editors, so that they begin anew after each correction."""
    return abs(hash(choices.canonical()))


def editing(loaded: Loaded, key: str) -> AbstractContextManager[Any]:
    """Where corrections are made: at once for small files, with a button for large ones."""
    return st.form(key, border=False) if is_large(loaded) else st.container()


def apply_button(loaded: Loaded) -> None:
    """The button of :func:`editing`, where it needs one."""
    if is_large(loaded):
        st.form_submit_button("Apply these corrections")


def is_large(loaded: Loaded) -> bool:
    """Whether reading again takes so long that corrections are collected first."""
    return sum(len(upload.data) for upload in loaded.uploads) > LARGE


def tables(loaded: Loaded, choices: ReadingChoices) -> ReadingChoices:
    """Every table with its columns; returns the choices after what was corrected."""
    new = choices
    frozen = not loaded.uploads
    files = loaded.reading.files
    for number, file in enumerate(files):
        several = sum(other.file == file.file for other in files) > 1
        if not (file.columns or several or file.error is not None) or file.identifying:
            continue
        with (
            st.expander(_title(file), key=f"table-{number}-{file.name}"),
            editing(loaded, f"form-{number}-{file.name}"),
        ):
            new = _table_choice(file, several or file.aside, new, frozen)
            if file.columns:
                new = _columns(file, choices, new, frozen)
            if not frozen:
                apply_button(loaded)
    return new


def _title(file: FileReading) -> str:
    used = sum(column.role != "ignore" for column in file.columns)
    if not file.columns:
        return show.plain(file.name)
    columns = f"{used} of {len(file.columns)} columns used"
    return f"{show.plain(file.name)}: {columns}"


def _table_choice(
    file: FileReading, several: bool, choices: ReadingChoices, frozen: bool
) -> ReadingChoices:
    """Use of a sheet, its header row, decimal mark and order of dates."""
    before = choices.tables.get(file.name, TableChoice())
    tag = f"{file.name}-{stamp(choices)}"
    one = before
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if several:
            used = st.toggle("Use this table", value=not file.aside, disabled=frozen,
                             key=f"use-{tag}")  # fmt: skip
            if used == file.aside:
                one = replace(one, use=used)
        if file.format not in _WRITTEN:
            # Statistical programs keep names and types themselves.
            return choices if one == before else _with_table(choices, file.name, one)
        row = st.number_input(
            "Header on line",
            min_value=1,
            max_value=1_000_000,
            value=before.header_row,
            placeholder="recognised",
            help=f"The line, or row of the sheet, with the names of the columns.{_begins(file)}",
            disabled=frozen,
            width=170,
            key=f"row-{tag}",
        )
        decimal = st.selectbox(
            "Decimal mark",
            ("", ",", "."),
            index=("", ",", ".").index(before.decimal),
            format_func=lambda mark: {"": "recognised", ",": "comma", ".": "point"}[mark],
            disabled=frozen,
            width=170,
            key=f"decimal-{tag}",
        )
        order: tuple[Literal["", "day", "month"], ...] = ("", "day", "month")
        dates = st.selectbox(
            "Dates such as 3/4/2021",
            order,
            index=order.index(before.dates),
            format_func=lambda o: {"": "recognised", "day": "day first", "month": "month first"}[o],
            disabled=frozen,
            width=190,
            key=f"dates-{tag}",
        )
    one = replace(one, header_row=None if row is None else int(row), decimal=decimal, dates=dates)
    return choices if one == before else _with_table(choices, file.name, one)


def _with_table(choices: ReadingChoices, name: str, one: TableChoice) -> ReadingChoices:
    return replace(choices, tables={**choices.tables, name: one})


def _begins(file: FileReading) -> str:
    return f" Rows were found from line {file.first_line:,} on." if file.first_line else ""


def _columns(
    file: FileReading, choices: ReadingChoices, new: ReadingChoices, frozen: bool
) -> ReadingChoices:
    """The columns with role, name and reason, correctable."""
    frame = pd.DataFrame(
        {
            "Column": [c.column for c in file.columns],
            "Taken for": [c.role for c in file.columns],
            "Called": [c.name if c.role in _NAMED else "" for c in file.columns],
            "Why": [c.reason for c in file.columns],
            "What it holds": [c.detail for c in file.columns],
        }
    )
    edited = st.data_editor(
        frame,
        hide_index=True,
        disabled=frozen or ["Column", "Why", "What it holds"],
        column_config={
            "Taken for": st.column_config.SelectboxColumn(
                options=list(ROLES), required=True, width="medium",
                format_func=lambda role: ROLE_WORDS.get(str(role), str(role)),
                help="Double-click to correct it",
            ),
            "Column": st.column_config.TextColumn(pinned=True, width=130),
            "Called": st.column_config.TextColumn(
                width="small", help="Name in the study: the scale of an outcome, a score's name"
            ),
            "Why": st.column_config.TextColumn(width=260),
            "What it holds": st.column_config.TextColumn(width=260),
        },
        height=min(35 * (len(frame) + 1) + 3, 600),
        key=f"columns-{file.name}-{stamp(choices)}",
        alt=f"Columns of {file.name} with what they were taken for, which can be corrected",
    )  # fmt: skip
    roles, names = dict(new.roles), dict(new.names)
    changed = edited.to_dict("records")
    for before, after in zip(frame.to_dict("records"), changed, strict=True):
        key = file.name, str(before["Column"])
        if after["Taken for"] != before["Taken for"]:
            roles[key] = str(after["Taken for"])
        called = str(after["Called"] or "").strip()
        if called != before["Called"]:
            names[key] = called
            if not called:
                del names[key]
    return replace(new, roles=roles, names=names)
