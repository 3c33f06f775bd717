"""Archives, compression, and files that are not what their name says."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
from io import BytesIO

from tests.corpus.messes.tools import (
    ALL_SCORES,
    PLAIN,
    add,
    background_rows,
    bz,
    gz,
    long,
    outcome_mess,
    score_mess,
    score_rows,
    text,
    xz,
    zipped,
    zst,
)

LONG = text(long())
JUNK = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + b"\x00" * 60

outcome_mess("gzip", "gzip", {"outcomes.csv.gz": gz(LONG)})
outcome_mess("bzip2", "bzip2", {"outcomes.csv.bz2": bz(LONG)})
outcome_mess("xz", "xz", {"outcomes.csv.xz": xz(LONG)})
outcome_mess("zstandard", "Zstandard", {"outcomes.csv.zst": zst(LONG)})
outcome_mess(
    "gzip_two_members",
    "two gzip members one after the other, as `cat a.gz b.gz` or bgzip leaves them",
    {"outcomes.csv.gz": gz(LONG[:2000]) + gz(LONG[2000:])},
)
outcome_mess(
    "gz_that_is_plain",
    "called .gz, but a browser has unpacked it on the way",
    {"outcomes.csv.gz": LONG},
)
outcome_mess(
    "gzip_without_suffix",
    "gzip, but called .csv",
    {"outcomes_export.csv": gz(LONG)},
)
add(
    "zip_of_everything",
    "one archive with scores, outcomes, background, a read-me and the droppings of a Mac",
    {
        "leverans.zip": zipped(
            {
                "leverans/README.txt": "Export av studien.\nPoäng och utfall i var sin fil.\n",
                "leverans/.DS_Store": b"\x00\x00\x00\x01Bud1" + b"\x00" * 40,
                "leverans/poang.csv": PLAIN["scores.csv"],
                "leverans/utfall.csv": LONG,
                "leverans/bakgrund.csv": text(background_rows(), ";"),
                "__MACOSX/leverans/._utfall.csv": JUNK,
            }
        )
    },
    scores=ALL_SCORES,
    covariates=("age", "sex", "diagnosis", "batch"),
)
outcome_mess("zip_of_one", "a zip with a single table", {"outcomes.zip": zipped({"o.csv": LONG})})
outcome_mess(
    "zip_in_zip",
    "a zip in a zip, as mail programs make of attachments",
    {"mail.zip": zipped({"inner.zip": zipped({"utfall.csv": LONG})})},
    expect="either",
    words=("mail.zip",),
)
add(
    "gz_in_zip",
    "a gzipped table in a zip",
    {"blandat.zip": zipped({"utfall.csv.gz": gz(LONG), "poang.csv": PLAIN["scores.csv"]})},
    scores=ALL_SCORES,
    expect="either",
    words=("blandat.zip",),
)


def _encrypted() -> bytes:
    """A zip whose member says that it is encrypted (the bit in both headers)."""
    data = bytearray(zipped({"utfall.csv": LONG}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


outcome_mess(
    "zip_with_password",
    "an archive with a password",
    {"hemlig.zip": _encrypted()},
    expect="refused",
    words=("hemlig.zip",),
)
outcome_mess(
    "truncated_gzip",
    "the transfer stopped half-way",
    {"outcomes.csv.gz": gz(LONG)[: len(gz(LONG)) // 2]},
    expect="refused",
    words=("outcomes.csv.gz",),
)
outcome_mess(
    "corrupt_gzip",
    "some bytes in the middle were changed",
    {"outcomes.csv.gz": gz(LONG)[:400] + bytes(40) + gz(LONG)[440:]},
    expect="refused",
    words=("outcomes.csv.gz",),
)
outcome_mess(
    "truncated_zip",
    "an archive without its end",
    {"leverans.zip": zipped({"utfall.csv": LONG})[:-60]},
    expect="refused",
    words=("leverans.zip",),
)
outcome_mess(
    "truncated_xz",
    "half of an xz file",
    {"outcomes.csv.xz": xz(LONG)[: len(xz(LONG)) // 2]},
    expect="refused",
    words=("outcomes.csv.xz",),
)
outcome_mess(
    "truncated_zstd",
    "half of a Zstandard file",
    {"outcomes.csv.zst": zst(LONG)[: len(zst(LONG)) // 2]},
    expect="refused",
    words=("outcomes.csv.zst",),
)


def _bomb() -> bytes:
    """Twenty million zeros in twenty kilobytes; a line without end."""
    return gzip.compress(b"0" * 20_000_000, mtime=0)


outcome_mess(
    "gzip_bomb",
    "a few kilobytes that unpack to twenty megabytes of one line",
    {"bomb.csv.gz": _bomb()},
    expect="refused",
    words=("bomb.csv.gz",),
)
outcome_mess(
    "zip_only_readme",
    "an archive without any table",
    {
        "tom.zip": zipped(
            {"README.md": "# Nothing here\n", "bild.png": b"\x89PNG\r\n\x1a\n" + bytes(50)}
        )
    },
    expect="refused",
    words=("tom.zip",),
)

# Not tables at all


def _wrong(name: str, about: str, file: str, data: bytes | str, **rest: object) -> None:
    outcome_mess(name, about, {file: data}, **{"expect": "refused", "words": (file,), **rest})


_wrong("empty_file", "nothing in it", "tom.csv", b"")
_wrong("only_blank_lines", "only line ends and blanks", "blank.csv", "\n \n\t\n\n")
_wrong("only_bom", "only a byte-order mark", "bara_bom.csv", b"\xef\xbb\xbf")
_wrong("header_only", "a header and not one row", "rubrik.csv", "person_id,week,PHQ-9\n")
_wrong("one_column", "only ids", "ids.csv", text([row[:1] for row in score_rows()]))
_wrong(
    "json_of_rows",
    "JSON from an API, called .csv",
    "api.csv",
    json.dumps([dict(zip(long()[0], row, strict=True)) for row in long()[1:60]]),
)
_wrong(
    "json_lines",
    "JSON lines",
    "events.jsonl",
    "".join(json.dumps(dict(zip(long()[0], row, strict=True))) + "\n" for row in long()[1:200]),
)
_wrong(
    "pdf",
    "a PDF",
    "rapport.pdf",
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
)
_wrong(
    "png",
    "a screenshot of the table",
    "tabell.csv",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200),
)
_wrong(
    "html_login_page",
    "the download was a login page",
    "export.csv",
    "<!DOCTYPE html>\n"
    "<html><head><title>Logga in</title></head><body><form></form></body></html>\n",
)
_wrong(
    "xml_odm",
    "CDISC ODM, as OpenClinica also offers",
    "export.xml",
    '<?xml version="1.0" encoding="UTF-8"?>\n<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3">'
    + "".join(f'<SubjectData SubjectKey="SS_{i}"/>' for i in range(60))
    + "</ODM>\n",
)
_wrong("rtf", "a Word document", "tabell.rtf", r"{\rtf1\ansi\deff0 PHQ-9 vecka 0\par 12\par }")
_wrong(
    "ole_xls",
    "Excel 97-2003",
    "gammal.xls",
    bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + b"\x09\x08\x10" + bytes(3000),
)
_wrong(
    "password_xlsx",
    "a workbook with a password: OLE outside, encrypted inside",
    "skyddad.xlsx",
    bytes.fromhex("d0cf11e0a1b11ae1")
    + bytes(1000)
    + "EncryptionInfo".encode("utf-16-le")
    + bytes(40)
    + "EncryptedPackage".encode("utf-16-le")
    + bytes(2000),
)
_wrong(
    "rds",
    "R's own format",
    "studie.rds",
    gz(b"X\n" + struct.pack(">iii", 3, 0x40301, 0x30500) + bytes(100)),
)
_wrong(
    "rdata",
    "an R workspace",
    "studie.RData",
    gz(b"RDX3\nX\n" + struct.pack(">iii", 3, 0x40301, 0x30500) + bytes(100)),
)
_wrong("sqlite", "a database file", "studie.db", b"SQLite format 3\x00" + bytes(600))
_wrong(
    "pickle",
    "a pickled frame, which would run code if it were opened",
    "df.pkl",
    b"\x80\x04\x95" + bytes(20) + b"pandas.core.frame" + bytes(200),
)
_wrong("hdf5", "HDF5", "scores.h5", b"\x89HDF\r\n\x1a\n" + bytes(300))
_wrong(
    "random_bytes",
    "damaged beyond recognition",
    "skadad.csv",
    bytes((i * 7919 + i * i * 31) % 256 for i in range(4000)),
)
_wrong(
    "prose",
    "a text in sentences",
    "läsmig.txt",
    "Hej!\nHär kommer filerna som ni bad om i förra veckan, "
    "hoppas att allt fungerar.\nHälsningar från studien.\n",
)


def _html_table(rows: list[list[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>\r\n" for row in rows)
    return (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8"></head>'
        f"<body><table border=1>{body}</table></body></html>"
    )


# First expected to be refused; a reader that understands the table is better than advice.
outcome_mess(
    "html_as_xls",
    "an HTML table called .xls, as many web systems export",
    {"export.xls": _html_table(long())},
    expect="either",
    words=("export.xls",),
)
outcome_mess(
    "tabs_as_xls",
    "a tab-separated text called .xls",
    {"export.xls": text(long(), "\t", "\r\n").encode("cp1252")},
)


def _ods() -> bytes:
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>'
            for c in row
        )
        + "</table:table-row>"
        for row in long()
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
        f'<office:body><office:spreadsheet><table:table table:name="Blad1">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in (
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", content),
            ("META-INF/manifest.xml", "<?xml version='1.0'?><manifest/>"),
        ):
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, data, kind)
    return buffer.getvalue()


outcome_mess(
    "ods", "LibreOffice Calc", {"utfall.ods": _ods()}, expect="either", words=("utfall.ods",)
)
_wrong(
    "docx",
    "a Word file",
    "utfall.docx",
    zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"}),
)
_wrong(
    "numbers_app",
    "Apple Numbers",
    "utfall.numbers",
    zipped({"Index/Document.iwa": bytes(200), "preview.jpg": bytes(40)}),
)
_wrong(
    "xlsb",
    "Excel binary workbook",
    "utfall.xlsb",
    zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": bytes(300)}),
)
score_mess(
    "same_file_twice",
    "the same outcomes given twice under two names",
    {"scores_a.csv": PLAIN["scores.csv"], "outcomes (1).csv": LONG},
    expect="either",
    words=("outcomes",),
    owner="DATA",
)
