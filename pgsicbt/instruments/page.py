"""The page of documentation that is made from the registry."""

from __future__ import annotations

from pgsicbt.instruments.definitions import CONFIDENCE_WORDS, Confidence, Instrument
from pgsicbt.instruments.registry import all_instruments

_KINDS = {
    "response": "Response",
    "remission": "Remission",
    "case": "Caseness",
    "reliable_change": "Reliable change",
    "minimal_change": "Smallest change that counts",
}


def page() -> str:
    """``docs/instruments.md``, made from the registry."""
    lines = [
        "# Instruments",
        "",
        "Made from the registry, `pgsicbt/instruments/instruments.toml`, by "
        "`python -m pgsicbt.instruments`; a test holds the two together. A site adds its own "
        "instruments by a file: see [How to add things](extending.md).",
        "",
        "Every fact has a source and a confidence: *published* was read in an abstract or on the "
        "page of a publisher, clinic or agency; *calculated* was worked out; *in general use, not "
        "checked against its source* must be checked before it is cited. Definitions stand side "
        "by side, and one made for clinicians' ratings says so. Totals outside the range are "
        "refused on reading.",
        "",
        "| instrument | measures | range | better | questions |",
        "|---|---|---|---|---|",
    ]
    everything = all_instruments()
    lines += [
        f"| [{one.id}](#{_anchor(one.id)}) | {one.measures} | {one.minimum:g} to {one.maximum:g} "
        f"| {'lower' if one.higher_is_worse else 'higher'} | {_questions(one)} |"
        for one in everything
    ]
    for one in everything:
        lines += ["", f"## {one.id}", "", *_entry(one)]
    return "\n".join(lines) + "\n"


def _anchor(name: str) -> str:
    kept = "".join(ch for ch in name.lower() if ch.isalnum() or ch in " -_")
    return kept.replace(" ", "-")


def _questions(one: Instrument) -> str:
    items = one.items
    if items is None:
        return one.source
    text = f"{items.count} of {items.minimum:g} to {items.maximum:g}"
    if items.reversed:
        text += f"; {', '.join(map(str, items.reversed))} counted the other way"
    if items.multiplier != 1:
        text += f"; sum times {items.multiplier:.3g}"
    return text


def _sure(source: str, confidence: Confidence) -> str:
    words = CONFIDENCE_WORDS[confidence]
    return f"{source} ({words})" if confidence == "A" else words


def _entry(one: Instrument) -> list[str]:
    who = "filled in by the patient" if one.self_report else "rated by a clinician"
    lines = [f"{one.name}, {who}. Range {one.minimum:g} to {one.maximum:g} in steps of "
             f"{one.step:.3g}: {_sure(one.source, one.confidence)}."]  # fmt: skip
    if one.items is not None:
        lines += ["", f"Up to {one.prorate} unanswered questions are made up for by the mean of "
                      "the others when single questions are added up."]  # fmt: skip
    if one.note:
        lines += ["", one.note]
    if one.bands:
        bands = "; ".join(f"{band.label} {band.low:g} to {band.high:g}" for band in one.bands)
        source = _sure(one.bands_source, one.bands_confidence)
        lines += ["", f"Severity ({one.bands_for}): {bands}. {source[0].upper()}{source[1:]}."]
    if one.definitions:
        lines += ["", "| definition | | for | source |", "|---|---|---|---|"]
        lines += [
            f"| {_KINDS[d.kind]} | {d.words} | {d.population} | {_sure(d.source, d.confidence)} |"
            for d in one.definitions
        ]
    if one.reliabilities:
        found = "; ".join(
            f"{r.kind} {r.value:g} ({_sure(r.source, r.confidence)})" for r in one.reliabilities
        )
        lines += ["", f"Reliability: {found}."]
    names = ", ".join(f"`{alias}`" for alias in one.aliases)
    lines += ["", f"Known in files as: {names}."]
    return lines
