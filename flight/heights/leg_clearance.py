"""The last look at a finished plan: does every leg keep clear of ground and obstacles?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flight.heights.clearance import clearance_along
from flight.missions.sortie_way import in_metres
from flight.planning.plan import Sortie
from flight.surroundings import Surroundings
from vision.errors import PantauError

_ROUNDING_M = 0.05  # of heights, and of places in degrees


def refuse_close_legs(sorties: Sequence[Sortie], surroundings: Surroundings, clearance_m: float) -> None:
    """Raise PantauError, naming leg and place, when a leg comes nearer than the clearance to anything known.

    Heights were chosen so that none does; this samples the legs anew, independently of that.
    """
    if not (surroundings.ground.is_known or surroundings.obstacles.is_known or surroundings.obstacles.sites):
        return
    for sortie in sorties:
        home_m = surroundings.frame.to_metres(sortie.home.lat, sortie.home.lon)
        datum_m = float(surroundings.ground.elevation_m(home_m)[0])
        for leg in sortie.legs():
            way = in_metres(surroundings.frame, leg.waypoints) + np.array([0.0, 0.0, datum_m])
            least_m, where = clearance_along(way, surroundings, clearance_m)
            if not least_m >= clearance_m - _ROUNDING_M:
                lat, lon = surroundings.frame.to_lat_lon(where[:2])[0]
                raise PantauError(
                    f"{leg.name} comes within {least_m:.1f} m of ground or an obstacle at "
                    f"{lat:.5f},{lon:.5f}; fly higher (--height, --transit-height) or cut the site there."
                )
