"""What the camera's sensor records of the ground at one exposure."""

from __future__ import annotations

import cv2
import numpy as np
from shapely import MultiPoint

from flight.simulator.district import District
from flight.simulator.exposure import Exposure
from flight.simulator.ground_rendering import Ground
from flight.simulator.photo_geometry import ground_of_pixels
from flight.simulator.raster import GROUND_PIXEL_M
from vision.camera import Camera
from vision.detector import Picture

_GRID_PX = 16  # rays are traced for every 16th pixel; between them the ground is flat enough
_HAZE_BGR = (206, 200, 194)
_LENS_BLUR_PX = 0.55
_NOISE_LEVELS = 1.8
_VIGNETTING = 0.10  # of the light is lost in the corners


def render_photo(
    exposure: Exposure, district: District, ground: Ground, camera: Camera, seed: int
) -> Picture:
    """The photo (height, width, 3) of an exposure; the same for the same arguments.

    Each pixel shows the ground where its ray meets it: lens distortion, attitude and height are
    those of `vision`. Between traced rays positions are interpolated, good to 0.01 pixel.
    """
    return _develop(_look(exposure, district, ground, camera), camera, exposure.number, seed)


def _look(exposure: Exposure, district: District, ground: Ground, camera: Camera) -> Picture:
    columns, rows = camera.width_px // _GRID_PX + 3, camera.height_px // _GRID_PX + 3
    x = (np.arange(columns) - 1) * _GRID_PX + (_GRID_PX - 1) / 2
    y = (np.arange(rows) - 1) * _GRID_PX + (_GRID_PX - 1) / 2
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    east_north = ground_of_pixels(grid, exposure, camera, district)
    met = np.isfinite(east_north).all(axis=1)
    if not met.any():
        return np.full((camera.height_px, camera.width_px, 3), _HAZE_BGR, np.uint8)
    shown = MultiPoint(east_north[met]).convex_hull.buffer(0.1)
    gsd_m = exposure.alt_rel_m / camera.focal_px
    picture, window = ground.picture(shown, _reduction(gsd_m))
    texture_px = window.to_px(east_north).reshape(rows, columns, 2).astype(np.float32)
    size = (columns * _GRID_PX, rows * _GRID_PX)
    # NaN spreads from pixels that do not meet the ground: haze.
    texture = np.asarray(cv2.resize(texture_px, size, interpolation=cv2.INTER_LINEAR))
    texture = texture[_GRID_PX : _GRID_PX + camera.height_px, _GRID_PX : _GRID_PX + camera.width_px]
    x_px, y_px = cv2.split(np.nan_to_num(texture, nan=-1e4))
    photo = cv2.remap(
        picture, x_px, y_px, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=_HAZE_BGR
    )
    return np.asarray(photo, np.uint8)


def _reduction(gsd_m: float) -> int:
    """The power of two that brings the ground raster nearest to a photo's pixels from below."""
    return int(2 ** np.clip(np.floor(np.log2(gsd_m / GROUND_PIXEL_M)), 0, 8))


def _develop(picture: Picture, camera: Camera, number: int, seed: int) -> Picture:
    """Lens blur, vignetting, exposure and white balance, sensor noise."""
    rng = np.random.default_rng([seed, number, 3])
    flight = np.random.default_rng([seed, 4])
    blurred = cv2.GaussianBlur(picture, (0, 0), _LENS_BLUR_PX)
    gain = flight.uniform(0.97, 1.03) * rng.normal(1, 0.012) * (1 + flight.normal(0, 0.006, 3))
    y = np.linspace(-1, 1, camera.height_px, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, camera.width_px, dtype=np.float32)[None, :]
    light = 1 - np.float32(_VIGNETTING / 2) * (x * x + y * y)
    noise = rng.standard_normal((camera.height_px, camera.width_px), dtype=np.float32)
    noise *= np.float32(_NOISE_LEVELS)
    channels = [
        cv2.add(cv2.multiply(channel, light * np.float32(level), dtype=cv2.CV_32F), noise)
        for channel, level in zip(cv2.split(blurred), gain, strict=True)
    ]
    return np.asarray(cv2.merge(channels).clip(0, 255).round(), np.uint8)
