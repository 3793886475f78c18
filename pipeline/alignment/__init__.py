"""Alignment of overlapping photos with each other and to surveyed points."""

from pipeline.alignment.aligning import Alignment, align, check_alignment_possible
from pipeline.alignment.control_points import ControlPoint, Mark, read_control_points
from pipeline.alignment.plausible_block import is_of_aligned
from pipeline.alignment.report import AlignmentReport, ControlResidual

__all__ = [
    "Alignment",
    "AlignmentReport",
    "ControlPoint",
    "ControlResidual",
    "Mark",
    "align",
    "check_alignment_possible",
    "is_of_aligned",
    "read_control_points",
]
