"""Finding the passes of a mission in its items: where the camera is on, and along which line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from flight.missions.mission import Mission, MissionItem
from flight.missions.mission_meaning import (
    CHANGE_SPEED,
    GIMBAL_PITCH_YAW,
    LAND,
    LOOKED_AT,
    MOUNT_CONTROL,
    RTL,
    SET_ROI,
    SET_ROI_NONE,
    TAKEOFF,
    TRIGGER_DISTANCE,
    WITH_PLACE,
)
from flight.resuming.photo_line import Place

CONDITION_YAW, DIGICAM_CONTROL, START_CAPTURE, STOP_CAPTURE = 115, 203, 2000, 2001  # MAV_CMD
SHOOT = 1.0  # param5 of DO_DIGICAM_CONTROL, where other items have their latitude
RELATIVE_FRAMES = (3, 6)  # heights above the take-off point


@dataclass(frozen=True)
class CameraRun:
    """A pass of a mission: a stretch that is flown with the camera on.

    `number` counts from 1. `first_item` to `last_item` are indices of `mission.items`: from the waypoint
    where it begins (or, where that belongs to the pass before, from its first own item) to camera off, and
    looking away from what it `looks_at`. `start_item` is the index of the waypoint where it begins in
    any case, None for the launch point.

    `line` is flown with the camera on, the start included; `yaws_deg` says for each of its legs where the
    vehicle is told to look (None: along the leg, NaN: not known). `spacing_m` is the distance between
    photos, the first `at_once` or not before one spacing; None where photos are single `shots`.
    """

    number: int
    first_item: int
    last_item: int
    start_item: int | None
    line: tuple[Place, ...]
    yaws_deg: tuple[float | None, ...]
    spacing_m: float | None = None
    at_once: bool = True
    shots: tuple[Place, ...] = ()
    looks_at: Place | None = None


def camera_runs(mission: Mission) -> tuple[CameraRun, ...]:
    """The passes of a mission, in order.

    Photos by distance (DO_SET_CAM_TRIGG_DIST), or by time (IMAGE_START_CAPTURE with an interval, at the
    speed that is commanded there), make one pass from on to off, another distance, or the return.
    Single shots (IMAGE_START_CAPTURE, DO_DIGICAM_CONTROL) at consecutive waypoints make one pass, until
    speed or direction of view change. Spline waypoints are taken as if straight legs led to them.
    """
    reader = _Reader(mission)
    for index, item in enumerate(mission.items):
        reader.read(index, item)
    reader.close(len(mission.items) - 1)
    return tuple(reader.runs)


def is_camera_item(item: MissionItem) -> bool:
    """Whether an item makes the camera take photos, or no more photos."""
    if item.command == DIGICAM_CONTROL:
        return item.lat == SHOOT
    return item.command in (TRIGGER_DISTANCE, START_CAPTURE, STOP_CAPTURE)


@dataclass
class _Draft:
    """A pass as far as it has been read; `waiting` are the legs since the last single shot."""

    first_item: int
    last_item: int
    start_item: int | None
    line: list[Place]
    looks_at: Place | None
    spacing_m: float | None
    at_once: bool
    yaws_deg: list[float | None] = field(default_factory=list)
    shots: list[Place] = field(default_factory=list)
    waiting: list[tuple[Place, float | None]] = field(default_factory=list)

    def fly_to(self, place: Place, yaw_deg: float | None) -> None:
        self.waiting.append((place, yaw_deg))
        if self.spacing_m is not None:
            self.take_legs()

    def take_legs(self) -> None:
        """The legs that were waiting are part of the pass."""
        self.line += [place for place, _ in self.waiting]
        self.yaws_deg += [yaw_deg for _, yaw_deg in self.waiting]
        self.waiting.clear()


class _Reader:
    """Goes through a mission's items; `runs` are the passes that are over."""

    def __init__(self, mission: Mission) -> None:
        self.runs: list[CameraRun] = []
        self._items = mission.items
        self._here = Place(mission.home.lat, mission.home.lon, 0.0)
        self._waypoint: int | None = None
        self._speed_ms = mission.cruise_speed_ms
        self._looks_at: Place | None = None
        self._yaw_deg: float | None = None
        self._draft: _Draft | None = None

    def read(self, index: int, item: MissionItem) -> None:
        command = item.command
        if command in (RTL, LAND):
            self.close(index - 1)
        elif command == TAKEOFF:
            self._take_off(item)
        elif command in LOOKED_AT or command == SET_ROI_NONE:
            self._end_of_shots()
            looks = command != SET_ROI_NONE and (item.lat, item.lon) != (0, 0)
            self._looks_at = _place(item) if looks else None
        elif command in WITH_PLACE and (item.lat, item.lon) != (0, 0):
            self._fly_to(index, item)
        elif command == CHANGE_SPEED:
            self._end_of_shots()
            self._speed_ms = item.params[1] if item.params[1] > 0 else self._speed_ms
        elif command == CONDITION_YAW:
            self._yaw_deg = math.nan if item.params[3] else item.params[0]
        elif is_camera_item(item):
            self._use_camera(index, item)

    def close(self, last_item: int) -> None:
        """The pass that is being read, if there is one, ends with this item; single shots with the last."""
        draft, self._draft = self._draft, None
        if draft is None:
            return
        if draft.spacing_m is None:
            last_item = draft.last_item
        self.runs.append(
            CameraRun(
                number=len(self.runs) + 1,
                first_item=draft.first_item,
                last_item=self._with_looking_away(last_item) if draft.looks_at else last_item,
                start_item=draft.start_item,
                line=tuple(draft.line),
                yaws_deg=tuple(draft.yaws_deg),
                spacing_m=draft.spacing_m,
                at_once=draft.at_once,
                shots=tuple(draft.shots),
                looks_at=draft.looks_at,
            )
        )

    def _take_off(self, item: MissionItem) -> None:
        self._here = Place(self._here.lat, self._here.lon, _place(item).alt_m)
        if self._draft is not None and self._draft.start_item is None and len(self._draft.line) == 1:
            self._draft.line = [self._here]

    def _fly_to(self, index: int, item: MissionItem) -> None:
        self._here, self._waypoint = _place(item), index
        if self._draft is not None:
            self._draft.fly_to(self._here, self._yaw_deg)
        self._yaw_deg = None  # a condition holds for one leg

    def _use_camera(self, index: int, item: MissionItem) -> None:
        spacing_m = _spacing_m(item, self._speed_ms)
        if spacing_m is None:
            self._shoot(index)
        elif spacing_m > 0:
            self.close(index - 1)
            at_once = item.command != TRIGGER_DISTANCE or item.params[2] == 1
            self._open(index, spacing_m, at_once)
        else:
            self.close(index)

    def _shoot(self, index: int) -> None:
        if self._draft is not None and self._draft.spacing_m is not None:
            return  # one photo more of a pass that is photographed anyway
        if self._draft is not None and len(self._draft.waiting) > 1:
            self._end_of_shots()
        draft = self._draft or self._open(index, None, True)
        draft.take_legs()
        draft.shots.append(self._here)
        draft.last_item = index

    def _open(self, index: int, spacing_m: float | None, at_once: bool) -> _Draft:
        before = self.runs[-1].last_item if self.runs else -1
        own_start = self._waypoint is not None and self._waypoint > before
        first_item = self._waypoint if own_start and self._waypoint is not None else index
        self._draft = _Draft(
            first_item, index, self._waypoint, [self._here], self._looks_at, spacing_m, at_once
        )
        return self._draft

    def _end_of_shots(self) -> None:
        if self._draft is not None and self._draft.spacing_m is None:
            self.close(self._draft.last_item)

    def _with_looking_away(self, last_item: int) -> int:
        ends = (SET_ROI_NONE, MOUNT_CONTROL, GIMBAL_PITCH_YAW)
        while last_item + 1 < len(self._items) and (
            self._items[last_item + 1].command in ends or _looks_nowhere(self._items[last_item + 1])
        ):
            last_item += 1
        return last_item


def _place(item: MissionItem) -> Place:
    return Place(item.lat, item.lon, item.alt_m if item.frame in RELATIVE_FRAMES else None)


def _looks_nowhere(item: MissionItem) -> bool:
    return item.command == SET_ROI and (item.lat, item.lon) == (0, 0)


def _spacing_m(item: MissionItem, speed_ms: float) -> float | None:
    """What a camera item sets the distance between photos to, 0 for off; None is a single photo."""
    if item.command == TRIGGER_DISTANCE:
        return max(0.0, item.params[0])
    if item.command == STOP_CAPTURE:
        return 0.0
    interval_s, count = item.params[1], item.params[2]
    if item.command == START_CAPTURE and interval_s > 0 and count == 0:
        return interval_s * speed_ms
    return None
