"""Inspects photos of 48 megapixels and prints the most memory that took, in MB; for `bench_reading`.

`python -m tests.benchmarks.large_photos FOLDER whole|sites` inspects what `write_large` wrote there.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2

from flight.simulator.district import SAMPLE_SITES
from flight.simulator.exposure import Exposure
from models.catalogue import open_detector
from pipeline.inspecting.inspection import inspect_photos
from pipeline.metadata.photo_reading import read_photo
from pipeline.photo import Photo
from pipeline.register import Register
from pipeline.sites.site_reading import read_sites
from tests.benchmarks.simulated_photos import written
from vision.decoding import read_picture

_SIZE_PX = (8000, 6000)
_COUNT = 4
_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def write_large(photo_file: Path, folder: Path) -> list[Path]:
    """The photo enlarged to 48 megapixels, a few times with other metadata."""
    files = [folder / f"large-{number}.jpg" for number in range(_COUNT)]
    photo, picture = read_photo(photo_file), read_picture(photo_file)
    assert isinstance(photo, Photo)
    scale = _SIZE_PX[0] / photo.camera.width_px
    camera = replace(
        photo.camera,
        width_px=_SIZE_PX[0],
        height_px=_SIZE_PX[1],
        focal_px=photo.camera.focal_px * scale,
        cx_px=(_SIZE_PX[0] - 1) / 2,
        cy_px=(_SIZE_PX[1] - 1) / 2,
    )
    large = cv2.resize(picture, _SIZE_PX, interpolation=cv2.INTER_CUBIC)
    pose = photo.pose
    for number, file in enumerate(files):
        exposure = Exposure(
            number, _AT + timedelta(seconds=number), pose.lat, pose.lon, pose.alt_agl_m,
            pose.yaw_deg, pose.pitch_deg, pose.roll_deg,
        )  # fmt: skip
        written(file, large, camera, exposure)
    return files


def peak_mb() -> float:
    """The most memory that this process has had since it began."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux getrusage counts what the parent had when it started this process, too.
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if "VmHWM" in line)
        return int(line.split()[1]) / 1e3
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main(folder: Path, read: str) -> None:
    """Inspect the photos of a folder, on the sites of the sample district or as a whole."""
    files = sorted(folder.glob("large-*.jpg"))
    sites = read_sites(SAMPLE_SITES).sites if read == "sites" else ()
    with Register.open(folder / f"{read}.db", create=True) as register:
        result = inspect_photos(register, files, open_detector(), sites=sites)
    assert result.photos_used == len(files), result.photos_rejected
    print(peak_mb())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
