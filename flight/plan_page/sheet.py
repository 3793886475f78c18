"""operator-sheet.html: what the operator takes along, one printed page per sortie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flight.plan_page.operator_work import (
    CameraRun,
    PassRow,
    battery_left,
    camera_runs,
    pass_rows,
)
from flight.plan_page.plan_ground import PlanGround, SortieGround, plan_ground
from flight.plan_page.rendering import render
from flight.plan_page.sortie_map import SortieMap, draw_sortie_map
from flight.plan_page.translation import in_language
from flight.planning.plan import Plan, Sortie
from flight.planning.sortie_files import sortie_files
from vision.whole_file import write_whole

# Of a sortie's map, width to height: so flat that everything stands on one page of A4.
_ASPECT = 2.1
_FLAT_ASPECT = 2.55  # where the table of what to press needs room


@dataclass(frozen=True)
class SheetPage:
    """One sortie on its page. `camera_runs` are empty unless a person starts the photos."""

    sortie: Sortie
    map: SortieMap
    files: Mapping[str, str]
    passes: tuple[PassRow, ...]
    camera_runs: tuple[CameraRun, ...]
    battery_left: float
    photos: int

    @property
    def first_height_m(self) -> float:
        """The height above take-off at which the mission begins."""
        return self.sortie.transits[0][0].alt_m

    @property
    def beside(self) -> str:
        """The numbers of the passes that fly beside a building, say "3, 4, 5"."""
        return ", ".join(str(row.number) for row in self.passes if row.beside)


def write_operator_sheet(plan: Plan, path: Path, language: str = "en") -> None:
    """Write the operator's sheet as one self-contained HTML file to print on A4.

    `language` is "en" or "id". Raises PantauError for another one, or when the file cannot be written.
    """
    ground = plan_ground(plan)
    html = render(
        "sheet.html.j2",
        language,
        style="sheet.css",
        plan=plan,
        made_at=datetime.now(UTC),
        say=partial(in_language, language=language),
        pages=[_page(plan, ground, flown) for flown in ground.sorties],
        loads_by_pilot_2=plan.drone.wpml is not None and plan.drone.wpml.payload is not None,
        batteries=len(plan.sorties),
        lowest_return_m=min((sortie.return_height_m for sortie in plan.sorties), default=0.0),
    )
    write_whole(path, html)


def _page(plan: Plan, ground: PlanGround, flown: SortieGround) -> SheetPage:
    sortie = flown.sortie
    runs = camera_runs(plan, sortie) if plan.drone.trigger == "timer" else []
    return SheetPage(
        sortie=sortie,
        map=draw_sortie_map(ground, flown, _FLAT_ASPECT if runs else _ASPECT),
        files=sortie_files(plan.drone, sortie),
        passes=tuple(pass_rows(plan, sortie)),
        camera_runs=tuple(runs),
        battery_left=battery_left(plan, sortie),
        photos=sum(run.photos for run in runs) if runs else sortie.photo_count,
    )
