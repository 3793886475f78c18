import pytest

from pipeline.metadata.jpeg import Jpeg, Segment, read_structure
from pipeline.metadata.xmp import as_number, find_packets, number, numbers, parse_packet, read_xmp


def jpeg_with(*payloads: bytes) -> Jpeg:
    return Jpeg(10, 10, tuple(Segment(0xE1, payload) for payload in payloads), 0, True)


def test_a_photo_without_xmp_has_no_properties() -> None:
    assert read_xmp(b"", jpeg_with()) == {}
    assert parse_packet(b"") == {}


def test_attributes() -> None:
    packet = b"<x:xmpmeta><rdf:RDF><rdf:Description drone-dji:RelativeAltitude=\"+40.10\" a:b='c'/></rdf:RDF>"
    assert parse_packet(packet) == {"drone-dji:relativealtitude": "+40.10", "a:b": "c"}


def test_elements() -> None:
    packet = (
        b"<rdf:Description><sensefly:Heading>59.15</sensefly:Heading><senseFly:Height>69</senseFly:Height>"
    )
    assert parse_packet(packet) == {"sensefly:heading": "59.15", "sensefly:height": "69"}


def test_nested_as_attributes_and_as_resource() -> None:
    key = "drone-skydio:cameraorientationned/drone-skydio:yaw"
    flat = b'<drone-skydio:CameraOrientationNED drone-skydio:Pitch="-7" drone-skydio:Yaw="127"/>'
    deep = (
        b'<drone-skydio:CameraOrientationNED rdf:parseType="Resource">'
        b"<drone-skydio:Yaw>127</drone-skydio:Yaw></drone-skydio:CameraOrientationNED>"
    )
    assert parse_packet(flat)[key] == parse_packet(deep)[key] == "127"


def test_frames_of_reference_are_kept_apart() -> None:
    packet = b'<s:FLU s:Yaw="1"/><s:NED s:Yaw="2"/>'
    assert parse_packet(packet)["s:ned/s:yaw"] == "2"


def test_lists_are_joined() -> None:
    packet = b"<DJI:Bands><rdf:Seq><rdf:li>LWIR</rdf:li><rdf:li>RGB</rdf:li></rdf:Seq></DJI:Bands>"
    assert parse_packet(packet)["dji:bands"] == "LWIR,RGB"


def test_prefixes_follow_their_namespaces() -> None:
    packet = b'<rdf:Description xmlns:d="http://www.dji.com/drone-dji/1.0/" d:GimbalYawDegree="3"/>'
    assert parse_packet(packet)["drone-dji:gimbalyawdegree"] == "3"


def test_a_prefix_declared_twice_is_no_error() -> None:
    packet = (
        b'<rdf:Description xmlns:DJI="http://www.dji.com" xmlns:DJI="http://www.dji.com" DJI:RtkFlag="0">'
    )
    assert parse_packet(packet)["dji:rtkflag"] == "0"


def test_broken_tags_are_salvaged() -> None:
    packet = b'<x:xmpmeta><rdf:Description drone:RelativeAltitude="+12.5" <broken></x:xmpmeta>'
    assert parse_packet(packet)["drone:relativealtitude"] == "+12.5"


def test_entities_and_utf_16() -> None:
    assert parse_packet(b'<a:b c:d="x &amp; y"/>')["a:b/c:d"] == "x & y"
    assert parse_packet('<a:b c:d="7"/>'.encode("utf-16-le"))["a:b/c:d"] == "7"


def test_extended_packets_are_put_together_in_order() -> None:
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"G" * 32 + (26).to_bytes(4, "big")
    second = head + (13).to_bytes(4, "big") + b' c:d="seven"/'
    first = head + (0).to_bytes(4, "big") + b"<rdf:Descript"
    assert find_packets(b"", jpeg_with(second, first)) == [b'<rdf:Descript c:d="seven"/']


def test_a_packet_in_an_unusual_place_is_found() -> None:
    data = b"....<x:xmpmeta><rdf:Description drone:X='1'/></x:xmpmeta>...."
    assert read_xmp(data, jpeg_with())["drone:x"] == "1"


def test_numbers() -> None:
    assert [as_number(text) for text in ("+40.10", "-1e2", "359986359/1000000")] == [40.1, -100.0, 359.986359]
    assert [as_number(text) for text in ("", "north", "1/0", "nan", "inf", "1e999")] == [None] * 6
    assert number({"a": "x", "b": "2"}, "a", "b") == 2
    assert numbers({"a": "1, 2;3"}, "a") == [1, 2, 3]
    assert numbers({"a": "1,x"}, "a") == numbers({}, "a") == []


@pytest.mark.parametrize(
    "piece", [b"<", b'<a="', b"a", b'a:b="', b"<a:b c:d='x' ", b"<rdf:li>", b"<a:b c:d='x'>", b"xmlns:a='"]
)
@pytest.mark.timeout(20)
def test_nonsense_takes_no_longer_than_sense(piece) -> None:
    parse_packet(piece * (200_000 // len(piece)))


def test_no_picture_has_no_structure() -> None:
    assert read_structure(b"") is None
    assert read_structure(b"hello") is None
    assert read_structure(b"\xff\xd8\xff\xe1\xff\xff") is None
