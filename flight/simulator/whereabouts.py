"""Where the simulated copter is: truly, as it believes, and how air and motors move it."""

from __future__ import annotations

from flight.simulator.estimator import Estimator
from flight.simulator.gnss import PositionError
from flight.simulator.kinematics import Body, Point, Wish
from flight.simulator.wind import Wind
from vision.frames import LocalFrame

Place = tuple[float, float, float]  # latitude, longitude, metres above the ground it started from


class Whereabouts:
    """A body in the air of a place.

    The path that is steered is the one the autopilot believes in; the true position is that less the
    positioning error. Without a position estimate the body drifts, and the last place known is believed.
    """

    def __init__(
        self,
        frame: LocalFrame,
        body: Body,
        wind: Wind,
        senses: Estimator,
        gnss_sigma_m: float,
        seed: int,
    ) -> None:
        self.frame, self.body, self.wind = frame, body, wind
        self._senses, self._sigma_m, self._seed = senses, gnss_sigma_m, seed
        self._known = body.point
        self._start_error()

    @property
    def known(self) -> Point:
        """Where the autopilot believes to be; the height, by the barometer, is always known."""
        return Point(self._known.east_m, self._known.north_m, self.body.up_m)

    @property
    def airspeed_ms(self) -> float:
        """Horizontal speed through the air."""
        return self.body.airspeed_ms(self.wind.velocity_ms)

    def measured(self) -> Place:
        """The place that the autopilot believes in."""
        return self._place(self.known)

    def true(self) -> Place:
        """The place where it truly is."""
        off = self._error.at(max(0.0, self._senses.boot_s - self._error_from_s))
        body = self.body
        return self._place(Point(body.east_m - off[0], body.north_m - off[1], body.up_m - off[2]))

    def lift_off(self) -> None:
        """From here on everything is the same for the same mission and seed, errors and gusts included."""
        self._start_error()
        self.wind.start()

    def move(self, wish: Wish, dt_s: float) -> None:
        """Fly for a time step."""
        self.wind.blow(dt_s)
        if self._senses.position:
            self.body.move(wish, dt_s, self.wind.velocity_ms)
            self.body.push(self.wind.sway_m)
        else:
            self.body.drift(wish.v_up_ms, dt_s, self.wind.velocity_ms)

    def look(self) -> None:
        """Take note of where it is, if it knows."""
        if self._senses.position:
            self._known = self.body.point

    def _start_error(self) -> None:
        self._error = PositionError(self._sigma_m, self._seed)
        self._error_from_s = self._senses.boot_s

    def _place(self, point: Point) -> Place:
        lat, lon = self.frame.to_lat_lon([[point.east_m, point.north_m]])[0]
        return float(lat), float(lon), point.up_m
