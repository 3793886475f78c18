"""A link that does not come back, with the vehicle's process really gone."""

from __future__ import annotations

import signal

from flight.driving import link_loss
from flight.driving.interruption import Interrupts
from flight.driving.vehicle import connected


def test_a_link_that_stays_away_is_given_up_when_the_flight_must_be_over(simulated, monkeypatch):
    monkeypatch.setattr(link_loss, "GIVE_UP_AFTER_S", 1.0)
    monkeypatch.setattr(link_loss, "RECONNECT_LIMIT_S", 0.5)
    said = []
    with (
        simulated() as process,
        connected(process.url, 10) as vehicle,
        vehicle.link.listen("HEARTBEAT") as inbox,
    ):
        process.process.kill()
        process.process.wait()
        while inbox.next(0.5) is not None:
            pass
        assert link_loss.wait_for_link(vehicle.link, inbox, 0.0, said.append, Interrupts()) is None
    assert "No word from the vehicle" in said[0]


def test_ctrl_c_leaves_a_lost_link(simulated):
    with simulated() as process, connected(process.url, 10) as vehicle, Interrupts() as interrupts:
        process.process.kill()
        process.process.wait()
        with vehicle.link.listen("CAMERA_FEEDBACK") as inbox:
            signal.raise_signal(signal.SIGINT)
            assert link_loss.wait_for_link(vehicle.link, inbox, 600.0, print, interrupts) is None
