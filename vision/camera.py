"""The camera as geometry: pixels to rays and back.

Camera axes: x to the right of the picture, y down, z forward along the optical axis. Pixel
coordinates are (x, y) with (0, 0) at the centre of the top left pixel, as in OpenCV.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vision.lens import BrownLens, FisheyeLens, FloatArray, Lens, PinholeLens

__all__ = ["Camera", "FloatArray"]


@dataclass(frozen=True)
class Camera:
    """A camera with Brown's radial and tangential distortion (k1, k2, p1, p2, k3), or with a fisheye lens.

    `focal_px` holds for both axes (square pixels); a fisheye's counts pixels per radian on its axis, and
    `distortion` makes no difference to it. `focal_sigma_rel` is the relative 1-σ error of the focal
    length, by the source it came from.
    """

    name: str
    width_px: int
    height_px: int
    focal_px: float
    cx_px: float
    cy_px: float
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    focal_sigma_rel: float = 0.01
    source: str = ""
    fisheye: FisheyeLens | None = None

    @classmethod
    def centred(
        cls, name: str, width_px: int, height_px: int, focal_px: float, **more: float | str
    ) -> Camera:
        """A camera without distortion whose optical axis meets the middle of the picture."""
        centre = ((width_px - 1) / 2, (height_px - 1) / 2)
        return cls(name, width_px, height_px, focal_px, *centre, **more)  # type: ignore[arg-type]

    def turned(self, quarter_turns: int) -> Camera:
        """The camera whose pictures are this one's, turned clockwise by quarters of a circle.

        The tangential terms follow from writing Brown's model in the turned axes
        (x' = −y, y' = x): a quarter turn makes (p1, p2) into (p2, −p1).
        """
        turned = self
        for _ in range(quarter_turns % 4):
            k1, k2, p1, p2, k3 = turned.distortion
            turned = replace(
                turned,
                width_px=turned.height_px,
                height_px=turned.width_px,
                cx_px=turned.height_px - 1 - turned.cy_px,
                cy_px=turned.cx_px,
                distortion=(k1, k2, p2, -p1, k3),
                fisheye=turned.fisheye.turned() if turned.fisheye else None,
            )
        return turned

    @property
    def lens(self) -> Lens:
        """How directions become places in the picture."""
        if self.fisheye is not None:
            return self.fisheye
        return BrownLens(*self.distortion) if any(self.distortion) else PinholeLens()

    def rays(self, pixels_px: FloatArray) -> FloatArray:
        """Directions (N, 3) in camera axes, z = 1, of pixels (N, 2); NaN where the lens shows nothing."""
        pixels_px = np.asarray(pixels_px, dtype=np.float64).reshape(-1, 2)
        directions = self.lens.undistort((pixels_px - (self.cx_px, self.cy_px)) / self.focal_px)
        return np.column_stack([directions, np.where(np.isnan(directions[:, 0]), np.nan, 1.0)])

    def project(self, points: FloatArray) -> FloatArray:
        """Pixels (N, 2) of points (N, 3) in camera axes.

        NaN for points behind the camera, and for those that its lens cannot show. Pixels may lie outside
        of the picture.
        """
        points = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            directions = points[:, :2] / points[:, 2:]
        directions[~(points[:, 2] > 0)] = np.nan
        return self.lens.distort(directions) * self.focal_px + (self.cx_px, self.cy_px)
