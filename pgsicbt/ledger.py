"""Every analysis looked at, and which of them were declared before.

An analysis is *confirmatory* when it was declared before anybody had looked at its result on these
data; every other one is *exploratory*, however good it looks. How many others had been looked at
by then is kept too: an analysis that is declared after twenty others were seen is declared, but
not innocent. A ledger holds specifications and no results, and so no data.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.spec import AnalysisSpec

Purpose = Literal["confirmatory", "exploratory"]
COLUMNS = (
    "number", "at", "purpose", "what", "outcome", "family", "models", "scores", "declared_at",
    "seen_before", "data", "fingerprint",
)  # fmt: skip


def fingerprint(spec: AnalysisSpec) -> str:
    """Short name of a specification: equal for equal ones, and unlike for all others."""
    return hashlib.sha256(spec.canonical().encode()).hexdigest()[:16]


def now() -> str:
    """The time, in UTC, to the second."""
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Declared:
    """A specification that was fixed before its result was seen.

    ``digest`` is that of the data it was declared for, or "" for any data (declared elsewhere,
    before there were any); ``seen_before`` counts the analyses of these data seen by then.
    ``taken_after`` counts the entries that the ledger had when a declaration from elsewhere was
    taken up: it does not count for an analysis that is among them.
    """

    spec: AnalysisSpec
    digest: str
    at: str
    seen_before: int = 0
    taken_after: int = 0


@dataclass(frozen=True)
class Entry:
    """One analysis that was looked at.

    ``what`` names where it was: the analysis itself, or a plan or a challenge that started from
    it; ``models`` how many models were fitted for it.
    """

    number: int
    at: str
    what: str
    spec: AnalysisSpec
    digest: str
    models: int = 0
    declared_at: str = ""
    seen_before: int = 0

    @property
    def purpose(self) -> Purpose:
        return "confirmatory" if self.declared_at else "exploratory"


@dataclass(frozen=True)
class Ledger:
    """What was declared and what was looked at in one sitting, in order."""

    declared: tuple[Declared, ...] = ()
    entries: tuple[Entry, ...] = ()

    def declare(self, spec: AnalysisSpec, digest: str, at: str = "") -> Ledger:
        """The ledger with ``spec`` fixed for the data of ``digest``.

        Raises
        ------
        SpecError
            If its result on these data has been looked at already.
        """
        if self.seen(spec, digest):
            raise SpecError(
                "This analysis has been looked at already, so it can no longer be declared before.",
                "Declare an analysis before its result is shown.",
                code="seen_already",
            )
        if self.declaration(spec, digest) is not None:
            return self
        before = sum(e.digest == digest for e in self.entries)
        made = Declared(spec, digest, at or now(), before)
        return replace(self, declared=(*self.declared, made))

    def take(self, found: Declared) -> Ledger:
        """The ledger with a declaration that was made elsewhere; the same one is not kept twice.

        It is kept for an analysis that was looked at already too, and does not count for it.
        """
        if any((d.spec, d.digest, d.at) == (found.spec, found.digest, found.at)
               for d in self.declared):  # fmt: skip
            return self
        made = replace(found, taken_after=len(self.entries))
        return replace(self, declared=(*self.declared, made))

    def look(
        self,
        spec: AnalysisSpec,
        digest: str,
        what: str = "analysis",
        *,
        models: int | None = None,
        at: str = "",
    ) -> Ledger:
        """The ledger after a result was shown; the same one is not entered twice.

        Parameters
        ----------
        what
            Where it was shown; a challenge that varies ``spec``, such as a curve of
            specifications, is one entry of its own.
        models
            Models that were fitted; those of the spec if not given.
        """
        if self.entry(spec, digest, what) is not None:
            return self
        size = max(len(spec.scores), 1) * len(spec.adjustments) if models is None else models
        # A challenge or another look at the same analysis is not what was declared.
        told = what == "analysis" or what.startswith("plan, ")
        found = self.declaration(spec, digest) if told else None
        before = 0 if found is None else found.seen_before
        if found is not None and not found.digest:  # from a file: what this sitting saw first
            before = sum(e.digest == digest for e in self.entries)
        entry = Entry(
            len(self.entries) + 1,
            at or now(),
            what,
            spec,
            digest,
            size,
            "" if found is None else found.at,
            before,
        )
        return replace(self, entries=(*self.entries, entry))

    def seen(self, spec: AnalysisSpec, digest: str) -> bool:
        """Whether the result of ``spec`` on these data was looked at."""
        return any(e.spec == spec and e.digest == digest for e in self.entries)

    def declaration(self, spec: AnalysisSpec, digest: str) -> Declared | None:
        """Where ``spec`` was declared, for these data or for any, before it was looked at."""
        first = next(
            (e.number for e in self.entries if (e.spec, e.digest) == (spec, digest)),
            len(self.entries) + 1,
        )
        for one in self.declared:
            if one.spec == spec and one.digest in ("", digest) and one.taken_after < first:
                return one
        return None

    def entry(self, spec: AnalysisSpec, digest: str, what: str = "analysis") -> Entry | None:
        """The entry of an analysis that was looked at."""
        for one in self.entries:
            if (one.spec, one.digest, one.what) == (spec, digest, what):
                return one
        return None

    def table(self) -> pd.DataFrame:
        """One row per analysis looked at, with the columns of :data:`COLUMNS`."""
        rows = [
            (
                e.number,
                e.at,
                e.purpose,
                e.what,
                e.spec.outcome,
                e.spec.family,
                e.models,
                ", ".join(e.spec.scores),
                e.declared_at,
                e.seen_before if e.declared_at else None,
                e.digest[:12],
                fingerprint(e.spec),
            )
            for e in self.entries
        ]
        table = pd.DataFrame.from_records(rows, columns=list(COLUMNS))
        return table.astype({"seen_before": "Int64"})

    def to_json(self) -> str:
        """Declarations and entries as JSON."""
        return json.dumps(
            {
                "declared": [dataclasses.asdict(d) for d in self.declared],
                "entries": [dataclasses.asdict(e) | {"purpose": e.purpose} for e in self.entries],
            },
            indent=2,
            ensure_ascii=False,
        )


def declaration_text(spec: AnalysisSpec, at: str = "") -> str:
    """A declaration as JSON, to be deposited and to be given to the program later.

    It holds the specification whole, the time, and a fingerprint that shows any later change.
    """
    body = {
        "declared_at": at or now(),
        "fingerprint": fingerprint(spec),
        "spec": json.loads(spec.to_json()),
    }
    return json.dumps(body, indent=2, ensure_ascii=False)


def read_declaration(text: str, *, file: str = "") -> Declared:
    """A declaration from JSON as :func:`declaration_text` writes it, valid for any data.

    The time is that which the file states; only its deposit elsewhere can prove it.

    Raises
    ------
    SpecError
        If it is no declaration, or was changed after it was made.
    """
    where = file or "The declaration"
    try:
        body: Any = json.loads(text)
        spec_text, stated, at = json.dumps(body["spec"]), body["fingerprint"], body["declared_at"]
        dt.datetime.fromisoformat(at)
    except (ValueError, TypeError, KeyError):
        raise SpecError(
            f"{where} is no declaration of an analysis.",
            "Load a file that was saved with “Declare this analysis”.",
            file=file,
        ) from None
    spec = AnalysisSpec.from_json(spec_text, file=file)
    if fingerprint(spec) != stated:
        raise SpecError(
            f"{where} was changed after the analysis was declared, or comes from another version.",
            "Load the file as it was saved.",
            code="declaration_changed",
            file=file,
        )
    return Declared(spec, "", at)
