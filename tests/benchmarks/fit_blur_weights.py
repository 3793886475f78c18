"""Fits the weights by which `vision.photo_quality` tells blurred photos: prints vision/blur_weights.py.

Run as `python -m tests.benchmarks.fit_blur_weights`. On two thirds of the tiles of the train part; the
other ones, and all photos, are what bench_photo_quality.py measures on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from tests.vision.degraded_photos import degraded, moved, out_of_focus
from vision.photo_quality import blur_features

ROAD_DAMAGE = Path(__file__).resolve().parents[3] / "shared/data/road-damage"
RIDGE = 1.0
BLURS_PX = (4, 6, 8, 12)


def fitting_pictures() -> list[Path]:
    """Two thirds of the overlap groups of the train part, every fourth motorbike and forward view."""
    names = sorted(json.loads((ROAD_DAMAGE / "drone/split.json").read_text(encoding="utf-8"))["train"])
    groups = json.loads((ROAD_DAMAGE / "drone/overlap_groups.json").read_text(encoding="utf-8"))
    tiles = [ROAD_DAMAGE / "drone/images" / f"{name}.jpg" for name in names if groups[name] % 3]
    others = [
        sorted((ROAD_DAMAGE / of / "images").glob("*.jpg"))[::4] for of in ("motorbike", "forward-view")
    ]
    return [*tiles, *others[0], *others[1]]


def examples() -> Iterator[tuple[np.ndarray, bool]]:
    """Features of sharp pictures, plain and degraded, and of three blurred ones each."""
    rng = np.random.default_rng(0)
    for path in fitting_pictures():
        picture = cv2.imread(str(path))
        kernels = [
            moved(rng.choice(BLURS_PX), rng.uniform(0, np.pi)) if rng.random() < 0.5
            else out_of_focus(rng.choice(BLURS_PX))
            for _ in range(3)
        ]  # fmt: skip
        pictures = [picture, degraded(picture, None, rng), *(degraded(picture, k, rng) for k in kernels)]
        for number, each in enumerate(pictures):
            features = blur_features(each)
            if features is not None:
                yield features, number >= 2


def fit(features: np.ndarray, blurred: np.ndarray) -> np.ndarray:
    """Intercept and weights of a ridge logistic regression, by Newton's method on unit variances."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    design = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(curvature, design.T @ (blurred - chance) - RIDGE * weights)
    scaled = weights[1:] / spread
    return np.append(weights[0] - scaled @ mean, scaled)


def main() -> None:
    """Fit and print."""
    features, blurred = zip(*examples(), strict=True)
    weights = fit(np.array(features), np.array(blurred, dtype=float))
    numbers = [f"{number:.4f}" for number in weights]
    print('"""Weights of the blur score of `vision.photo_quality`: the intercept, then one a feature.\n')
    print('Fitted and printed by tests/benchmarks/fit_blur_weights.py.\n"""\n')
    print("from __future__ import annotations\n\nimport numpy as np\n\nBLUR_WEIGHTS = np.array(\n    [")
    for start in range(0, len(numbers), 6):
        print("        " + ", ".join(numbers[start : start + 6]) + ",")
    print("    ]\n)")


if __name__ == "__main__":
    main()
