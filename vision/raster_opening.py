"""Opening a raster of heights, or saying in a sentence why it is none."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from vision.errors import PantauError
from vision.raster_cells import RasterCells

_REMEDY = "give a GeoTIFF with one band of heights"
_METRES_PER_UNIT = {
    **dict.fromkeys(("m", "metre", "meter", "metres", "meters"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "international foot"), 0.3048),
    **dict.fromkeys(("us-ft", "ftus", "us survey foot", "foot_us"), 1200 / 3937),
}


def open_heights(path: Path) -> tuple[Any, RasterCells]:
    """The open dataset (rasterio's) of a file, and its one band of heights.

    Raises PantauError when rasterio or the file is missing, or when the file is no raster of one band
    of heights with a place on Earth.
    """
    dataset = _open(path)
    _check_place(path, dataset)
    band = _height_band(path, dataset)
    return dataset, RasterCells(path, dataset, band, _metres_per_unit(path, dataset, band))


def _open(path: Path) -> Any:
    try:
        import rasterio
    except ImportError as error:
        raise PantauError(
            f"{path}: reading heights needs rasterio, which is not installed; pip install '.[terrain]'."
        ) from error
    if not path.is_file():
        raise PantauError(f"{path}: there is no such file; {_REMEDY}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            return rasterio.open(path)
    except rasterio.errors.RasterioIOError as error:
        raise PantauError(f"{path}: cannot be read as a raster; {_REMEDY}.") from error


def _check_place(path: Path, dataset: Any) -> None:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if dataset.crs is None or dataset.transform.is_identity:
        raise PantauError(
            f"{path}: does not say where on Earth it lies; save it with its coordinate reference system."
        )
    try:
        system = CRS.from_wkt(dataset.crs.to_wkt())
    except CRSError:
        system = None
    if system is None or not (system.to_2d().is_projected or system.to_2d().is_geographic):
        raise PantauError(
            f"{path}: its coordinate reference system names no place on Earth "
            f"({dataset.crs.to_string()[:60]}); save it in UTM or WGS 84."
        )


def _height_band(path: Path, dataset: Any) -> int:
    from rasterio.enums import ColorInterp

    pairs = zip(dataset.indexes, dataset.colorinterp, strict=True)
    bands = [band for band, meaning in pairs if meaning != ColorInterp.alpha]
    if len(bands) != 1 or dataset.colorinterp[bands[0] - 1] == ColorInterp.palette:
        raise PantauError(f"{path}: holds a picture ({len(bands)} bands), not heights; {_REMEDY}.")
    return int(bands[0])


def _metres_per_unit(path: Path, dataset: Any, band: int) -> float:
    """By the band's unit; else by the vertical axis of the reference system; else metres."""
    from pyproj import CRS

    unit = dataset.units[band - 1]
    if unit:
        if unit.lower() not in _METRES_PER_UNIT:
            raise PantauError(f"{path}: its heights are in {unit!r}; convert them to metres.")
        return _METRES_PER_UNIT[unit.lower()]
    axes = CRS.from_wkt(dataset.crs.to_wkt()).axis_info
    return float(axes[2].unit_conversion_factor) if len(axes) == 3 else 1.0
