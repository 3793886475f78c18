from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.formats.qgroundcontrol import plan_document, read_plan_file, write_plan_file
from flight.missions.mission import Home, Mission, MissionItem
from vision.errors import PantauError

GOLDEN = Path(__file__).parent / "golden" / "two-waypoints.plan"
MISSION = Mission(
    home=Home(-6.8741, 107.5372, 734.0),
    items=(
        MissionItem(22, 3, (0.0, 0.0, 0.0, 0.0), 0.0, 0.0, 20.0),
        MissionItem(205, 2, (-90.0, 0.0, 0.0, 0.0), 0.0, 0.0, 2.0),
        MissionItem(16, 3, (0.0, 0.0, 0.0, 0.0), -6.874012345, 107.537212345, 20.0),
        MissionItem(206, 2, (4.32, 0.0, 1.0, 0.0), 0.0, 0.0, 0.0),
        MissionItem(16, 3, (0.0, 0.0, 0.0, 0.0), -6.875, 107.538, 20.0),
        MissionItem(206, 2, (0.0, 0.0, 0.0, 0.0), 0.0, 0.0, 0.0),
        MissionItem(20, 2, (0.0, 0.0, 0.0, 0.0), 0.0, 0.0, 0.0),
    ),
    fence=((-6.873, 107.536), (-6.873, 107.539), (-6.876, 107.539), (-6.876, 107.536)),
    cruise_speed_ms=4.0,
)


def saved(path: Path, **changes: Any) -> Path:
    document = plan_document(MISSION)
    document["mission"] |= changes.pop("mission", {})
    path.write_text(json.dumps(document | changes), encoding="utf-8")
    return path


def test_file_is_as_agreed(tmp_path: Path) -> None:
    write_plan_file(MISSION, tmp_path / "a.plan")
    assert (tmp_path / "a.plan").read_text(encoding="utf-8") == GOLDEN.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["a.plan"]


def test_file_has_all_keys_that_qgroundcontrol_validates() -> None:
    """The keys that QGroundControl's loaders require, with their JSON types."""
    document = plan_document(MISSION)
    assert document.keys() >= {"fileType", "version", "groundStation", "mission", "geoFence", "rallyPoints"}
    required = {
        "version": int,
        "firmwareType": int,
        "vehicleType": int,
        "items": list,
        "plannedHomePosition": list,
    }
    assert all(isinstance(document["mission"][key], kind) for key, kind in required.items())
    altitude_keys = {"AMSLAltAboveTerrain", "Altitude", "AltitudeMode"}
    for item in document["mission"]["items"]:
        assert item["type"] == "SimpleItem" and item["autoContinue"] is True and len(item["params"]) == 7
        assert len(altitude_keys & item.keys()) == (3 if item["command"] in (16, 22) else 0)
    assert [item["doJumpId"] for item in document["mission"]["items"]] == list(range(1, 8))


numbers = st.floats(-1e4, 1e4)
items = st.builds(
    MissionItem,
    command=st.sampled_from([16, 20, 22, 178, 205, 206]),
    frame=st.sampled_from([2, 3]),
    params=st.tuples(numbers, numbers, numbers, numbers),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    alt_m=numbers,
)


@given(items=st.lists(items, min_size=1, max_size=8).map(tuple))
def test_written_missions_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, items: tuple[MissionItem, ...]
) -> None:
    mission = Mission(MISSION.home, items, MISSION.fence, 7.5)
    file = tmp_path_factory.mktemp("plan") / "a.plan"
    write_plan_file(mission, file)
    assert read_plan_file(file) == mission


def test_nulls_of_qgroundcontrol_become_zero(tmp_path: Path) -> None:
    item = {
        "type": "SimpleItem",
        "AMSLAltAboveTerrain": None,
        "Altitude": 50,
        "AltitudeMode": 1,
        "autoContinue": True,
        "command": 22,
        "doJumpId": 1,
        "frame": 3,
        "params": [15, 0, 0, None, 47.39, 8.54, 50],
    }
    file = saved(tmp_path / "a.plan", mission={"items": [item]}, geoFence={"version": 2})
    mission = read_plan_file(file)
    assert mission.items == (MissionItem(22, 3, (15.0, 0.0, 0.0, 0.0), 47.39, 8.54, 50.0),)
    assert mission.fence == ()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"mission": {"items": [{"type": "ComplexItem", "complexItemType": "survey"}]}},
            r"\(survey\).*upload it",
        ),
        ({"mission": {"items": []}}, "no mission items"),
        ({"mission": {"items": [{"type": "SimpleItem", "command": 16, "frame": 3, "params": [0]}]}}, "not 7"),
        ({"mission": {"plannedHomePosition": None}}, "not a complete plan"),
        ({"fileType": "GeoFence"}, "fileType"),
    ],
)
def test_unusable_plans_are_refused(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    file = saved(tmp_path / "bad.plan", **changes)
    with pytest.raises(PantauError, match=problem) as error:
        read_plan_file(file)
    assert str(file) in str(error.value)


def test_missing_file_and_other_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.plan").write_text("QGC WPL 110\n", encoding="utf-8")
    with pytest.raises(PantauError, match="no JSON"):
        read_plan_file(tmp_path / "a.plan")
    with pytest.raises(PantauError, match="no such plan file"):
        read_plan_file(tmp_path / "b.plan")
