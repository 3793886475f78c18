"""Sensor widths of common drones' cameras, from `camera_table.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Sensor:
    """The width of a camera's sensor, over the full width of its photos, and its relative 1-σ error."""

    width_mm: float
    sigma_rel: float


def find_sensor(make: str, model: str, width_px: int) -> Sensor | None:
    """The sensor of a camera, under the names that EXIF tells; None for one that is not in the table.

    Some makers repeat their name in the model. An entry for this very width comes first: one name may
    stand for a colour camera and a thermal one.
    """
    make, model = _plain(make), _plain(model)
    names = (model, model.removeprefix(make).strip())
    for name in names:
        for width in (width_px, None):
            sensor = _table().get((make, name, width))
            if sensor is not None:
                return sensor
    return None


@cache
def _table() -> dict[tuple[str, str, int | None], Sensor]:
    text = files("pipeline.metadata").joinpath("camera_table.toml").read_text(encoding="utf-8")
    return {
        (_plain(entry["make"]), _plain(entry["model"]), entry.get("width_px")): Sensor(
            entry["sensor_width_mm"], entry["sigma"]
        )
        for entry in tomllib.loads(text)["camera"]
    }


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
