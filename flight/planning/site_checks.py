"""Sites that cannot be flown by the rules, told by name before anybody orders their passes."""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from flight.coverage.tracks import Track
from flight.planning.task import Task
from vision.errors import PantauError


def refuse_closed_sites(tracks: Sequence[Track], task: Task) -> None:
    """Raise PantauError when a pass lies in a closed zone or its margin."""
    for track in tracks:
        closure = task.surroundings.airspace.blocking(track.line)
        if closure is None:
            continue
        margin_m = closure.rule.margin_m
        nearness = f"within {margin_m:.0f} m of" if margin_m > 0 else "in"
        raise PantauError(
            f"{_title(track)} would be flown {nearness} {closure.zone.title}, closed by rule "
            f"{closure.rule.id!r} ({closure.rule.citation}); cut the site"
            f"{_or_permit(closure.zone.name, closure.rule.approval)}."
        )


def refuse_high_sites(tracks: Sequence[Track], task: Task) -> None:
    """Raise PantauError when a pass must be flown higher above ground than the profile's ceiling."""
    ceilings = [rule for rule in task.profile.tested("ceiling") if not rule.is_lifted(task.settings.permits)]
    for track in tracks if ceilings else ():
        points = shapely.get_coordinates(track.line, include_z=True)
        highest_m = float((points[:, 2] - task.surroundings.ground.elevation_m(points[:, :2])).max())
        for rule in ceilings:
            if highest_m > rule.limit_m:
                raise PantauError(
                    f"{_title(track)} would be flown {highest_m:.0f} m above ground, over the ceiling of "
                    f"{rule.limit_m:.0f} m ({rule.citation}); fly lower (--height, --gsd), leave it out"
                    f"{_or_permit(rule.id, rule.approval)}."
                )


def _title(track: Track) -> str:
    return f"{track.site.kind} {track.site.id!r} ({track.site.name})"


def _or_permit(name: str, approval: str) -> str:
    return f', or give --permit "{name}" when the approval is in hand' if approval else ""
