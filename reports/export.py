"""A register's defects as one file for other programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.register import Register
from reports.contents import read_contents
from reports.csv_table import CsvStyle, defects_as_csv
from reports.export_formats import TRAINING_FORMATS, DefectGeometry, ExportFormat
from reports.geojson import defects_as_geojson
from vision.errors import PantauError
from vision.whole_file import write_whole


@dataclass(frozen=True)
class ExportStyle:
    """How formats are written: what stands for a defect in GeoJSON, the style of a CSV table."""

    geometry: DefectGeometry = DefectGeometry.POINT
    csv: CsvStyle = field(default_factory=CsvStyle)


def write_export(
    register: Register, format: ExportFormat, path: Path, style: ExportStyle | None = None
) -> int:
    """Write all defects, rejected and duplicate ones included, into a file; returns their number.

    PantauError if the file cannot be written. For the formats that are folders of tiles see
    `reports.training_export`.
    """
    if format in TRAINING_FORMATS:
        raise ValueError(f"{format}: is no format of defects")
    if path.is_dir():
        raise PantauError(f"{path}: is a folder; name a file in it, say {path / f'defects.{format.value}'}")
    style = style or ExportStyle()
    contents = read_contents(register)
    if format is ExportFormat.GEOJSON:
        write_whole(path, defects_as_geojson(contents, style.geometry))
    else:
        write_whole(path, defects_as_csv(contents, style.csv))
    return len(contents.defects)
