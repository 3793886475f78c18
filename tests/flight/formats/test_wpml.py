"""WPML files read back by a reader written from DJI's documentation, which reads another program's too."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.formats.wpml import wpml_documents, write_wpml_file
from flight.planning.plan import Plan, Sortie
from vision.errors import PantauError

GOLDEN = Path(__file__).parents[1] / "golden"
WHEN = datetime(2026, 1, 2, tzinfo=UTC)
NAMES = {"kml": "http://www.opengis.net/kml/2.2", "wpml": "http://www.dji.com/wpmz/1.0.2"}


@dataclass
class Group:
    """An action group: first and last waypoint, trigger with its parameter, functions with parameters."""

    span: tuple[int, int]
    trigger: tuple[str, float | None]
    actions: list[tuple[str, dict[str, str]]]


@dataclass
class Waylines:
    """What a drone executes: settings of the mission, places, and what happens there."""

    mission: dict[str, str]
    height_mode: str
    places: list[tuple[float, float, float]] = field(default_factory=list)
    speeds_ms: list[float] = field(default_factory=list)
    turns: list[str | None] = field(default_factory=list)
    headings: list[tuple[str, str | None]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


def read_waylines(text: str) -> Waylines:
    """Read waylines.wpml by DJI's documentation of its elements."""
    document = ElementTree.fromstring(text).find("kml:Document", NAMES)
    assert document is not None
    config = document.find("wpml:missionConfig", NAMES)
    folder = document.find("kml:Folder", NAMES)
    assert config is not None and folder is not None
    mission = {element.tag.split("}")[1]: (element.text or "").strip() for element in config.iter()}
    read = Waylines(mission, _text(folder, "wpml:executeHeightMode"))
    for index, mark in enumerate(folder.findall("kml:Placemark", NAMES)):
        assert int(_text(mark, "wpml:index")) == index
        lon, lat = (float(part) for part in _text(mark, "kml:Point/kml:coordinates").split(",")[:2])
        read.places.append((lat, lon, float(_text(mark, "wpml:executeHeight"))))
        read.speeds_ms.append(float(_text(mark, "wpml:waypointSpeed")))
        read.turns.append(mark.findtext("wpml:waypointTurnParam/wpml:waypointTurnMode", None, NAMES))
        heading = "wpml:waypointHeadingParam/wpml:waypoint"
        mode = _text(mark, f"{heading}HeadingMode")
        read.headings.append((mode, mark.findtext(f"{heading}PoiPoint", None, NAMES)))
        read.groups += [_group(group) for group in mark.findall("wpml:actionGroup", NAMES)]
    return read


def _group(group: ElementTree.Element) -> Group:
    assert _text(group, "wpml:actionGroupMode") == "sequence"
    parameter = group.findtext("wpml:actionTrigger/wpml:actionTriggerParam", None, NAMES)
    return Group(
        (int(_text(group, "wpml:actionGroupStartIndex")), int(_text(group, "wpml:actionGroupEndIndex"))),
        (
            _text(group, "wpml:actionTrigger/wpml:actionTriggerType"),
            None if parameter is None else float(parameter),
        ),
        [
            (
                _text(action, "wpml:actionActuatorFunc"),
                {
                    part.tag.split("}")[1]: part.text or ""
                    for part in action.findall("wpml:actionActuatorFuncParam/*", NAMES)
                },
            )
            for action in group.findall("wpml:action", NAMES)
        ],
    )


def _text(element: ElementTree.Element, path: str) -> str:
    text = element.findtext(path, None, NAMES)
    assert text is not None, path
    return text.strip()


