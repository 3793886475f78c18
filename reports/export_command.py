"""`pantau export`: the register's defects for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reports.export_formats import DefectGeometry, ExportFormat
from vision.console import AsJson, Quiet, Verbose, emit

EXAMPLES = """\b
Examples:
  pantau export -r register.db -f geojson -o defects.geojson
  pantau export -r register.db -f geojson --geometry footprint -o outlines.geojson
  pantau export -r register.db -f csv --decimal-comma -o defects.csv
"""


def add_commands(app: typer.Typer) -> None:
    """Add `export`."""

    @app.command(epilog=EXAMPLES)
    def export(
        register: Annotated[Path, typer.Option("-r", "--register", help="The register's file.")],
        format: Annotated[ExportFormat, typer.Option("-f", "--format", help="The file's format.")],
        output: Annotated[Path, typer.Option("-o", "--output", help="File to write.")],
        geometry: Annotated[
            DefectGeometry, typer.Option(help="GeoJSON: the defect's point, or its outline on the ground.")
        ] = DefectGeometry.POINT,
        delimiter: Annotated[
            str | None, typer.Option(help="CSV: the character between columns, or tab. [default: ,]")
        ] = None,
        decimal_comma: Annotated[
            bool, typer.Option("--decimal-comma", help="CSV: write 1,5 for 1.5, with ; between columns.")
        ] = False,
        as_json: AsJson = False,
        verbose: Verbose = False,
        quiet: Quiet = False,
    ) -> None:
        """Write all defects of a register into a file for GIS programs or spreadsheets.

        Rejected and duplicate defects are included; the column status tells. GeoJSON is RFC 7946
        (WGS 84, longitude first). CSV is UTF-8 with a byte order mark, so that spreadsheets read it
        as such.
        """
        from pipeline.register import Register
        from reports.csv_table import CsvStyle
        from reports.export import ExportStyle, write_export

        style = ExportStyle(geometry, CsvStyle.of_options(delimiter, decimal_comma))
        with Register.open(register, read_only=True) as opened:
            count = write_export(opened, format, output, style)
        document = {"path": output, "format": format.value, "defects": count}
        emit(document, as_json, lambda: f"{output}: {count} defects")
