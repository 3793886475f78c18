"""A register's report: a folder with pages in two languages, their pictures, GeoJSON and CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.register import Register
from reports.cards import CROP_NAME, cards_of, crop_orders
from reports.contents import Contents, read_contents
from reports.crops import Crop, cut_crops
from reports.csv_table import CsvStyle, defects_as_csv
from reports.geojson import defects_as_geojson
from reports.ground_plan import ground_plan
from reports.html import PICTURES_FOLDER, Page, render_page
from reports.map_drawing import draw_map
from reports.neglect import neglect_rows
from reports.summary import Summary, summarise
from reports.texts import Language
from vision import console
from vision.errors import PantauError
from vision.whole_file import write_whole


@dataclass(frozen=True)
class ReportFiles:
    """What `write_report` wrote, and what it found.

    `pages` are by language; the asked language's one is index.html. `lost_photos` are photos of the
    register that could not be cut from: moved, unreadable or changed.
    """

    folder: Path
    pages: Mapping[Language, Path]
    geojson: Path
    csv: Path
    pictures: tuple[Path, ...]
    summary: Summary
    lost_photos: tuple[Path, ...]


def write_report(
    register: Register,
    folder: Path,
    language: Language = Language.INDONESIAN,
    made_at: datetime | None = None,
) -> ReportFiles:
    """Write the report of a register into a folder, over an earlier report in it.

    `index.html` is in `language`, `index.en.html` or `index.id.html` in the other one. Each file
    appears whole or not at all, the pages last. PantauError if the folder cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise PantauError(f"{folder}: is a file; name a folder for the report with -o")
    contents = read_contents(register)
    crops = _cut(contents, folder / PICTURES_FOLDER)
    page = _page(contents, crops, register.path.name, made_at or datetime.now(UTC))
    data = _write_data(contents, folder, language)
    pages = _write_pages(page, folder, language)
    _remove_stale(folder, language, crops)
    return ReportFiles(
        folder=folder,
        pages=pages,
        geojson=data[0],
        csv=data[1],
        pictures=tuple(
            folder / PICTURES_FOLDER / crop.file_name for crop in crops.values() if crop.file_name is not None
        ),
        summary=page.summary,
        lost_photos=_lost_photos(contents, crops),
    )


def _cut(contents: Contents, folder: Path) -> Mapping[str, Crop]:
    orders = crop_orders(contents)
    if not orders:
        return {}
    with console.progress("Cutting pictures", len(orders)) as advance:
        return cut_crops(orders, folder, advance)


def _page(contents: Contents, crops: Mapping[str, Crop], register_name: str, made_at: datetime) -> Page:
    return Page(
        register_name=register_name,
        made_at=made_at,
        summary=summarise(contents),
        map=draw_map(ground_plan(contents)),
        cards=cards_of(contents, crops),
        set_aside=contents.set_aside,
        rejected_photos=tuple(photo for photo in contents.photos if photo.status == "rejected"),
        neglect=neglect_rows(contents),
    )


def _write_data(contents: Contents, folder: Path, language: Language) -> tuple[Path, Path]:
    """GeoJSON, and a CSV table as the spreadsheets of the language's country expect it."""
    geojson, table = folder / "defects.geojson", folder / "defects.csv"
    write_whole(geojson, defects_as_geojson(contents))
    style = CsvStyle.of_options(None, decimal_comma=language is Language.INDONESIAN)
    write_whole(table, defects_as_csv(contents, style))
    return geojson, table


def _page_names(language: Language) -> dict[Language, str]:
    return {language: "index.html", language.other: f"index.{language.other.value}.html"}


def _write_pages(page: Page, folder: Path, language: Language) -> dict[Language, Path]:
    names = _page_names(language)
    for of_language in (language.other, language):
        write_whole(folder / names[of_language], render_page(page, of_language, names[of_language.other]))
    return {of_language: folder / name for of_language, name in names.items()}


def _remove_stale(folder: Path, language: Language, crops: Mapping[str, Crop]) -> None:
    """Remove what an earlier report left here and this one does not show: it may be out of date."""
    (folder / f"index.{language.value}.html").unlink(missing_ok=True)
    current = {crop.file_name for crop in crops.values()}
    for picture in (folder / PICTURES_FOLDER).glob("defect-*.jpg"):
        if CROP_NAME.fullmatch(picture.name) and picture.name not in current:
            picture.unlink(missing_ok=True)


def _lost_photos(contents: Contents, crops: Mapping[str, Crop]) -> tuple[Path, ...]:
    paths = {photo.id: photo.path for photo in contents.photos}
    lost = {
        paths[observation.photo]
        for observations in contents.observations.values()
        for observation in observations
        if (crop := crops.get(observation.detection)) and crop.problem is not None
    }
    return tuple(sorted(lost))
