"""Words on what was declared and what was looked at."""

from __future__ import annotations

from pgsicbt.ledger import Entry, Ledger
from pgsicbt.words import numbers
from pgsicbt.words.summaries import spec_line


def purpose_note(entry: Entry | None) -> str:
    """Whether an analysis was declared before it was looked at, and after how many others."""
    if entry is None:
        return ""
    if entry.purpose == "exploratory":
        return (
            "Exploratory: this analysis was not declared before its result was seen, so its p "
            "values describe and do not confirm."
        )
    when = entry.declared_at.replace("T", " ").replace("+00:00", " UTC")
    if not entry.seen_before:
        return (
            f"Confirmatory: declared {when}, before any result on these data was seen in this "
            "sitting."
        )
    others = numbers.count(entry.seen_before)
    was = "other analysis" if entry.seen_before == 1 else "other analyses"
    return f"Declared {when}, after {others} {was} of these data had been seen."


def ledger_line(ledger: Ledger) -> str:
    """How many analyses were looked at, and how many of them were declared."""
    total = len(ledger.entries)
    if not total:
        return "Nothing has been looked at yet."
    declared = sum(e.purpose == "confirmatory" for e in ledger.entries)
    models = sum(e.models for e in ledger.entries)
    some = "1 analysis" if total == 1 else f"{numbers.count(total)} analyses"
    return (
        f"{some} with {numbers.count(models)} models {'was' if total == 1 else 'were'} looked at; "
        f"{numbers.count(declared) if declared else 'none'} of them "
        f"{'was' if declared == 1 else 'were'} declared before."
    )


def ledger_rows(ledger: Ledger) -> list[list[str]]:
    """One row per entry: number, time, analysis, models, purpose."""
    rows = []
    for e in ledger.entries:
        what = "" if e.what == "analysis" else f"{e.what}: "
        rows.append(
            [
                str(e.number),
                e.at[11:16],
                what + spec_line(e.spec),
                numbers.count(e.models),
                e.purpose + (f", after {e.seen_before} others" if e.seen_before else ""),
            ]
        )
    return rows
