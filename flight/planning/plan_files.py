"""From the files that an operator names to a plan in a folder: all that `pantau plan` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flight.fleet import find_drone
from flight.heights.ground import FlatGround, Ground, TerrainGround
from flight.heights.obstacle_reading import read_obstacles
from flight.heights.obstacles import Obstacles
from flight.planning.gaps import sites_with_gaps
from flight.planning.plan_folder import check_plan_folder, write_plan
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from flight.rules.profile import read_profile
from flight.rules.zones import read_zones
from flight.surroundings import Surroundings, frame_of
from pipeline.coverage.coverage_proof import CoverageProof
from pipeline.coverage.coverage_summary import proof_document
from pipeline.sites.site_reading import Site, read_sites
from vision.errors import PantauError
from vision.frames import LocalFrame
from vision.terrain import ElevationModel


@dataclass(frozen=True)
class PlanFiles:
    """What a plan is made from.

    `sites` is a vector file, or None when `gaps` names a register whose survey (`survey`, else the
    newest) is to be completed. `drone` is a name of the fleet or of `fleet`, a file of one's own.
    `dem` and `surface` are GeoTIFFs of the ground and of what stands on it; `obstacles` and `zones`
    vector files. `profile` names the rules, or is a file of one's own.
    """

    sites: Path | None
    drone: str
    gaps: Path | None = None
    survey: str | None = None
    fleet: Path | None = None
    dem: Path | None = None
    surface: Path | None = None
    obstacles: Path | None = None
    zones: Path | None = None
    profile: str = "indonesia"

    def __post_init__(self) -> None:
        """Refuse combinations that make no sense."""
        if (self.sites is None) == (self.gaps is None):
            raise PantauError(
                "give either SITES, a file of roads and facilities, or --gaps REGISTER to fly again what a "
                "survey left uncovered."
            )
        if self.survey is not None and self.gaps is None:
            raise PantauError("--survey names the survey of --gaps REGISTER; give both.")
        if self.surface is not None and self.dem is None:
            raise PantauError(
                "--surface tells how high things stand only together with the ground below them; give --dem "
                "of the same datum too."
            )


@dataclass(frozen=True)
class Planned:
    """What planning gave: the summary as in plan.json, or None when a survey has no gaps left."""

    summary: dict[str, Any] | None
    proof: CoverageProof | None

    def document(self) -> dict[str, Any]:
        """The coverage proof alone, for machines."""
        return {"proof": proof_document(self.proof) if self.proof else None}


def plan_from_files(
    files: PlanFiles,
    settings: PlanSettings,
    output: Path,
    language: str = "en",
    advance: Callable[[int, str], None] | None = None,
) -> Planned:
    """Read the files, plan, and write the plan's folder.

    Raises PantauError with the remedy for whatever the operator can mend.
    """
    drone = find_drone(files.drone, files.fleet)
    profile = read_profile(files.profile)
    check_plan_folder(output)
    sites, remarks, proof = _sites(files)
    if not sites:
        return Planned(None, proof)
    zones = read_zones(files.zones) if files.zones else ()
    surroundings = _surroundings(files, frame_of(sites))
    plan = plan_survey(sites, drone, settings, surroundings, zones, profile, advance)
    plan = replace(plan, remarks=(*remarks, *surroundings.obstacles.remarks), proof=proof)
    return Planned(write_plan(plan, output, language), proof)


def _sites(files: PlanFiles) -> tuple[Sequence[Site], tuple[str, ...], CoverageProof | None]:
    if files.gaps is not None:
        sites, proof = sites_with_gaps(files.gaps, files.survey)
        return sites, (), proof
    assert files.sites is not None
    file = read_sites(files.sites)
    return file.sites, file.remarks, None


def _surroundings(files: PlanFiles, frame: LocalFrame) -> Surroundings:
    ground: Ground = TerrainGround(ElevationModel.open(files.dem), frame) if files.dem else FlatGround()
    obstacles = read_obstacles(files.obstacles, frame, ground) if files.obstacles else Obstacles()
    if files.surface:
        obstacles = obstacles.with_surface(ElevationModel.open(files.surface), frame)
    return replace(Surroundings.unknown(frame), ground=ground, obstacles=obstacles)
