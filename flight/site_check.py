"""Whether a plan knew of obstacles, or somebody must have looked for them on the ground."""

from __future__ import annotations

import json
from pathlib import Path

QUESTION = (
    "This plan knows of no obstacles. Have you checked on the ground that no wire, tree, mast or building "
    "comes near any leg, the transits and the return included?"
)


def knows_obstacles(plan_file: Path) -> bool:
    """Whether the plan beside a sortie's file was made with obstacle data; False for a lone file."""
    try:
        summary = json.loads(plan_file.with_name("plan.json").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        return False
    return bool(isinstance(summary, dict) and summary.get("surroundings", {}).get("obstacles_known"))
