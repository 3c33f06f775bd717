"""Text tables as programs and people leave them: separators, encodings, marks, extra rows."""

from __future__ import annotations

from tests.corpus.messes.tools import (
    THREE,
    aligned,
    decimal_comma,
    long,
    outcome_mess,
    padded,
    score_mess,
    score_rows,
    text,
    wide,
)

# Separators, encodings, line ends

outcome_mess(
    "excel_sv_semicolon_1252",
    "Excel with Swedish settings: semicolons, Windows-1252, Swedish names of columns",
    {
        "Utfall våren.csv": text(long(header=("Löpnummer", "Vecka", "PHQ-9")), ";", "\r\n").encode(
            "cp1252"
        )
    },
)
outcome_mess(
    "excel_unicode_text",
    "Excel's 'Unicode text': UTF-16 with BOM, tabs",
    {"utfall.txt": text(long(THREE), "\t", "\r\n").encode("utf-16")},
    outcomes=THREE,
)
outcome_mess(
    "utf16_big_endian",
    "UTF-16 big endian with BOM, semicolons",
    {"export.csv": b"\xfe\xff" + text(long(), ";", "\r\n").encode("utf-16-be")},
)
outcome_mess(
    "utf16_no_bom",
    "UTF-16 little endian whose BOM a script has cut off",
    {"export.csv": text(long(), ";", "\r\n").encode("utf-16-le")},
    expect="either",
    words=("export.csv",),
)
outcome_mess(
    "utf8_bom_crlf",
    "CSV UTF-8 of Excel: a BOM before the first name",
    {"outcomes_export.csv": b"\xef\xbb\xbf" + text(long(), ",", "\r\n").encode()},
)
outcome_mess(
    "old_mac_line_ends",
    "CSV (Macintosh): carriage returns only",
    {"outcomes_mac.csv": text(long(), ";", "\r")},
)
outcome_mess(
    "mixed_line_ends",
    "two exports pasted together, one with CRLF and one with LF",
    {"pasted.csv": text(long()[:200], ",", "\r\n") + text(long()[200:])},
)
outcome_mess(
    "sep_line",
    "Excel's 'sep=;' before the header",
    {"med sep.csv": "sep=;\r\n" + text(long(), ";", "\r\n")},
)
outcome_mess("pipes", "pipes between columns", {"dump.txt": text(long(THREE), "|")}, outcomes=THREE)
outcome_mess(
    "pipes_with_blanks",
    "columns set apart by ' | ', as a console prints them",
    {"console.txt": text([[f" {c} " for c in row] for row in long()], "|")},
)
outcome_mess(
    "fixed_width",
    "SPSS 'fixed ASCII' with names: right-aligned columns, several blanks",
    {"phq9.dat": aligned(long(missing="."), 3)},
)
outcome_mess(
    "trailing_separators",
    "a semicolon at the end of each line, as old Access writes",
    {"access.txt": text([[*row, ""] for row in long()], ";", "\r\n")},
)
outcome_mess(
    "many_empty_columns_and_rows",
    "Excel saved far beyond the data: empty columns to the right, empty rows between and below",
    {
        "utfall.csv": "".join(
            line + ";" * 12 + "\r\n" + (";" * 14 + "\r\n" if i % 90 == 40 else "")
            for i, line in enumerate(text(long(), ";").splitlines())
        )
        + (";" * 14 + "\r\n") * 30
    },
)
outcome_mess(
    "no_newline_at_end",
    "no line end after the last row, blanks around every cell",
    {"outcomes_blank.csv": text([[f" {c}  " for c in row] for row in long()]).rstrip("\n")},
)

# Numbers

score_mess(
    "decimal_comma_semicolon",
    "scores saved by Excel with German settings",
    {"Scores.csv": text(decimal_comma(score_rows()), ";", "\r\n")},
    owner="SOURCE",
)
score_mess(
    "decimal_comma_tabs",
    "decimal commas between tabs",
    {"scores.tsv": text(decimal_comma(score_rows()), "\t")},
    owner="SOURCE",
)
score_mess(
    "decimal_comma_quoted",
    "decimal commas in quotes, commas between columns (write.csv of text columns)",
    {"scores_r.csv": text(decimal_comma(score_rows()), ",", quote="all")},
    owner="SOURCE",
)
score_mess(
    "german_exponents",
    "small scores as Excel with German settings writes them: 1,2345E-05",
    {
        "polygen.csv": text(
            decimal_comma(score_rows(number=lambda x: f"{x * 1e-5:.6e}")), ";", "\r\n"
        ).replace("e-", "E-")
    },
    scale="any",
    owner="SOURCE",
)
score_mess(
    "unicode_minus",
    "scores copied from a report: a true minus sign instead of the hyphen",
    {"scores_word.csv": text(score_rows()).replace("-", "−")},
    owner="SOURCE",
)


def _grouped(mark: str, point: str) -> str:
    """Sums in the hundred thousands with marks between thousands."""

    def number(x: float) -> str:
        whole = f"{(x + 9) * 100_000:,.1f}"
        return whole.replace(",", "g").replace(".", point).replace("g", mark)

    return text(score_rows(number=number), ";")


