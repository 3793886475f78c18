"""One scene, photographed from 20 m and from 60 m, is read alike."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.catalogue import open_detector
from models.scoring.average_precision import iou_matrix
from vision.resampling import resample
from vision.tiled_detector import TiledDetector

# What a mapping drone's camera resolves from 20 m; three times as coarse from 60 m.
GSD_AT_20_M_CM = 0.55
# Held-out training tiles of about this resolution, with damage that is large enough to show from 60 m.
TILES = ("002341", "001286", "001877", "000064", "001132", "001406")


class KnowsSomeSizes:
    """A network that has learnt spots of 20…50 px and knows no others."""

    input_px = 256

    def run(self, tiles, take):
        for number, tile in enumerate(tiles):
            spots = ((tile[..., 2] > 180) & (tile[..., 0] < 60)).astype(np.uint8)
            _, _, stats, centres = cv2.connectedComponentsWithStats(spots)
            learnt = [spot for spot in range(1, len(stats)) if 20 <= stats[spot, 2:4].min() <= 50]
            output = np.zeros((5, max(1, len(learnt))), np.float32)
            for column, spot in enumerate(learnt):
                output[:, column] = (*(centres[spot] + 0.5), stats[spot, 2], stats[spot, 3], 0.9)
            take(number, output)


SPOTS_PX = np.array([[100, 100, 220, 220], [700, 300, 820, 420], [400, 650, 520, 770]], float)


def scene_from_10_m():
    """A road at 0.275 cm with three spots of 33 cm."""
    scene = np.full((900, 1200, 3), 110, np.uint8)
    for left, top, right, bottom in SPOTS_PX.astype(int):
        scene[top:bottom, left:right] = (0, 0, 255)
    return scene


@pytest.mark.parametrize("height_m", [10, 20, 40, 60, 90])
def test_a_scene_is_read_alike_from_any_height(height_m):
    photo = resample(scene_from_10_m(), 10 / height_m)
    detector = TiledDetector(KnowsSomeSizes(), ["spot"], {"spot": 0.5}, (0.45, 1.5))
    found = detector.detect(photo, gsd_cm=GSD_AT_20_M_CM * height_m / 20)
    assert len(found) == 3
    assert iou_matrix(SPOTS_PX, found.xyxy_px * height_m / 10).max(axis=1).min() > 0.75


@pytest.mark.parametrize("height_m", [10, 90])
def test_without_its_resolution_the_same_photo_is_not(height_m):
    photo = resample(scene_from_10_m(), 10 / height_m)
    detector = TiledDetector(KnowsSomeSizes(), ["spot"], {"spot": 0.5}, (0.45, 1.5))
    found = detector.detect(photo)
    assert iou_matrix(SPOTS_PX, found.xyxy_px * height_m / 10).max(initial=0) < 0.5


@pytest.mark.real_data
def test_real_damage_is_found_from_20_m_and_from_60_m(shared):
    images = shared / "data" / "road-damage" / "drone" / "images"
    tiles = [cv2.imread(str(images / f"China_Drone_{name}.jpg")) for name in TILES]
    scene = np.vstack([np.hstack(tiles[:3]), np.hstack(tiles[3:])])
    detector = open_detector().detector
    low = detector.detect(scene, gsd_cm=GSD_AT_20_M_CM)
    high = detector.detect(resample(scene, 1 / 3), gsd_cm=GSD_AT_20_M_CM * 3)
    overlap = iou_matrix(low.xyxy_px, high.xyxy_px * 3)
    alike = np.array([[one == other for other in high.kind] for one in low.kind], dtype=bool)
    found_again = ((overlap >= 0.4) & alike).any(axis=1)
    assert len(low) >= 5
    assert found_again[low.score >= 0.4].mean() >= 0.6
