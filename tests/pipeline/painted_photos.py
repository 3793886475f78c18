"""Photos of painted potholes over a road, a detector that sees them, and a road to lay over them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
from PIL import ExifTags, Image
from shapely import LineString

from models.catalogue import OpenedDetector
from pipeline.register import Register
from pipeline.sites.site_reading import Site
from vision.detector import Detections, Picture
from vision.frames import LocalFrame

FRAME = LocalFrame(-1.2654, 116.8312)
HEIGHT_M, FOCAL_PX, SIZE_PX = 30.0, 640.0, (640, 480)
POTHOLES_M = [(4.0, 3.0), (9.0, -2.0), (15.0, 4.0), (17.5, 4.0), (26.0, 0.0)]
CAMERAS_M = [(6.0 * i, 0.0) for i in range(6)]
DAY = datetime(2025, 3, 1, 9, 0)


class PaintFinder:
    """Finds dark painted spots; interrupted like a person's Ctrl-C after `patience` pictures."""

    kinds = ("pothole",)

    def __init__(self, patience: int | None = None) -> None:
        self.patience = patience

    def detect(self, picture: Picture, *, gsd_cm=None, within=None) -> Detections:
        if self.patience == 0:
            raise KeyboardInterrupt
        self.patience = None if self.patience is None else self.patience - 1
        spots = cv2.connectedComponentsWithStats((picture[:, :, 0] < 90).astype(np.uint8))[2][1:]
        boxes = np.array([[x, y, x + w, y + h] for x, y, w, h, _ in spots.tolist()], float).reshape(-1, 4)
        return Detections.of_boxes(boxes, np.full(len(boxes), 0.9), ["pothole"] * len(boxes))


def opened(patience: int | None = None, threshold: float = 0.5) -> OpenedDetector:
    return OpenedDetector("paint", "0" * 64, (), None, {"pothole": threshold}, PaintFinder(patience))


def write_photo(
    path: Path,
    east_m: float,
    north_m: float,
    taken_at: datetime,
    gnss_error_m: tuple[float, float] = (0.0, 0.0),
) -> Path:
    """A nadir photo with north up of spots of 0.8 m where the potholes are."""
    # The grain of asphalt: a surface without any fine detail counts as blurred.
    grain = np.random.default_rng(abs(int(10 * east_m))).integers(-12, 13, (SIZE_PX[1], SIZE_PX[0], 1))
    picture = np.broadcast_to(160 + grain, (SIZE_PX[1], SIZE_PX[0], 3)).astype(np.uint8)
    px_per_m = FOCAL_PX / HEIGHT_M
    for pothole_east_m, pothole_north_m in POTHOLES_M:
        x = SIZE_PX[0] / 2 + (pothole_east_m - east_m) * px_per_m
        y = SIZE_PX[1] / 2 - (pothole_north_m - north_m) * px_per_m
        cv2.circle(picture, (round(x), round(y)), 9, (40, 40, 40), -1)
    lat, lon = FRAME.to_lat_lon([[east_m + gnss_error_m[0], north_m + gnss_error_m[1]]])[0]
    properties = {
        "GpsLatitude": f"{lat:.9f}", "GpsLongitude": f"{lon:.9f}", "RelativeAltitude": f"+{HEIGHT_M}",
        "GimbalYawDegree": "+0.01", "GimbalPitchDegree": "-90.00", "GimbalRollDegree": "+0.00",
        "CalibratedFocalLength": f"{FOCAL_PX}",
    }  # fmt: skip
    attributes = " ".join(f'drone-dji:{name}="{value}"' for name, value in properties.items())
    xmp = f"<x:xmpmeta><rdf:RDF><rdf:Description {attributes}></rdf:Description></rdf:RDF></x:xmpmeta>"
    tags = Image.Exif()
    tags.update({ExifTags.Base.Make: "DJI", ExifTags.Base.Model: "TEST"})
    moment = f"{taken_at:%Y:%m:%d %H:%M:%S}"
    tags.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base.DateTimeOriginal: moment})
    Image.fromarray(picture).save(path, exif=tags, quality=92, xmp=xmp.encode())
    return path


def content(register: Register) -> dict[str, list[tuple]]:
    """Everything that a register holds."""
    tables = register.db.table_names()
    return {name: list(register.db.execute(f"SELECT * FROM {name}").fetchall()) for name in tables}


ROAD_M = LineString([(-5, 0), (35, 0)])


def road(line_m: LineString = ROAD_M, **more: str) -> Site:
    return Site("r1", "Jalan Uji", "road", FRAME.shapes_to_lon_lat(line_m), width_m=6.0, **more)
