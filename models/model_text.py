"""What commands say of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.folder import ModelFolder


def described(model: ModelFolder) -> dict[str, Any]:
    """A model as JSON."""
    return {
        "name": model.name,
        "version": model.version,
        "architecture": model.architecture,
        "licence": model.licence,
        "gsd_cm": model.gsd_cm,
        "views": model.view_count,
        "kinds": [vars(kind) | {"threshold": model.thresholds[kind.name]} for kind in model.kinds],
        "scores": model.scores,
        "sha256": model.sha256,
    }


def model_text(model: ModelFolder) -> str:
    """A model in a few lines for people."""
    gsd = f"{model.gsd_cm[0]:g}–{model.gsd_cm[1]:g} cm per pixel" if model.gsd_cm else "unknown"
    score = f"mAP50 {model.scores['map50']:.3f}" if "map50" in model.scores else "not scored"
    head = f"{model.name} {model.version} ({model.architecture}): ground resolution {gsd}; {score}"
    if model.view_count > 1:
        head += f"; {model.view_count} views of each tile"
    average = model.scores.get("ap50", {})
    lines = [
        f"  {kind.name:<20} {kind.rdd_code or '–':<7} {kind.indonesian:<20} "
        f"AP50 {f'{average[kind.name]:.3f}' if kind.name in average else '–'}"
        for kind in model.kinds
    ]
    return "\n".join([head, *lines])
