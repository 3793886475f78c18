"""XMP packets of a photo, read leniently.

Drones write XMP as attributes or as elements, nested or flat, declare a prefix twice, forget a
bracket, or put the packet into an unusual segment. An XML parser refuses much of that; this reader
takes what it understands. Keys are lower case, `prefix:name`, nested ones joined by a slash
(`drone-skydio:cameraorientationned/drone-skydio:yaw`); lists are joined by commas.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Mapping

from pipeline.metadata.jpeg import Jpeg

Xmp = Mapping[str, str]

_APP1 = 0xE1
_STANDARD = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_EXTENSION_HEADER_BYTES = 32 + 4 + 4  # GUID, total length, offset (XMP specification part 3)
_LONGEST_PACKET_BYTES = 1_000_000
_DEEPEST_NESTING = 30

# Bounded names and no "<" within quotes (XML forbids it) keep these linear on any bytes.
_TAG = re.compile(r"""<(/?)([\w.-]+(?::[\w.-]+)?)((?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>""")
_ATTRIBUTE = re.compile(r"""\b([\w.-]{1,40}:[\w.-]{1,80})\s{0,9}=\s{0,9}(?:"([^"<]*)"|'([^'<]*)')""")
_STRUCTURE = ("x:", "rdf:")

# One prefix per namespace, whatever prefix a file binds to it. Two spellings of senseFly.
_PREFIX_OF_NAMESPACE = {
    "http://www.dji.com/drone-dji/1.0": "drone-dji",
    "http://www.dji.com": "dji",
    "http://pix4d.com/camera/1.0": "camera",
    "http://ns.sensefly.com/camera/1.0": "camera",
    "http://ns.sensefly.com/sensefly/1.0": "sensefly",
    "http://www.sensefly.com/sensefly/1.0": "sensefly",
    "http://www.parrot.com/drone-parrot/1.0": "drone-parrot",
    "http://www.skydio.com/drone-skydio/1.0": "drone-skydio",
}


def read_xmp(data: bytes, jpeg: Jpeg) -> dict[str, str]:
    """All XMP properties of a photo; of one that is told twice, the first. Empty when there are none."""
    properties: dict[str, str] = {}
    for packet in find_packets(data, jpeg):
        for key, value in parse_packet(packet).items():
            properties.setdefault(key, value)
    return properties


def find_packets(data: bytes, jpeg: Jpeg) -> list[bytes]:
    """The XMP packets: standard, then extended, else whatever looks like one anywhere in the file."""
    packets = jpeg.payloads(_APP1, _STANDARD)
    parts = jpeg.payloads(_APP1, _EXTENSION)
    if parts:
        parts.sort(key=lambda part: (part[:32], part[36:_EXTENSION_HEADER_BYTES]))
        packets.append(b"".join(part[_EXTENSION_HEADER_BYTES:] for part in parts))
    if not packets:
        packets = _loose_packet(data)
    return packets


def _loose_packet(data: bytes) -> list[bytes]:
    """What lies between the first opening and the last closing tag of a packet, wherever it is."""
    for name in (b"x:xmpmeta", b"rdf:RDF"):
        start, end = data.find(b"<" + name), data.rfind(b"</" + name)
        if 0 <= start < end:
            return [data[start:end]]
    return []


def parse_packet(packet: bytes) -> dict[str, str]:
    """The properties of one packet."""
    # NUL bytes: padding, or the other half of UTF-16.
    text = packet[:_LONGEST_PACKET_BYTES].replace(b"\0", b"").decode("utf-8", errors="replace")
    prefixes = _declared_prefixes(text)
    properties: dict[str, str] = {}
    for path, value in _tokens(text):
        key = "/".join(_canonical(name, prefixes) for name in path)
        if key and key in properties and path[-1:] == ("rdf:li",):
            properties[key] += "," + value
        else:
            properties.setdefault(key, value)
    for name, double, single in _ATTRIBUTE.findall(text):  # also of tags that are broken
        properties.setdefault(_canonical(name, prefixes), html.unescape(double or single))
    return {_without_lists(key): value for key, value in properties.items() if key}


def number(xmp: Xmp, *keys: str) -> float | None:
    """The first of these properties that is a finite number; rationals (`123/100`) too."""
    for key in keys:
        value = as_number(xmp.get(key, ""))
        if value is not None:
            return value
    return None


def numbers(xmp: Xmp, key: str) -> list[float]:
    """A property of several numbers, between commas or semicolons; empty unless all are numbers."""
    values = [as_number(part) for part in re.split("[,;]", xmp.get(key, ""))]
    return [value for value in values if value is not None] if None not in values else []


def as_number(text: str) -> float | None:
    """A finite number, maybe rational, from a text; None when it is none."""
    numerator, _, denominator = text.strip().partition("/")
    try:
        value = float(numerator) / float(denominator or "1")
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _tokens(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Path and value of every attribute and of every element that holds text."""
    path: list[str] = []
    text_from = 0
    for match in _TAG.finditer(text):
        closing, name, rest = match.groups()
        name = name.lower()
        if closing:
            value = text[text_from : match.start()].strip()
            if path and path[-1] == name and value and "<" not in value:
                yield _properties_in(path), html.unescape(value)
            if name in path:
                del path[len(path) - 1 - path[::-1].index(name) :]
        elif len(path) < _DEEPEST_NESTING:
            path.append(name)
            for attribute, double, single in _ATTRIBUTE.findall(rest):
                yield (*_properties_in(path), attribute.lower()), html.unescape(double or single)
            if rest.rstrip().endswith("/"):
                path.pop()
        text_from = match.end()


def _properties_in(path: list[str]) -> tuple[str, ...]:
    """The path without the scaffolding of RDF, but for list items."""
    return tuple(name for name in path if name == "rdf:li" or not name.startswith(_STRUCTURE))


def _declared_prefixes(text: str) -> dict[str, str]:
    declared = re.findall(r"""xmlns:([\w.-]+)\s*=\s*["']([^"']*)["']""", text)
    pairs = ((prefix.lower(), namespace.lower().rstrip("/")) for prefix, namespace in declared)
    return {
        prefix: _PREFIX_OF_NAMESPACE[namespace]
        for prefix, namespace in pairs
        if namespace in _PREFIX_OF_NAMESPACE
    }


def _canonical(name: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, local = name.lower().partition(":")
    return prefixes.get(prefix, prefix) + colon + local


def _without_lists(key: str) -> str:
    return key.replace("/rdf:li", "")