@pytest.mark.real_data
def test_the_reader_reads_another_programs_file(shared: Path) -> None:
    text = (shared / "data" / "missions" / "waygen_waylines.wpml").read_text(encoding="utf-8")
    read = read_waylines(text)
    assert (read.mission["finishAction"], read.mission["droneEnumValue"]) == ("goHome", "68")
    assert read.height_mode == "relativeToStartPoint"
    assert len(read.places) == 12 and {place[2] for place in read.places} == {50.0}
    assert read.groups[0].actions[0][1]["gimbalPitchRotateAngle"] == "-90"
    assert [group.actions[-1][0] for group in read.groups] == ["takePhoto"] * 12


@pytest.mark.real_data
def test_our_file_has_every_element_of_another_programs(
    shared: Path, plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    """Besides smoothTransition's angle, which a heading along the way does not have."""
    plan = plan_with("dji-mini-4-pro-waypoint-photos", [little_sortie])
    ours = wpml_documents(plan, little_sortie, WHEN)
    for name, theirs in (
        ("wpmz/template.kml", "waygen_template.kml"),
        ("wpmz/waylines.wpml", "waygen_waylines.wpml"),
    ):
        text = (shared / "data" / "missions" / theirs).read_text(encoding="utf-8")
        paths = [
            {element.tag for element in ElementTree.fromstring(part).iter()} for part in (text, ours[name])
        ]
        assert paths[0] <= paths[1]


@settings(max_examples=30)
@given(data=st.data())
def test_places_and_heights_agree_within_1_cm(
    data: st.DataObject,
    plan_with: Callable[..., Plan],
    sorties: st.SearchStrategy[Sortie],
    flown_places: Callable[[Sortie], Any],
    off_by_m: Callable[..., float],
) -> None:
    sortie = data.draw(sorties)
    documents = wpml_documents(plan_with("dji-mavic-3e", [sortie]), sortie, WHEN)
    read = read_waylines(documents["wpmz/waylines.wpml"])
    assert off_by_m(read.places, flown_places(sortie)) < 0.01
    assert read.height_mode == "relativeToStartPoint"


def test_the_archive_holds_the_two_files_as_agreed(
    tmp_path: Path, plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    plan = plan_with("dji-mavic-3e", [little_sortie])
    write_wpml_file(plan, little_sortie, tmp_path / "a.kmz", WHEN)
    with zipfile.ZipFile(io.BytesIO((tmp_path / "a.kmz").read_bytes())) as archive:
        texts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    assert list(texts) == ["wpmz/template.kml", "wpmz/waylines.wpml"]
    for name, text in texts.items():
        assert text == (GOLDEN / f"little-{Path(name).name}").read_text(encoding="utf-8")


def test_mission_goes_home_at_the_return_height(
    plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    plan = plan_with("dji-m350-p1", [little_sortie])
    mission = read_waylines(wpml_documents(plan, little_sortie, WHEN)["wpmz/waylines.wpml"]).mission
    assert (mission["finishAction"], mission["executeRCLostAction"]) == ("goHome", "goBack")
    assert float(mission["globalRTHHeight"]) == 45.0 and float(mission["takeOffSecurityHeight"]) == 20.0
    numbers = [
        mission[f"{name}Value"] for name in ("droneEnum", "droneSubEnum", "payloadEnum", "payloadSubEnum")
    ]
    assert numbers == ["89", "0", "50", "1"]


def test_photos_by_distance_from_the_start_to_the_end_of_each_pass(
    plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    plan = plan_with("dji-mavic-3e", [little_sortie])
    read = read_waylines(wpml_documents(plan, little_sortie, WHEN)["wpmz/waylines.wpml"])
    by_distance = [group for group in read.groups if group.trigger[0] == "multipleDistance"]
    assert [(group.span, group.trigger[1]) for group in by_distance] == [((2, 4), 8.0), ((5, 6), 8.0)]
    assert all(group.actions[0][0] == "takePhoto" for group in by_distance)
    assert read.speeds_ms[2:4] == [4.0, 4.0] and read.speeds_ms[0] == 4.0
    assert read.turns[3] == "toPointAndPassWithContinuityCurvature"
    assert {read.turns[index] for index in (0, 2, 4)} == {"toPointAndStopWithDiscontinuityCurvature"}


def test_the_camera_looks_down_first_then_at_the_face_and_down_again(
    plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    plan = plan_with("dji-mavic-3e", [little_sortie])
    read = read_waylines(wpml_documents(plan, little_sortie, WHEN)["wpmz/waylines.wpml"])
    tilts = [
        (group.span[0], float(parameters["gimbalPitchRotateAngle"]))
        for group in read.groups
        for function, parameters in group.actions
        if function == "gimbalRotate"
    ]
    assert tilts[0] == (0, -90.0)
    assert tilts[1][0] == 5 and -20 < tilts[1][1] < -5
    assert tilts[-1] == (7, -90.0)
    before = next(group for group in read.groups if group.span == (5, 5))
    assert [name for name, _ in before.actions] == ["gimbalRotate", "rotateYaw", "takePhoto"]
    assert before.actions[1][1] == {"aircraftHeading": "-8.531", "aircraftPathMode": "counterClockwise"}
    target = little_sortie.passes[1].look_at
    assert target is not None
    assert [mode for mode, _ in read.headings] == ["followWayline"] * 5 + ["towardPOI"] * 2 + [
        "followWayline"
    ]
    lat, lon, _ = (float(part) for part in (read.headings[5][1] or "").split(","))
    assert (lat, lon) == pytest.approx((target.lat, target.lon), abs=1e-8)


def test_a_drone_by_action_takes_a_photo_at_each_of_its_waypoints(
    plan_with: Callable[..., Plan], little_sortie: Sortie, off_by_m: Callable[..., float]
) -> None:
    plan = plan_with("dji-mini-4-pro-waypoint-photos", [little_sortie])
    read = read_waylines(wpml_documents(plan, little_sortie, WHEN)["wpmz/waylines.wpml"])
    at = [group.span[0] for group in read.groups if any(name == "takePhoto" for name, _ in group.actions)]
    photos = [(p.lat, p.lon, p.alt_m) for flown in little_sortie.passes for p in flown.photos]
    assert off_by_m([read.places[index] for index in at], photos) < 0.01
    assert {group.trigger[0] for group in read.groups} == {"reachPoint"}


def test_a_drone_with_a_timer_takes_no_photos_by_itself(
    plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    plan = plan_with("dji-mini-4-pro", [little_sortie])
    read = read_waylines(wpml_documents(plan, little_sortie, WHEN)["wpmz/waylines.wpml"])
    assert {name for group in read.groups for name, _ in group.actions} == {"gimbalRotate", "rotateYaw"}
    assert "payloadEnumValue" not in read.mission


def test_group_ids_count_on_and_passes_may_join(
    plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    """A second pass that begins where the first ends shares its waypoint."""
    first = little_sortie.passes[0]
    back = replace(first, waypoints=first.waypoints[::-1], photos=first.photos[::-1])
    here, home = first.waypoints[-1], little_sortie.transits[0]
    joined = replace(little_sortie, passes=(first, back), transits=(home, (here, here), home[::-1]))
    text = wpml_documents(plan_with("dji-mavic-3e", [joined]), joined, WHEN)["wpmz/waylines.wpml"]
    read = read_waylines(text)
    spans = [group.span for group in read.groups if group.trigger[0] == "multipleDistance"]
    assert spans == [(2, 4), (4, 6)]
    ids = [
        int(element.text or "")
        for element in ElementTree.fromstring(text).iter(f"{{{NAMES['wpml']}}}actionGroupId")
    ]
    assert ids == list(range(len(ids)))


def test_a_drone_without_numbers_is_refused(plan_with: Callable[..., Plan], little_sortie: Sortie) -> None:
    with pytest.raises(PantauError, match="simulated-quad has no WPML numbers"):
        wpml_documents(plan_with("simulated-quad", [little_sortie]), little_sortie, WHEN)
