"""`pantau report`: the register as pages for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reports.texts import Language
from vision.console import AsJson, Quiet, Verbose, emit, warn

if TYPE_CHECKING:
    from reports.report import ReportFiles

EXAMPLES = """\b
Examples:
  pantau report -r register.db -o report
  pantau report -r register.db -o report --lang en --json
"""


def add_commands(app: typer.Typer) -> None:
    """Add `report`."""

    @app.command(epilog=EXAMPLES)
    def report(
        register: Annotated[Path, typer.Option("-r", "--register", help="The register's file.")],
        output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write the report into.")],
        lang: Annotated[
            Language, typer.Option(help="Language of index.html: Indonesian or English.")
        ] = Language.INDONESIAN,
        as_json: AsJson = False,
        verbose: Verbose = False,
        quiet: Quiet = False,
    ) -> None:
        """Write an offline report: summary, map, ranked list, a card per defect.

        The folder holds index.html, the same page in the other language, the pictures, and all
        defects as defects.geojson and defects.csv. It opens in any browser without a network; send
        the whole folder. A report that is there already is replaced. Photos that were moved since
        the inspection leave a note in place of their picture.
        """
        from pipeline.register import Register
        from pipeline.register.unfinished_runs import unfinished_warning
        from reports.report import write_report

        with Register.open(register, read_only=True) as opened:
            files = write_report(opened, output, lang)
        if files.summary.unfinished:
            warn(unfinished_warning(files.summary.unfinished))
        if files.lost_photos:
            warn(
                f"{len(files.lost_photos)} photos cannot be shown (moved, unreadable or changed since their "
                f"inspection), the first: {files.lost_photos[0]}"
            )
        emit(_document(files), as_json, lambda: _text(files))


def _document(files: ReportFiles) -> dict[str, Any]:
    summary = files.summary
    return {
        "folder": files.folder,
        "pages": {language.value: page for language, page in files.pages.items()},
        "geojson": files.geojson,
        "csv": files.csv,
        "pictures": len(files.pictures),
        "lost_photos": files.lost_photos,
        "defects": {
            "listed": summary.listed,
            "rejected": summary.rejected_defects,
            "duplicate": summary.duplicate_defects,
            "by_kind": {row.kind: row.total for row in summary.kinds},
            "by_status": dict(summary.statuses),
        },
        "photos": {"used": summary.used_photos, "rejected": summary.rejected_photos},
        "unfinished_surveys": summary.unfinished,
    }


def _text(files: ReportFiles) -> str:
    summary = files.summary
    photos = f"{summary.used_photos} photos used, {summary.rejected_photos} rejected"
    return f"{files.folder / 'index.html'}: {summary.listed} defects, {photos}"
