"""Output of PRSice."""

from __future__ import annotations

from collections.abc import Mapping

from pgsicbt.errors import DataError
from pgsicbt.ingest.recognise.formats.people import Ids, find_ids, in_order, label_of
from pgsicbt.ingest.recognise.formats.scales import one_of, settings_finding
from pgsicbt.ingest.recognise.formats.settings import families
from pgsicbt.ingest.recognise.layout import Assigned, Layout
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import simple_name
from pgsicbt.study import Finding
from pgsicbt.wording import listed

_FITS = {"threshold", "numsnp", "prsr2", "r2"}


def read_prsice(table: Table, fixed: Mapping[str, str]) -> Layout | None:
    """The layout of a ``.best`` or ``.all_score`` file, or None.

    Raises
    ------
    DataError
        If the file holds how well each threshold did, not people.
    """
    if len({simple_name(name) for name in table.columns} & _FITS) >= 3:
        raise DataError(
            f"{table.name} holds how well each threshold did, not scores per person.",
            "Load the .best or .all_score file that PRSice wrote beside it.",
            code="no_people",
            file=table.name,
        )
    ids = find_ids(table)
    if ids is None:
        return None
    if "In_Regression" in table.positions:
        return _best(table, ids)
    rest = [name for name in table.columns if name not in (ids.person, ids.family)]
    if not any(name.startswith("Pt_") for name in rest):
        return None
    return _all_score(table, ids, fixed, rest)


def _best(table: Table, ids: Ids) -> Layout:
    columns = ids.columns()
    columns["In_Regression"] = Assigned("ignore", "whether PRSice used the person; all are kept")
    names = [n for n in table.columns if n not in columns and table.column(n).numeric]
    label = label_of(table.name)
    for name in names:
        called = (label or name) if name == "PRS" else f"{label}_{name}" if label else name
        reason = "the score, named after its file"
        columns[name] = Assigned("score", reason, called, "", name)
    message = (
        f"PRSice chose the threshold of {table.name} because it did best for some outcome. If that "
        "outcome was measured in these people, the score is fitted to them."
    )
    finding = Finding("thresholds", "warning", message, table.name, names[0] if names else "")
    return Layout("prsice_best", in_order(table, columns), (finding,))


def _all_score(table: Table, ids: Ids, fixed: Mapping[str, str], rest: list[str]) -> Layout:
    columns = ids.columns()
    findings = []
    label = label_of(table.name)
    found = families(rest, strict=True)
    for stem, settings in found.items():
        name = label if stem in ("Pt", "") or len(found) == 1 else f"{label}_{stem}"
        columns |= one_of(name, {one: one for one in settings}, fixed)
        used = next((one for one in settings if columns[one].role == "score"), "")
        if used:
            others = [one for one in settings if one != used]
            findings.append(settings_finding(table.name, name, used, others))
    if not findings:
        raise DataError(
            f"{table.name} has all of {listed(sorted(found))} set aside.",
            "Keep one threshold as a score.",
            code="nothing_found",
            file=table.name,
        )
    return Layout("prsice_all_score", in_order(table, columns), tuple(findings))
