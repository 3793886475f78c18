"""Defects as a CSV table that spreadsheets open."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, fields

from pipeline.register.records import DefectRecord
from reports.contents import Contents
from vision.errors import PantauError

# Spreadsheets read a file as UTF-8 only if it begins with this.
_BYTE_ORDER_MARK = "\ufeff"
_DECIMALS = {"lat": 7, "lon": 7, "score": 4, "priority": 2, "crack_width_m": 4}
_STARTS_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class CsvStyle:
    """How a table is written: the character between columns and the decimal mark."""

    delimiter: str = ","
    decimal_comma: bool = False

    @classmethod
    def of_options(cls, delimiter: str | None, decimal_comma: bool) -> CsvStyle:
        """The style that a person asks for; a decimal comma brings ; between columns along.

        PantauError for a delimiter that is not one character, or that numbers or quotes contain.
        """
        if delimiter is None:
            return cls(";" if decimal_comma else ",", decimal_comma)
        character = "\t" if delimiter in ("\\t", "tab") else delimiter
        if len(character) != 1 or character.isalnum() or character in '".-\r\n':
            raise PantauError(f"--delimiter {delimiter!r} cannot separate columns; use , ; | or tab")
        if character == "," and decimal_comma:
            raise PantauError("--delimiter , and --decimal-comma contradict each other; use --delimiter ;")
        return cls(character, decimal_comma)


def defects_as_csv(contents: Contents, style: CsvStyle | None = None) -> str:
    """All defects, one a row in the order of their ids, with the register's columns.

    With a byte order mark and CRLF (RFC 4180). Text that a spreadsheet would run as a formula gets
    an apostrophe before it.
    """
    style = style or CsvStyle()
    columns = [column.name for column in fields(DefectRecord)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=style.delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    for defect in sorted(contents.defects, key=lambda defect: defect.id):
        writer.writerow([_cell(defect, column, style) for column in columns])
    return _BYTE_ORDER_MARK + text.getvalue()


def _cell(defect: DefectRecord, column: str, style: CsvStyle) -> str:
    value = getattr(defect, column)
    if value is None:
        return ""
    if isinstance(value, float):
        text = f"{value:.{_DECIMALS.get(column, 3)}f}"
        return text.replace(".", ",") if style.decimal_comma else text
    if isinstance(value, bool):
        return str(int(value))
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_STARTS_OF_FORMULAS) else text
