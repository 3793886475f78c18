"""`pantau export`: the register's defects for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reports.export_formats import TRAINING_FORMATS, DefectGeometry, ExportFormat
from vision.console import AsJson, Quiet, Verbose, emit, progress, say, warn
from vision.errors import PantauError

EXAMPLES = """\b
Examples:
  pantau export -r register.db -f geojson -o defects.geojson
  pantau export -r register.db -f geojson --geometry footprint -o outlines.geojson
  pantau export -r register.db -f csv --decimal-comma -o defects.csv
  pantau export -r register.db -f yolo -o reviewed/
"""


def add_commands(app: typer.Typer) -> None:
    """Add `export`."""

    @app.command(epilog=EXAMPLES)
    def export(
        register: Annotated[Path, typer.Option("-r", "--register", help="The register's file.")],
        format: Annotated[ExportFormat, typer.Option("-f", "--format", help="The file's format.")],
        output: Annotated[Path, typer.Option("-o", "--output", help="File, or new folder, to write.")],
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
        """Write defects for GIS programs, spreadsheets, or to train a detector on.

        Rejected and duplicate defects are included; the column status tells. GeoJSON is RFC 7946
        (WGS 84, longitude first). CSV is UTF-8 with a byte order mark, so that spreadsheets read it
        as such.

        YOLO and COCO are folders of tiles cut out of the photos around findings that somebody reviewed,
        as `pantau train --data` takes them: confirmed (and assigned, repaired, verified) ones are
        labelled, rejected ones show no damage, undecided ones are painted over. Nothing else of the
        photos is in them, no positions either.
        """
        from pipeline.register import Register
        from pipeline.register.unfinished_runs import unfinished_surveys, unfinished_warning
        from reports.csv_table import CsvStyle
        from reports.export import ExportStyle, write_export

        _check_options(format, geometry, bool(delimiter) or decimal_comma)
        if format in TRAINING_FORMATS:
            _export_tiles(register, format, output, as_json)
            return
        style = ExportStyle(geometry, CsvStyle.of_options(delimiter, decimal_comma))
        with Register.open(register, read_only=True) as opened:
            count = write_export(opened, format, output, style)
            unfinished = unfinished_surveys(opened.runs())
        if unfinished:
            warn(unfinished_warning(unfinished))
        document = {"path": output, "format": format.value, "defects": count}
        emit(document, as_json, lambda: f"{output}: {count} defects")


def _check_options(format: ExportFormat, geometry: DefectGeometry, has_csv_style: bool) -> None:
    """Raise PantauError for an option of another format, which would change nothing."""
    if has_csv_style and format is not ExportFormat.CSV:
        raise PantauError(f"--delimiter and --decimal-comma are for -f csv; leave them out with -f {format}.")
    if geometry is not DefectGeometry.POINT and format is not ExportFormat.GEOJSON:
        raise PantauError(f"--geometry is for -f geojson; leave it out with -f {format}.")


def _export_tiles(register: Path, format: ExportFormat, output: Path, as_json: bool) -> None:
    from models.catalogue import DEFAULT_MODEL, find_model
    from pipeline.register import Register
    from reports.training_export import TileStyle, write_training_export

    model = find_model(DEFAULT_MODEL)
    style = TileStyle(model.input_px, model.gsd_cm)
    with Register.open(register, read_only=True) as opened, progress("cutting tiles") as advance:
        written = write_training_export(opened, format, output, style, advance)
    for reason, count in written.left_out.items():
        say(f"{count} tiles left out: {reason}")
    for path, problem in written.lost_photos:
        warn(f"{path}: is {problem}; no tiles of it")
    document = {
        "path": output,
        "format": format.value,
        "tiles": written.tiles,
        "boxes": dict(written.boxes),
        "left_out": dict(written.left_out),
        "lost_photos": [path for path, _ in written.lost_photos],
    }
    boxes = written.boxes.total()
    emit(document, as_json, lambda: f"{output}: {written.tiles} tiles with {boxes} labels")
    if written.lost_photos:
        raise typer.Exit(1)