score_mess(
    "thousands_swiss",
    "sums with an apostrophe between thousands (Swiss Excel)",
    {"sums_ch.csv": _grouped("'", ".")},
    scale="any",
    within=2e-5,
    owner="SOURCE",
)
score_mess(
    "thousands_nbsp",
    "sums with a no-break space between thousands and a decimal comma (Swedish Excel)",
    {"sums_se.csv": _grouped("\u00a0", ",")},
    scale="any",
    within=2e-5,
    owner="SOURCE",
)
score_mess(
    "thousands_german",
    "sums as 1.234.567,8",
    {"sums_de.csv": _grouped(".", ",")},
    scale="any",
    within=2e-5,
    owner="SOURCE",
)
score_mess(
    "thousands_us",
    "sums as 1,234,567.8 between semicolons",
    {"sums_us.csv": _grouped(",", ".")},
    scale="any",
    within=2e-5,
    owner="SOURCE",
)
_MIXED = score_rows()
_MIXED[31][2] = _MIXED[31][2].replace(".", ",")
score_mess(
    "mixed_decimal_marks",
    "one cell typed with a decimal comma among decimal points",
    {"scores_mixed.csv": text(_MIXED, ";")},
    expect="either",
    words=("scores_mixed.csv", "PGS_MDD", "32"),
    owner="SOURCE",
)
_AMBIGUOUS = score_rows(number=lambda x: f"{(x + 6):.3f}".replace(".", ","))
score_mess(
    "three_decimals_comma",
    "three decimals after a comma in every cell: 6,123 must not become six thousand",
    {"scores_three.csv": text(_AMBIGUOUS, ";")},
    scale="shifted",
    within=6e-4,
    owner="SOURCE",
)

# Rows that are not data

outcome_mess(
    "title_rows",
    "a report with three rows of title above the header",
    {
        "rapport.csv": "Behandlingsrapport internet-KBT;;\nUttag: kvartal 3;;\n;;\n"
        + text(long(), ";")
    },
)
outcome_mess(
    "comment_lines",
    "lines with # above the header, as scripts write",
    {
        "pipeline.tsv": "# made by merge.py 2.1\n# weeks from start of treatment\n"
        + text(long(), "\t")
    },
)
outcome_mess(
    "totals_row",
    "a row of totals below the table",
    {"med summa.csv": text([*wide(), ["Total", *("512",) * 9]], ";")},
    words=("Total",),
)
outcome_mess(
    "mean_and_n_rows",
    "rows 'Medel' and 'N' below the table, after an empty row",
    {
        "medel.csv": text(
            [*wide(), [""] * 10, ["Medel", *("12,4",) * 9], ["N", *("58",) * 9]], ";", "\r\n"
        )
    },
)
outcome_mess(
    "notes_below",
    "notes below the table",
    {
        "noter.csv": text(wide(), ";")
        + ";;;;;;;;;\nOBS: vecka 8 är eftermätning;;;;;;;;;\nPHQ-9 0-27 poäng;;;;;;;;;\n"
    },
)
outcome_mess(
    "header_repeated",
    "two exports joined by cat: the header stands again in the middle",
    {"hopslaget.csv": text([*long()[:200], long()[0], *long()[200:]])},
)
outcome_mess(
    "r_row_names",
    "R's write.csv with row names: an unnamed first column of numbers, all in quotes",
    {
        "fit_data.csv": text(
            [["" if i == 0 else str(i), *row] for i, row in enumerate(long(missing="NA"))],
            quote="all",
        )
    },
)
outcome_mess(
    "r_write_table",
    "R's write.table: row names without a name, so the header is one short",
    {"fit_data.txt": text([long()[0], *([str(i), *r] for i, r in enumerate(long()[1:], 1))], " ")},
)
outcome_mess(
    "pandas_index",
    "pandas to_csv with its index, and 'Unnamed: 0' from an earlier round",
    {
        "df.csv": text(
            [
                ["" if i == 0 else str(i - 1), "Unnamed: 0" if i == 0 else str(i + 7), *row]
                for i, row in enumerate(long())
            ]
        )
    },
)
outcome_mess(
    "pandas_floats",
    "pandas made floats of totals and weeks: 12.0",
    {
        "df_float.csv": text(
            long(
                visit=lambda _, w: f"{w}.0", value=lambda v: f"{v}.0", header=("id", "week", "phq9")
            )
        )
    },
)
outcome_mess(
    "excel_text_guard",
    'ids guarded from Excel as ="0042"',
    {
        "guarded.csv": "\n".join(
            [
                "id,week,PHQ-9",
                *(f'="{r[0]}",{r[1]},{r[2]}' for r in long(ident=padded)[1:]),
            ]
        )
    },
    beside=("scores_padded.csv",),
)
outcome_mess(
    "quoted_newline_in_header",
    "names of columns broken over two lines within quotes",
    {
        "lime.csv": text(
            long(header=("Study\nid", "Week\n(from start)", "PHQ-9\n(0-27)")), ",", "\r\n"
        )
    },
)
outcome_mess(
    "error_cells",
    "Excel's #N/A and #DIV/0! where a total could not be computed",
    {
        "fel.csv": text(
            wide(missing="#N/A")[:20] + [[c or "#DIV/0!" for c in r] for r in wide()[20:]], ";"
        )
    },
)
outcome_mess(
    "everything_quoted_single_column",
    "each line as a whole in quotes, as Excel does after a round through one column",
    {"omslag.csv": "".join(f'"{",".join(row)}"\n' for row in long())},
    expect="either",
    words=("omslag.csv",),
)
