"""What exports are called on the command line; imported at its start, so kept light."""

from __future__ import annotations

from enum import StrEnum


class ExportFormat(StrEnum):
    """A format that defects, or tiles of photos that show them, are exported in."""

    GEOJSON = "geojson"
    CSV = "csv"
    COCO = "coco"
    YOLO = "yolo"


TRAINING_FORMATS = (ExportFormat.COCO, ExportFormat.YOLO)
"""Folders of labelled tiles, to train a detector on."""


class DefectGeometry(StrEnum):
    """What stands for a defect: its point, or the outline on the ground of its best observation."""

    POINT = "point"
    FOOTPRINT = "footprint"
