"""The report's folder: pages that parse, link, load nothing from elsewhere and tell everything."""

import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from pipeline.register import Register
from reports.report import ReportFiles, write_report
from reports.texts import Language
from vision.errors import PantauError

VOID = set(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
LOADING = {
    ("img", "src"),
    ("script", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("object", "data"),
    ("use", "href"),
}


class Page(HTMLParser):
    """A page taken apart: unbalanced tags, elements, ids, texts."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.source = path, path.read_text(encoding="utf-8")
        self.open_tags: list[str] = []
        self.problems: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open_tags or self.open_tags.pop() != tag:
            self.problems.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open_tags):
            self.words += data

    def all(self, tag: str, name: str | None = None) -> list[dict[str, str | None]]:
        """The attributes of the elements of a tag, of a class if wanted."""
        found = [attributes for each, attributes in self.elements if each == tag]
        return [each for each in found if name is None or name in (each.get("class") or "").split()]


@pytest.fixture(scope="module")
def report(sample_register: Path, tmp_path_factory: pytest.TempPathFactory) -> ReportFiles:
    return report_of(sample_register, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module", params=Language)
def page(report: ReportFiles, request: pytest.FixtureRequest) -> Page:
    return Page(report.pages[request.param])


def report_of(register: Path, folder: Path, language: Language = Language.INDONESIAN) -> ReportFiles:
    with Register.open(register, read_only=True) as opened:
        return write_report(opened, folder, language)


def test_the_folder_holds_what_was_promised(report: ReportFiles) -> None:
    names = {path.name for path in report.folder.iterdir()}
    assert names == {"index.html", "index.en.html", "defects.geojson", "defects.csv", "pictures"}
    assert len(report.pictures) == 30 and all(path.is_file() for path in report.pictures)
    assert (report.summary.listed, report.summary.used_photos, report.summary.rejected_photos) == (20, 61, 3)


def test_pages_are_well_formed(page: Page) -> None:
    assert page.problems == [] and page.open_tags == []
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []


def test_pages_load_nothing_from_elsewhere(page: Page) -> None:
    loaded = [
        a[name] or "" for tag, a in page.elements for each, name in LOADING if tag == each and name in a
    ]
    assert all(re.fullmatch(r"pictures/[\w-]+\.jpg", source) for source in loaded)
    assert re.search(r"https?:|url\(|@import|//\w+\.", page.source) is None


def test_pictures_and_links_lead_somewhere(page: Page) -> None:
    ids = {attributes.get("id") for _, attributes in page.elements}
    for link in [a["href"] or "" for a in page.all("a")] + [a["src"] or "" for a in page.all("img")]:
        if link.startswith("#"):
            assert unquote(link[1:]) in ids
        elif not link.startswith("geo:"):
            assert (page.path.parent / unquote(link)).is_file()


def test_pages_link_to_each_other_in_their_languages(report: ReportFiles) -> None:
    for language, path in report.pages.items():
        page = Page(path)
        assert page.all("html")[0]["lang"] == language.value
        assert report.pages[language.other].name in {link["href"] for link in page.all("a")}


def test_a_card_and_a_row_and_a_marker_for_each_defect(page: Page) -> None:
    cards = [card["data-defect"] for card in page.all("article", "card")]
    assert len(cards) == len(set(cards)) == 20
    assert cards == [row["data-defect"] for row in page.all("tr") if "data-defect" in row]
    assert sorted(filter(None, cards)) == sorted(a["data-marker"] or "" for a in page.all("a", "marker"))


def test_open_defects_come_first_then_the_most_urgent(page: Page) -> None:
    ranks = [(card["data-status"] in ("repaired", "verified")) for card in page.all("article", "card")]
    assert ranks == sorted(ranks)
    assert page.all("article", "card")[0]["data-defect"] == "D-127K2MQX"


def test_rejected_and_duplicate_defects_are_at_the_end(page: Page) -> None:
    for aside in ("D-207K2MQX", "D-217K2MQX"):
        assert page.source.index(f'id="{aside}"') > page.source.rindex("</article>")


def test_no_card_has_more_than_four_pictures(page: Page) -> None:
    for card in page.source.split("<article")[1:]:
        assert 1 <= card.split("</article>")[0].count("<img") + card.count('class="no-picture"') <= 4


def test_a_photo_that_was_moved_is_told(report: ReportFiles, page: Page) -> None:
    assert [path.name for path in report.lost_photos] == ["r1-008.jpg"]
    assert len(page.all("div", "no-picture")) == 1


def test_numbers_are_written_as_in_the_language(report: ReportFiles) -> None:
    assert "3,9\u00a0m" in Page(report.pages[Language.INDONESIAN]).words
    assert "3.9\u00a0m" in Page(report.pages[Language.ENGLISH]).words
    assert "STA 0+490" in Page(report.pages[Language.ENGLISH]).words


def test_what_was_measured_of_the_damage_is_told_and_what_could_not_be(report: ReportFiles) -> None:
    english = report.pages[Language.ENGLISH].read_text(encoding="utf-8")
    indonesian = report.pages[Language.INDONESIAN].read_text(encoding="utf-8")
    for text in (
        "14\u00a0mm wide on average",
        "width not measurable",
        "of cracks, ",
        "of a circle of its area",
    ):
        assert text in english
    for text in ("lebar rata-rata 14\u00a0mm", "lebar tidak terukur", "lingkaran seluas lubang"):
        assert text in indonesian


def test_rejected_photos_are_listed_with_their_reasons(report: ReportFiles) -> None:
    words = Page(report.pages[Language.INDONESIAN]).words
    assert "DJI_0042.JPG" in words and "foto tidak memuat posisi" in words


def test_names_cannot_run_scripts(sample_register: Path, tmp_path: Path) -> None:
    copy = shutil.copy(sample_register, tmp_path / "register.db")
    evil = "<script>alert(1)</script>\" onload='x' {{ 7*7 }}"
    with Register.open(copy) as register, register.transaction() as db:
        db.execute("UPDATE sites SET name = ?", [evil])
        db.execute("UPDATE defects SET assignee = ?, kind = 'pothole\"><img src=x>'", [evil])
    page = Page(report_of(Path(copy), tmp_path / "out").pages[Language.INDONESIAN])
    assert page.problems == [] and page.open_tags == []
    assert len(page.all("script")) == 1
    assert not any("onload" in attributes for _, attributes in page.elements)
    assert evil in page.words


def test_an_empty_register_says_that_nothing_was_inspected(empty_register: Path, tmp_path: Path) -> None:
    files = report_of(empty_register, tmp_path / "out", Language.ENGLISH)
    page = Page(tmp_path / "out" / "index.html")
    assert page.problems == [] and page.all("article") == [] and page.all("form") == []
    assert "Nothing has been inspected yet" in page.words and "The map is empty" in page.words
    assert files.pictures == () and not (tmp_path / "out" / "pictures").exists()


def test_only_rejected_photos_is_not_called_good_condition(sample_register: Path, tmp_path: Path) -> None:
    with Register.open(tmp_path / "r.db", create=True) as register, register.transaction() as db:
        db.table("surveys").insert({"id": 1, "name": "a", "created_at": "2026-01-01T00:00:00.000Z"})
        db.table("photos").insert(
            {"id": "x", "survey": 1, "path": "x.jpg", "status": "rejected", "reason": "truncated"}
        )
    report_of(tmp_path / "r.db", tmp_path / "out", Language.ENGLISH)
    assert "Every photo was rejected" in Page(tmp_path / "out" / "index.html").words


def test_a_second_report_replaces_the_first_and_leaves_other_files(
    sample_register: Path, empty_register: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    report_of(sample_register, out)
    (out / "pictures" / "holiday.jpg").write_bytes(b"mine")
    report_of(empty_register, out, Language.ENGLISH)
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert names == {"index.html", "index.id.html", "defects.geojson", "defects.csv", "pictures/holiday.jpg"}


def test_the_same_register_gives_the_same_data(
    sample_register: Path, report: ReportFiles, tmp_path: Path
) -> None:
    again = report_of(sample_register, tmp_path / "again")
    assert again.geojson.read_bytes() == report.geojson.read_bytes()
    assert [path.read_bytes() for path in again.pictures] == [path.read_bytes() for path in report.pictures]


def test_a_file_in_the_way_is_the_users_mistake(sample_register: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(PantauError, match="is a file"):
        report_of(sample_register, tmp_path / "out")
