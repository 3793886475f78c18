"""The truth about a simulated district: which damage lies where, as a GeoJSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry import mapping, shape

from flight.simulator.district import District
from vision.errors import PantauError
from vision.whole_file import write_whole


@dataclass(frozen=True)
class TrueDamage:
    """A damage that is there. `geometry` (lon, lat) is a crack's path or an area's outline."""

    id: str
    kind: str
    site: str
    geometry: shapely.Geometry
    length_m: float
    width_m: float
    area_m2: float


def truth_of(district: District) -> tuple[TrueDamage, ...]:
    """All damages of a district in WGS 84."""
    return tuple(
        TrueDamage(
            damage.id,
            damage.kind,
            damage.site,
            district.frame.shapes_to_lon_lat(damage.geometry_m),
            round(damage.length_m, 3),
            round(damage.width_m, 4),
            round(damage.area_m2, 4),
        )
        for damage in district.damages
    )


def write_truth(district: District, path: Path) -> None:
    """Write a district's damages as a GeoJSON file, all or nothing."""
    features = [
        {
            "type": "Feature",
            "id": damage.id,
            "properties": {
                "kind": damage.kind,
                "site": damage.site,
                "length_m": damage.length_m,
                "width_m": damage.width_m,
                "area_m2": damage.area_m2,
            },
            "geometry": mapping(shapely.set_precision(damage.geometry, 1e-8, mode="pointwise")),
        }
        for damage in truth_of(district)
    ]
    document = {"type": "FeatureCollection", "name": "truth", "features": features}
    write_whole(path, json.dumps(document, indent=1))


def read_truth(path: Path) -> tuple[TrueDamage, ...]:
    """Read what `write_truth` wrote. Raises PantauError when the file is something else."""
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return tuple(
            TrueDamage(id=feature["id"], geometry=shape(feature["geometry"]), **feature["properties"])
            for feature in features
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PantauError(
            f"{path}: cannot be read as the truth of a simulated district ({error!r}); "
            "give the truth.geojson that the simulation wrote."
        ) from error
