"""A plan as KML to look at, and a sortie as one line for apps that import no more than that.

Heights are above the take-off point; viewers draw them above the ground, which is the same where it is
flat.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import shapely

from flight.formats.xml_elements import document_text, element
from flight.missions.remote_route import remote_route
from flight.planning.plan import Plan, Sortie, Waypoint
from flight.rules.airspace import Zone
from vision.whole_file import write_whole

_COLOURS = {"pass": "ff00a5ff", "transit": "ffc0c0c0", "return": "ffc0c0c0", "zone": "ff0000ff"}  # aabbggrr
_ZONE_FILL = "400000ff"


def write_plan_kml(plan: Plan, path: Path | str) -> None:
    """Write the preview of a plan: a folder for each sortie, and one for the zones."""
    sorties = [_sortie_folder(sortie) for sortie in plan.sorties]
    zones = [_zone(zone) for zone in plan.zones]
    folders = [*sorties, _folder("zones", zones)] if zones else sorties
    title = f"sorties with {plan.drone.title}: {len(plan.sorties)}; heights are above the take-off points"
    write_whole(Path(path), _text("plan", title, folders))


def write_way_kml(plan: Plan, sortie: Sortie, path: Path | str) -> None:
    """Write the way of a sortie as a single line of waypoints."""
    route = remote_route(plan, sortie)
    line = _placemark(
        f"sortie {sortie.number}",
        "pass",
        _line(Waypoint(point.lat, point.lon, point.alt_m) for point in route),
    )
    write_whole(Path(path), _text(sortie.name, "heights are above the take-off point", [line]))


def _sortie_folder(sortie: Sortie) -> Element:
    home = element("Point", element("coordinates", _coordinate(sortie.home.lon, sortie.home.lat, 0.0)))
    launch = element("Placemark", element("name", f"launch of sortie {sortie.number}"), home)
    legs = [_placemark(leg.name, leg.role, _line(leg.waypoints)) for leg in sortie.legs()]
    return _folder(f"sortie {sortie.number}", [launch, *legs])


def _zone(zone: Zone) -> Element:
    top = f"to {zone.ceiling_m:g} m" if math.isfinite(zone.ceiling_m) else "without upper limit"
    kinds = f"{zone.kind}, from {zone.floor_m:g} m above ground {top}"
    polygons = [_polygon(part) for part in shapely.get_parts(zone.area)]
    return _placemark(zone.name or zone.id, "zone", element("MultiGeometry", *polygons), kinds)


def _polygon(area: shapely.Polygon) -> Element:
    holes = [_boundary("innerBoundaryIs", ring) for ring in area.interiors]
    return element("Polygon", _boundary("outerBoundaryIs", area.exterior), *holes)


def _boundary(tag: str, ring: shapely.LinearRing) -> Element:
    corners = " ".join(f"{lon:.9f},{lat:.9f}" for lon, lat in shapely.get_coordinates(ring))
    return element(tag, element("LinearRing", element("coordinates", corners)))


def _line(places: Iterable[Waypoint]) -> Element:
    coordinates = " ".join(_coordinate(place.lon, place.lat, place.alt_m) for place in places)
    return element(
        "LineString",
        element("altitudeMode", "relativeToGround"),
        element("coordinates", coordinates),
    )


def _coordinate(lon: float, lat: float, alt_m: float) -> str:
    return f"{lon:.9f},{lat:.9f},{alt_m:.3f}"


def _folder(name: str, content: Iterable[Element]) -> Element:
    return element("Folder", element("name", name), *content)


def _placemark(name: str, role: str, geometry: Element, description: str = "") -> Element:
    about = [element("description", description)] if description else []
    return element("Placemark", element("name", name), *about, element("styleUrl", f"#{role}"), geometry)


def _styles() -> Iterator[Element]:
    for role, colour in _COLOURS.items():
        line = element("LineStyle", element("color", colour), element("width", "3"))
        fill = [element("PolyStyle", element("color", _ZONE_FILL))] if role == "zone" else []
        style = element("Style", line, *fill)
        style.set("id", role)
        yield style


def _text(name: str, description: str, content: Iterable[Element]) -> str:
    head = [element("name", name), element("description", description), *_styles()]
    root = element("kml", element("Document", *head, *content))
    root.set("xmlns", "http://www.opengis.net/kml/2.2")
    return document_text(root)
