"""Where the places of items and commands are, in metres from where the vehicle was switched on, and back."""

from __future__ import annotations

from flight.simulator import stored_items as kept
from flight.simulator.kinematics import Body, Point
from flight.simulator.stored_items import StoredItem
from vision.frames import LocalFrame

ABSOLUTE = 0  # MAV_FRAME_GLOBAL: heights above mean sea level


class Places:
    """Around a place in degrees that lies `alt_msl_m` above mean sea level."""

    def __init__(self, lat: float, lon: float, alt_msl_m: float) -> None:
        self.frame = LocalFrame(lat, lon)
        self._lat, self._lon, self._alt_msl_m = lat, lon, alt_msl_m

    def of_item(self, item: StoredItem, body: Body) -> Point:
        """The place of an item; where it has none, above where the vehicle is."""
        if item.x == 0 and item.y == 0:
            return Point(body.east_m, body.north_m, item.z)
        east, north = self.frame.to_metres(item.lat, item.lon)[0]
        up = item.z - self._alt_msl_m if item.frame == ABSOLUTE else item.z
        return Point(float(east), float(north), up)

    def of_command(self, p: tuple[float, ...]) -> Point | None:
        """The place of a command (degrees and metres above home in param5 to param7); None for zeros."""
        if p[4] == p[5] == 0:
            return None
        east, north = self.frame.to_metres(p[4], p[5])[0]
        return Point(float(east), float(north), p[6])

    def home_item(self, home: Point) -> StoredItem:
        """Item 0 of the mission: home."""
        lat, lon = self._lat, self._lon
        if (home.east_m, home.north_m) != (0.0, 0.0):
            lat, lon = self.frame.to_lat_lon([[home.east_m, home.north_m]])[0]
        x, y = round(lat * 1e7), round(lon * 1e7)
        return StoredItem(kept.WAYPOINT, ABSOLUTE, (0.0, 0.0, 0.0, 0.0), x, y, self._alt_msl_m)
