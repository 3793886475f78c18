"""Numbers, sizes, places and times as people of a language write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, isfinite

from reports.texts import Language

# Between a number and its unit: never a line break.
_GAP = "\u00a0"

_MONTHS = {
    Language.INDONESIAN: (
        "Januari", "Februari", "Maret", "April", "Mei", "Juni",
        "Juli", "Agustus", "September", "Oktober", "November", "Desember",
    ),
    Language.ENGLISH: (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class NumberFormat:
    """Writes values for people; Indonesian with decimal comma and thousands point."""

    language: Language

    def number(self, value: float, digits: int = 0) -> str:
        """A number with so many digits after the decimal mark."""
        text = f"{value:,.{digits}f}"
        if self.language is Language.INDONESIAN:
            return text.translate(str.maketrans(",.", ".,"))
        return text

    def length(self, metres: float) -> str:
        """A length or distance: centimetres below 1 m, kilometres from 1 km on."""
        if metres < 0.995:
            return f"{self.number(metres * 100)}{_GAP}cm"
        if metres < 9.95:
            return f"{self.number(metres, 1)}{_GAP}m"
        if metres < 999.5:
            return f"{self.number(metres)}{_GAP}m"
        return f"{self.number(metres / 1000, 1)}{_GAP}km"

    def size(self, length_m: float, width_m: float) -> str:
        """Length by width."""
        return f"{self.length(length_m)} × {self.length(width_m)}"

    def crack_width(self, metres: float) -> str:
        """The width of a crack in millimetres."""
        return f"{self.number(metres * 1000)}{_GAP}mm"

    def density(self, per_metre: float) -> str:
        """Metres of cracks per square metre of surface."""
        return f"{self.number(per_metre, 1)}{_GAP}m/m²"

    def round_length(self, metres: float) -> str:
        """A round length (1, 2, 5, 10 … m) as on a scale bar."""
        return f"{metres / 1000:g}{_GAP}km" if metres >= 1000 else f"{metres:g}{_GAP}m"

    def area(self, square_metres: float) -> str:
        """An area in square metres, two significant digits below 10 m²."""
        digits = 2 if square_metres < 1 else 1 if square_metres < 10 else 0
        return f"{self.number(square_metres, digits)}{_GAP}m²"

    def radius(self, radius_m: float) -> str:
        """The radius of a circle that holds the truth, never rounded down."""
        if not isfinite(radius_m):
            return "?"
        step_m = 0.1 if radius_m < 10 else 1.0
        return self.length(ceil(round(radius_m / step_m, 6)) * step_m)

    def date(self, moment: datetime) -> str:
        """A day, say 21 November 2026."""
        return f"{moment.day} {_MONTHS[self.language][moment.month - 1]} {moment.year}"

    def date_time(self, moment: datetime) -> str:
        """A minute in UTC, say 21 November 2026, 23:04 UTC."""
        separator = "." if self.language is Language.INDONESIAN else ":"
        return f"{self.date(moment)}, {moment:%H}{separator}{moment:%M} UTC"

    def date_range(self, first: datetime, last: datetime) -> str:
        """From the first to the last day, once if they are the same."""
        days = (self.date(first), self.date(last))
        return days[0] if days[0] == days[1] else " – ".join(days)


def moment_of(iso_text: str | None) -> datetime | None:
    """The UTC time of an ISO 8601 text; a text without a zone is UTC. None if it is none."""
    if not iso_text:
        return None
    try:
        moment = datetime.fromisoformat(iso_text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def station_text(station_m: float) -> str:
    """A distance along a road in the notation of road authorities: 1234.6 m is STA 1+235."""
    sign = "-" if round(station_m) < 0 else ""
    kilometres, metres = divmod(abs(round(station_m)), 1000)
    return f"STA {sign}{kilometres}+{metres:03d}"


def coordinates_text(lat: float, lon: float) -> str:
    """Latitude and longitude with 6 decimals (11 cm), decimal points in every language."""
    return f"{lat:.6f}, {lon:.6f}"


def geo_uri(lat: float, lon: float, radius_m: float) -> str:
    """The place as a geo: URI with its uncertainty in metres (RFC 5870), for map apps."""
    uncertainty = f";u={radius_m:.1f}" if isfinite(radius_m) else ""
    return f"geo:{lat:.6f},{lon:.6f}{uncertainty}"
