"""The link through dronekit, on real sockets."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import pytest

from flight.driving.dronekit_link import TextPieces, open_link
from vision.errors import PantauError


@pytest.mark.parametrize("url", ["", "tcp:127.0.0.1", "ftp:127.0.0.1:21", "tcp:host:x", "serial:"])
def test_a_url_that_is_none_is_explained(url):
    with pytest.raises(PantauError, match="serial:DEVICE"):
        open_link(url)


def test_silence_is_an_error_within_the_limit():
    with socket.create_server(("127.0.0.1", 0)) as server:
        start_s = time.monotonic()
        with pytest.raises(PantauError, match="No vehicle answered"):
            open_link(f"tcp:127.0.0.1:{server.getsockname()[1]}", limit_s=0.5)
        assert time.monotonic() - start_s < 3


def test_nobody_on_udp_is_an_error():
    with pytest.raises(PantauError, match="No vehicle answered"):
        open_link("udp:127.0.0.1:0", limit_s=0.2)


def test_a_serial_port_that_is_not_there_is_an_error():
    with pytest.raises(PantauError, match=r"check the address|pip install"):
        open_link("serial:/dev/no-such-port:57600", limit_s=0.2)


def test_messages_come_and_the_end_of_the_stream_is_noticed(simulated, capfd):
    with simulated() as vehicle:
        link = open_link(vehicle.url, limit_s=10)
        with link.listen("HEARTBEAT", "SYS_STATUS") as inbox:
            assert {inbox.next(5).get_type() for _ in range(40)} == {"HEARTBEAT", "SYS_STATUS"}
        assert link.open
        assert link.silence_s < 1
    until_s = time.monotonic() + 3
    while link.open and time.monotonic() < until_s:
        time.sleep(0.02)
    assert not link.open
    link.close()
    assert capfd.readouterr().out == ""


def test_an_inbox_gives_none_when_nothing_comes_in_time(simulated):
    with simulated() as vehicle:
        link = open_link(vehicle.url, limit_s=10)
        with link.listen("FENCE_STATUS") as inbox:
            assert inbox.next(0.05) is None
        link.close()


def test_only_this_module_imports_dronekit():
    code = "import flight.driving.flying, sys; assert 'dronekit' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_long_text_comes_whole():
    from pymavlink.dialects.v20 import ardupilotmega as mavlink

    def piece(text, chunk):
        return mavlink.MAVLink_statustext_message(2, text.encode(), 7, chunk)

    pieces = TextPieces()
    assert pieces.joined(piece("a" * 50, 0)) is None
    assert pieces.joined(piece("b" * 50, 1)) is None
    assert pieces.joined(piece("and the end", 2)).text == "a" * 50 + "b" * 50 + "and the end"
    assert pieces.joined(mavlink.MAVLink_statustext_message(2, b"short", 0, 0)).text == "short"
