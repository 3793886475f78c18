"""What commands say of a model."""

from __future__ import annotations

from collections.abc import Mapping
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
        "kinds": [
            vars(kind)
            | {
                "threshold": model.thresholds[kind.name],
                "coarsest_gsd_cm": model.coarsest_gsd_cm.get(kind.name),
            }
            for kind in model.kinds
        ],
        "scores": model.scores,
        "sha256": model.sha256,
    }


def model_text(model: ModelFolder) -> str:
    """A model in a few lines for people."""
    gsd = f"{model.gsd_cm[0]:g}–{model.gsd_cm[1]:g} cm per pixel" if model.gsd_cm else "unknown"
    score = f"mAP50 {_known(model.scores, 'map50')}, mean F1 {_known(model.scores, 'f1_mean')}"
    head = f"{model.name} {model.version} ({model.architecture}): ground resolution {gsd}; "
    head += score if model.scores else "not scored"
    if model.view_count > 1:
        head += f"; {model.view_count} views of each tile"
    average, f1 = model.scores.get("ap50", {}), model.scores.get("f1", {})
    lines = [
        f"  {kind.name:<20} {kind.rdd_code or '–':<7} {kind.indonesian:<20} "
        f"AP50 {_known(average, kind.name):<5}  F1 {_known(f1, kind.name)}"
        for kind in model.kinds
    ]
    return "\n".join([head, *lines])


def _known(scores: Mapping[str, float], name: str) -> str:
    return f"{scores[name]:.3f}" if name in scores else "–"
