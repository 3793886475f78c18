"""How kinds of damage are named and coloured for people."""

from __future__ import annotations

from dataclasses import dataclass

from models.kinds import NEGLECT_KINDS, ROAD_KINDS
from reports.texts import Language, Texts

_COLOUR_OF_UNKNOWN_KINDS = "#54606b"


@dataclass(frozen=True)
class KindLook:
    """A kind of damage for people: its name in their language, its colour, its RDD code if it has one."""

    name: str
    label: str
    colour: str
    code: str | None = None

    @property
    def title(self) -> str:
        """The label as the beginning of a line."""
        return self.label[:1].upper() + self.label[1:]

    @property
    def text_colour(self) -> str:
        """Black or white, whichever is read better on the colour (WCAG 2 relative luminance)."""
        channels = [part / 255 for part in bytes.fromhex(self.colour.removeprefix("#"))]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        # The contrast to white, 1.05 / (L + 0.05), and to black, (L + 0.05) / 0.05, are equal at 0.179.
        return "#000000" if luminance > 0.179 else "#ffffff"


def look_of(kind: str, language: Language) -> KindLook:
    """The look of a kind; a kind that we do not know is shown by its own name, in grey."""
    for known in (*ROAD_KINDS, *NEGLECT_KINDS):
        if known.name == kind:
            label = known.indonesian if language is Language.INDONESIAN else known.english
            return KindLook(
                kind, label, known.colour, known.rdd_code if known.rdd_code.startswith("D") else None
            )
    return KindLook(kind, kind, _COLOUR_OF_UNKNOWN_KINDS)


def remark_text(remark: str, texts: Texts) -> str:
    """A remark on a photo for people; some name a kind of damage, as `too_coarse_for:pothole` does."""
    code, _, kind = remark.partition(":")
    return texts.code("remark", code).replace("{kind}", look_of(kind, texts.language).label)
