"""The files of a sortie: those that the plan's drone can fly."""

from __future__ import annotations

from pathlib import Path

from flight.fleet import Drone
from flight.formats.kml import write_way_kml
from flight.formats.litchi import write_litchi_file
from flight.formats.qgroundcontrol import write_plan_file
from flight.formats.waypoints import write_waypoints_file
from flight.formats.wpml import write_wpml_file
from flight.missions.mission_building import build_mission
from flight.planning.plan import Plan, Sortie

SUFFIXES = {"plan": ".plan", "waypoints": ".waypoints", "wpml": ".kmz", "litchi": ".csv", "kml": ".kml"}


def sortie_files(drone: Drone, sortie: Sortie) -> dict[str, str]:
    """The names of a sortie's files by their format, of those that the drone can fly."""
    return {name: sortie.name + SUFFIXES[name] for name in SUFFIXES if name in drone.files}


def write_sortie_files(plan: Plan, sortie: Sortie, folder: Path) -> None:
    """Write the files of a sortie into a folder."""
    for file_format, name in sortie_files(plan.drone, sortie).items():
        path = folder / name
        match file_format:
            case "plan":
                write_plan_file(build_mission(plan, sortie), path)
            case "waypoints":
                write_waypoints_file(build_mission(plan, sortie), path)
            case "wpml":
                write_wpml_file(plan, sortie, path)
            case "litchi":
                write_litchi_file(plan, sortie, path)
            case "kml":
                write_way_kml(plan, sortie, path)
