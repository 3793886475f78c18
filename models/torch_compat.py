"""Makes `import ultralytics` work where torch is a CPU build and torchvision is not.

torchvision from the package index is built against CUDA torch. Beside a CPU build of torch its
compiled part does not load, and its import fails with "operator torchvision::nms does not exist".
Declaring the operators first, and giving `nms` a kernel, is all that ultralytics needs of it.
"""

from __future__ import annotations

from typing import Any

from vision.errors import PantauError

# The two operators whose shapes torchvision registers when it is imported.
_MISSING_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def import_ultralytics() -> Any:
    """Return the module ultralytics, with torchvision made importable first where it is not.

    Ultralytics then installs no packages unasked, as it would for weights of other programs and for
    pictures that cannot be read, and leaves Pillow as it is.

    Raises ImportError when ultralytics is not installed.
    """
    try:
        import torchvision
    except (RuntimeError, OSError):
        _declare_operators()
        import torchvision.extension

        # Asked at every call; `nms` has its kernel now.
        torchvision.extension._has_ops = lambda: True
    import ultralytics
    from PIL import Image
    from ultralytics.utils import checks, patches

    checks.AUTOINSTALL = False
    # It puts an `open` of its own there, which needs a package for whatever Pillow cannot read.
    Image.open = getattr(patches, "_image_open", Image.open)
    return ultralytics


def require_ultralytics() -> Any:
    """The module ultralytics; raises PantauError with the remedy where it is not installed."""
    try:
        return import_ultralytics()
    except ImportError as error:
        raise PantauError(
            "training, exporting and .pt models need ultralytics with torch and torchvision, which cannot be "
            f"imported ({error}); install them with: pip install '.[train]' in Pantau's folder."
        ) from error


def _declare_operators() -> None:
    import sys

    import torch

    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for schema in _MISSING_OPERATORS:
        library.define(schema)
    library.impl("nms", _nms, "CPU")
    # The declarations live as long as this object does.
    _declare_operators.library = library  # type: ignore[attr-defined]


def _nms(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    """Greedy non-maximum suppression on xyxy boxes; indices of the kept boxes by falling score."""
    import torch

    order = scores.argsort(descending=True)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while order.numel():
        best, rest = order[0], order[1:]
        kept.append(best)
        corner_min = torch.maximum(boxes[best, :2], boxes[rest, :2])
        corner_max = torch.minimum(boxes[best, 2:], boxes[rest, 2:])
        overlap = (corner_max - corner_min).clamp(min=0).prod(dim=1)
        order = rest[overlap <= iou_threshold * (areas[best] + areas[rest] - overlap)]
    return torch.stack(kept) if kept else torch.empty(0, dtype=torch.int64)
