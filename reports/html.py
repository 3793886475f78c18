"""The report as one HTML page that opens offline and loads nothing but its own pictures."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.register.records import DefectRecord, PhotoRecord
from reports.cards import Card
from reports.kind_looks import KindLook, look_of, remark_text
from reports.map_drawing import MapDrawing
from reports.neglect import NeglectRow
from reports.number_format import NumberFormat, coordinates_text, geo_uri, moment_of, station_text
from reports.summary import SEVERITIES, STATUSES, Summary
from reports.texts import Language, texts_in
from vision.surface.accuracy import VEGETATION_ACCURACY

PICTURES_FOLDER = "pictures"


@dataclass(frozen=True)
class Page:
    """All that a page shows, in no language yet. `map` is None if there is nothing to draw."""

    register_name: str
    made_at: datetime
    summary: Summary
    map: MapDrawing | None
    cards: tuple[Card, ...]
    set_aside: tuple[DefectRecord, ...]
    rejected_photos: tuple[PhotoRecord, ...]
    neglect: tuple[NeglectRow, ...] = ()


def render_page(page: Page, language: Language, other_page: str) -> str:
    """The page in a language, with a link to the file of the page in the other one."""
    texts = texts_in(language)
    style, script = _template_text("style.css"), _template_text("page.js")
    looks = _looks(page, language)
    html: str = (
        _environment()
        .get_template("report.html.j2")
        .render(
            page=page,
            language=language.value,
            other_language=language.other.value,
            other_page=other_page,
            style=Markup(style),
            script=Markup(script),
            script_hash=_content_security_hash(script),
            pictures=PICTURES_FOLDER,
            t=texts,
            code=texts.code,
            remark_text=lambda remark: remark_text(remark, texts),
            look=looks,
            kinds=_kinds_in_list(page, looks),
            severities=SEVERITIES,
            statuses=_statuses_in_list(page),
            sites=_sites_in_list(page.cards),
            show=NumberFormat(language),
            coordinates=coordinates_text,
            geo_uri=geo_uri,
            station=station_text,
            moment=moment_of,
            vegetation_accuracy=VEGETATION_ACCURACY,
        )
    )
    return html


def _looks(page: Page, language: Language) -> Callable[[str], KindLook]:
    @cache
    def look(kind: str) -> KindLook:
        return look_of(kind, language)

    return look


def _kinds_in_list(page: Page, look: Callable[[str], KindLook]) -> list[KindLook]:
    return sorted((look(row.kind) for row in page.summary.kinds), key=lambda kind: kind.label)


def _statuses_in_list(page: Page) -> list[str]:
    counts = Counter(card.defect.status for card in page.cards)
    return [status for status in STATUSES if counts[status]] + sorted(set(counts) - set(STATUSES))


def _sites_in_list(cards: Sequence[Card]) -> list[tuple[str, str]]:
    """Id and name of the sites that defects lie on."""
    names = {card.site.id: card.site.name or card.site.id for card in cards if card.site}
    return sorted(names.items(), key=lambda item: item[1].casefold())


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template_text(name: str) -> str:
    return files("reports").joinpath("templates", name).read_text(encoding="utf-8")


def _content_security_hash(script: str) -> str:
    """The hash by which the page's policy lets this script run and no other (CSP level 2)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
