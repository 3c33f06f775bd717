"""What every command writes and prints alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgsicbt.cli_output import print_findings, safe_name, write_files
from pgsicbt.errors import SpecError
from pgsicbt.study import Finding

FINDINGS = (Finding("a", "info", "Told."), Finding("b", "warning", "Beware."))


def test_folders_are_made_and_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    write_files(tmp_path / "new", {"figures/a.svg": b"x"})
    assert (tmp_path / "new" / "figures" / "a.svg").read_bytes() == b"x"
    with pytest.raises(SpecError, match=r"b\.csv cannot be written: .*Choose another folder"):
        write_files(tmp_path / "new" / "figures" / "a.svg", {"b.csv": b""})


def test_warnings_go_to_standard_error_and_notes_are_printed_where_wanted(capsys) -> None:
    print_findings(FINDINGS)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "warning: Beware.\n")
    print_findings(FINDINGS, notes=True)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("info: Told.\n", "warning: Beware.\n")


def test_a_name_is_safe_in_a_file_name() -> None:
    assert safe_name("PGS/EDU 2.0_ä-b") == "PGS_EDU_2_0_ä-b"
