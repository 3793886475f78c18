"""What exports are called on the command line; imported at its start, so kept light."""

from __future__ import annotations

from enum import StrEnum


class ExportFormat(StrEnum):
    """A format that defects are exported in."""

    GEOJSON = "geojson"
    CSV = "csv"


class DefectGeometry(StrEnum):
    """What stands for a defect: its point, or the outline on the ground of its best observation."""

    POINT = "point"
    FOOTPRINT = "footprint"
