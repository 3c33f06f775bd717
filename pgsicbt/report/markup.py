"""Small pieces of HTML: every string is escaped here, since column names are a user's text."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

_ID = re.compile(r'\bid="([^"]+)"')
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_NAMESPACE = re.compile(r'\sxmlns(?::\w+)?="[^"]*"')
_SIZE = re.compile(r'\s(?:width|height)="[^"]*(?:pt|px|in)"')


def text(value: object) -> str:
    """A string as HTML text, quotes included."""
    return html.escape(str(value), quote=True)


def tag(name: str, content: str, **attributes: str) -> str:
    """An element; ``content`` is HTML, attribute values are escaped (``class_`` for class)."""
    rest = "".join(f' {k.rstrip("_")}="{text(v)}"' for k, v in attributes.items())
    return f"<{name}{rest}>{content}</{name}>"


def page(title: str, parts: Sequence[str], *, simulated: bool, style: str = "") -> str:
    """A whole document: title, whether the data are simulated, and ``parts`` that hold something.

    ``style`` is added to :data:`STYLE`.
    """
    note = "Simulated data: no real person is described here." if simulated else ""
    inside = [tag("h1", text(title)), paragraph(note, "simulated"), *parts]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{text(title)}</title><style>{STYLE}{style}</style>"
    )
    body = tag("main", "\n".join(part for part in inside if part))
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def heading(title: str) -> str:
    """The heading of a part."""
    return tag("h2", text(title))


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Names and what they stand for."""
    return tag("dl", "".join(tag("dt", text(k)) + tag("dd", text(v)) for k, v in pairs))


def paragraph(sentence: str, class_: str = "") -> str:
    """A paragraph of plain text, or nothing for an empty one."""
    if not sentence:
        return ""
    return tag("p", text(sentence), class_=class_) if class_ else tag("p", text(sentence))


def bullets(sentences: Sequence[str]) -> str:
    """A list of plain sentences."""
    return tag("ul", "".join(tag("li", text(s)) for s in sentences))


def table(
    caption: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numeric: Sequence[int] = (),
    groups: Sequence[tuple[str, int]] = (),
    short: bool = False,
) -> str:
    """A table with caption and scopes; the first cell of a row is its header.

    A row of one cell is the heading of those below it.

    Parameters
    ----------
    numeric
        Positions of columns that are aligned to the right.
    groups
        ``(title, number of columns)`` of a line above the header.
    short
        Whether the headers of rows are short enough never to be broken.
    """
    right = set(numeric)
    head = ""
    if groups:
        cells = (
            tag("th", text(t), scope="colgroup", colspan=str(n)) if t
            else tag("td", "", colspan=str(n))
            for t, n in groups
        )  # fmt: skip
        head += tag("tr", "".join(cells))
    head += tag("tr", "".join(
        tag("th", text(h).replace("\n", "<br>"), scope="col",
            **({"class_": "n"} if i in right else {}))
        for i, h in enumerate(header)
    ))  # fmt: skip
    body = []
    for row in rows:
        if len(row) == 1:
            group = tag("th", text(row[0]), scope="rowgroup", colspan=str(len(header)))
            body.append(tag("tr", group, class_="group"))
            continue
        cells_html = [tag("th", text(row[0]), scope="row", **({"class_": "k"} if short else {}))]
        cells_html += [
            tag("td", text(cell), **({"class_": "n"} if i in right else {}))
            for i, cell in enumerate(row[1:], start=1)
        ]
        body.append(tag("tr", "".join(cells_html)))
    inside = tag("caption", text(caption)) + tag("thead", head) + tag("tbody", "".join(body))
    return tag("div", tag("table", inside), class_="wide")


def figure(svg: bytes, name: str, alt: str, note: str) -> str:
    """An inline SVG with its alternative text as title, and a note as caption.

    Ids are prefixed with ``name`` so that several figures fit in one page; metadata and
    namespace addresses are left out, since HTML needs neither.
    """
    drawing = svg.decode("utf-8")
    drawing = drawing[drawing.index("<svg") :]
    drawing = _METADATA.sub("", drawing)
    ids = sorted(set(_ID.findall(drawing)), key=len, reverse=True)
    for found in ids:
        for before, after in (('id="', '"'), ("url(#", ")"), ('href="#', '"')):
            drawing = drawing.replace(f"{before}{found}{after}", f"{before}{name}-{found}{after}")
    end = drawing.index(">")
    opening = _SIZE.sub("", _NAMESPACE.sub("", drawing[:end]))
    drawing = (
        f'{opening} role="img" aria-labelledby="{name}-title">'
        f'<title id="{name}-title">{text(alt)}</title>{drawing[end + 1 :]}'
    )
    return tag("figure", tag("div", drawing, class_="wide") + tag("figcaption", text(note)))


STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 16px/1.5 "Source Sans", "Source Sans 3", "DejaVu Sans", sans-serif; color: #1f2328;
  background: #fff; max-width: 52rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .5rem 0; max-width: 42rem; }
.line, figcaption, .quiet { color: #5b6470; font-size: .875rem; }
.answer { font-size: 1.125rem; }
.simulated { border-left: 4px solid #0072b2; padding: .25rem .75rem; font-weight: 600; }
figure { margin: 1rem 0; }
svg { width: 100%; min-width: 36rem; height: auto; display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .8125rem; line-height: 1.35;
  font-variant-numeric: tabular-nums; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
thead tr:last-child th { border-bottom: 1px solid #1f2328; }
thead tr:first-child > * { border-top: 1.5px solid #1f2328; }
tbody tr:last-child > * { border-bottom: 1.5px solid #1f2328; }
th, td { text-align: left; font-weight: 400; padding: .2rem .6rem .2rem 0; vertical-align: top; }
thead th { font-weight: 600; }
.n { text-align: right; white-space: nowrap; }
.k { white-space: nowrap; }
pre { font-size: .75rem; line-height: 1.35; white-space: pre-wrap; overflow-wrap: anywhere;
  background: #f4f5f7; padding: .75rem; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem; overflow-wrap: anywhere; }
@page { size: A4; margin: 16mm 14mm; }
@media print {
  html { font-size: 10pt; }
  body { font-size: 1rem; max-width: none; margin: 0; padding: 0; }
  h2 { break-after: avoid; } figure, tr { break-inside: avoid; }
  table { font-size: 7.5pt; } .wide { overflow: visible; }
  svg { min-width: 0; } thead { display: table-header-group; }
}
"""
