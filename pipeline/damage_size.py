"""How large a damage is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DamageSize:
    """Sides and area of its outline; what is measured of the damage itself, None where that failed.

    See `pipeline.register.records.DefectRecord`.
    """

    length_m: float
    width_m: float
    area_m2: float
    outlined: bool = False
    crack_length_m: float | None = None
    crack_width_m: float | None = None
    diameter_m: float | None = None
