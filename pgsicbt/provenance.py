"""Where a score comes from: discovery study, size, ancestry, overlap, scoring.

What the files themselves say (column, normalisation) is in the study; the rest is known to whoever
made the scores, and comes as a small table with one row per score. Nothing is looked up anywhere.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, fields

from pgsicbt.errors import DataError
from pgsicbt.study import ScoreInfo, Study

_PGS_ID = re.compile(r"PGS\d{6}")
_ALIASES = {
    "score": ("score", "pgs", "name", "label"),
    "pgs_id": ("pgs_id", "pgsid", "pgs catalog", "catalog id", "accession"),
    "gwas": ("gwas", "discovery gwas", "discovery", "study", "reference", "source"),
    "n": ("n", "sample size", "n discovery", "n total"),
    "cases": ("cases", "n cases"),
    "controls": ("controls", "n controls"),
    "ancestry": ("ancestry", "population", "discovery ancestry"),
    "overlap": ("overlap", "sample overlap"),
    "method": ("method", "scoring", "scoring method", "software"),
    "variants": ("variants", "n variants", "snps"),
    "normalisation": ("normalisation", "normalization", "standardisation"),
}
_YES = {"yes", "y", "true", "1", "ja", "partial", "some"}
_NO = {"no", "n", "false", "0", "nej", "none"}


@dataclass(frozen=True)
class Provenance:
    """What is stated of one score; "" where nothing is.

    ``overlap`` is ``"yes"``, ``"no"`` or "" for whether people of the cohort were in the discovery
    sample.
    """

    score: str
    pgs_id: str = ""
    gwas: str = ""
    n: str = ""
    cases: str = ""
    controls: str = ""
    ancestry: str = ""
    overlap: str = ""
    method: str = ""
    variants: str = ""
    normalisation: str = ""


def read_provenance(text: str, study: Study, *, file: str = "") -> dict[str, Provenance]:
    """A table of provenance, by the study's names of its scores.

    Parameters
    ----------
    text
        Comma, semicolon or tab separated, with a header; one row per score. Columns are known by
        their names in any case: score, pgs_id, gwas, n, cases, controls, ancestry, overlap,
        method, variants, normalisation.

    Raises
    ------
    DataError
        If there is no column that names the scores, or none of them is in the study.
    """
    where = file or "The table of provenance"
    body = text.lstrip("\ufeff")
    head = body.splitlines()[0] if body.strip() else ""
    separator = max(",;\t", key=head.count)
    rows = list(csv.reader(io.StringIO(body), delimiter=separator))
    at = {_field(name): j for j, name in enumerate(rows[0])} if rows else {}
    if "score" not in at:
        raise DataError(
            f"{where} has no column that names the scores.",
            "Give it a header with score, and any of pgs_id, gwas, n, ancestry, overlap, method.",
            file=file,
        )
    known = {_simple(name): s.name for s in study.scores for name in (s.name, s.label, s.column)}
    found: dict[str, Provenance] = {}
    for row in rows[1:]:
        cell = {name: row[j].strip() for name, j in at.items() if name and j < len(row)}
        name = known.get(_simple(cell.get("score", "")))
        if name is not None:
            cell |= {"score": name, "overlap": _overlap(cell.get("overlap", ""))}
            found[name] = Provenance(**cell)
    if not found:
        raise DataError(
            f"{where} names no score of this study.",
            f"The study has: {', '.join(study.score_names)}.",
            file=file,
        )
    return found


def provenance_of(study: Study, score: str, stated: dict[str, Provenance]) -> Provenance:
    """What is stated of a score, completed by what its name and its file say."""
    info = study.score(score)
    told = stated.get(info.name, Provenance(info.name))
    values = {f.name: getattr(told, f.name) for f in fields(told)}
    values["pgs_id"] = told.pgs_id or _catalog_id(info)
    values["normalisation"] = told.normalisation or info.normalisation
    return Provenance(**values)


def concerns(told: Provenance) -> list[str]:
    """What a reader must be told of a score's origin, as sentences."""
    said = []
    if told.overlap == "yes":
        said.append(
            "People of this cohort were in the discovery sample, which exaggerates what the score "
            "goes with (Wray 2013)."
        )
    elif not told.overlap:
        said.append(
            "It is not stated whether people of this cohort were in the discovery sample; if so, "
            "associations are exaggerated (Wray 2013)."
        )
    if not told.ancestry:
        said.append(
            "The ancestry of the discovery sample is not stated; scores carry over poorly to "
            "people of another ancestry (Martin 2019)."
        )
    return said


def _catalog_id(info: ScoreInfo) -> str:
    for text in (info.name, info.label, info.column):
        found = _PGS_ID.search(text)
        if found:
            return found.group(0)
    return ""


def _field(name: str) -> str:
    simple = " ".join(re.sub(r"[^a-z0-9]+", " ", name.casefold()).split())
    for field_name, names in _ALIASES.items():
        if simple in {n.replace("_", " ") for n in names}:
            return field_name
    return ""


def _overlap(text: str) -> str:
    simple = text.casefold()
    return "yes" if simple in _YES else "no" if simple in _NO else ""


def _simple(name: str) -> str:
    return "".join(ch for ch in name.casefold() if ch.isalnum())
