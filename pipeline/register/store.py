"""The register: one SQLite file that surveys, photos, defects and decisions are kept in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from sqlite_utils import Database

from pipeline.register import queries
from pipeline.register.opening import open_database
from pipeline.register.records import (
    CoverageRecord,
    DefectRecord,
    DetectionRecord,
    EventRecord,
    ObservationRecord,
    PhotoRecord,
    ProposalRecord,
    RunRecord,
    SiteConditionRecord,
    SiteRecord,
    SurveyRecord,
)
from vision.errors import PantauError


class Register:
    """An open register; close it, or use it as a context manager.

    Everything read comes back as frozen records. Writing goes through `transaction`, one for each
    unit of work, so that an interrupt leaves nothing half-written.
    """

    def __init__(self, path: Path, db: Database) -> None:
        self.path = path
        self.db = db

    @classmethod
    def open(cls, path: Path | str, create: bool = False, read_only: bool = False) -> Register:
        """Open the register at `path`; with `create` a missing one is made.

        An older register is brought up to date, after a backup beside it. `read_only` refuses
        writes and works on write-protected files, too.

        Raises PantauError when the register is missing, is not ours (it stays untouched), is
        damaged, locked, or of a newer version of Pantau.
        """
        path = Path(path)
        return cls(path, open_database(path, create=create, read_only=read_only))

    def close(self) -> None:
        """Write everything into the one file and let go of it."""
        try:
            # Where somebody else has it open, SQLite does this when the last one lets go.
            self.db.execute("PRAGMA busy_timeout = 0")
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError:
            pass
        finally:
            self.db.close()

    def __enter__(self) -> Register:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """All writes within it happen, or none.

        Raises PantauError when another program holds the register for too long.
        """
        try:
            self.db.conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise PantauError(
                f"{self.path}: is in use by another program ({error}); try again when that is done."
            ) from error
        try:
            yield self.db
            self.db.commit()
        except BaseException:
            self.db.rollback()
            raise

    @property
    def folder(self) -> Path:
        """The folder that holds the register; photos' paths are kept relative to it."""
        return self.path.resolve().parent

    def defects(self, status: str | None = None, kind: str | None = None) -> list[DefectRecord]:
        """Defects, the most urgent first; all of them, or those of one status or kind."""
        return queries.read_defects(
            self.db,
            "WHERE (:status IS NULL OR status = :status) AND (:kind IS NULL OR kind = :kind)",
            {"status": status, "kind": kind},
        )

    def defect(self, defect_id: str) -> DefectRecord:
        """The defect of this id, or of an id that begins so: the case and `D-` don't matter.

        Raises PantauError when there is none, or more than one.
        """
        prefix = "D-" + defect_id.strip().upper().removeprefix("D-")
        found = queries.read_defects(self.db, "WHERE substr(id, 1, ?) = ?", [len(prefix), prefix])
        exact = [defect for defect in found if defect.id == prefix]
        if not found or not defect_id.strip():
            raise PantauError(
                f'{self.path}: has no defect {defect_id}; `pantau review -r "{self.path}" list` lists them.'
            )
        if len(found) > 1 and not exact:
            some = ", ".join(sorted(defect.id for defect in found)[:5])
            raise PantauError(f"{defect_id}: fits {len(found)} defects ({some} …); give more of its letters.")
        return (exact or found)[0]

    def observations_of(self, defect_id: str) -> list[ObservationRecord]:
        """What was seen of one defect, in the order in which the photos were taken."""
        return queries.read_observations(self.db, "WHERE observations.defect = ?", [defect_id])

    def observations(self) -> list[ObservationRecord]:
        """All observations, in the order in which the photos were taken."""
        return queries.read_observations(self.db)

    def detections(self) -> list[DetectionRecord]:
        """All that the detector found, with what became of it, by photo."""
        return queries.read_detections(self.db)

    def photos(self, status: str | None = None) -> list[PhotoRecord]:
        """Photos in the order in which they were taken; all, or the `used` or `rejected` ones."""
        return queries.read_photos(
            self.db, self.folder, "WHERE (:status IS NULL OR photos.status = :status)", {"status": status}
        )

    def surveys(self) -> list[SurveyRecord]:
        """Surveys in the order in which they entered the register."""
        return queries.read_surveys(self.db)

    def runs(self) -> list[RunRecord]:
        """Batch runs, the oldest first."""
        return queries.read_runs(self.db)

    def sites(self) -> list[SiteRecord]:
        """The sites that the register knows, sorted by id."""
        return queries.read_sites(self.db)

    def coverage(self, survey: str | None = None) -> list[CoverageRecord]:
        """How much of their sites surveys show; all of them, or those of one survey."""
        return queries.read_coverage(
            self.db, "WHERE (:survey IS NULL OR surveys.name = :survey)", {"survey": survey}
        )

    def site_conditions(self) -> list[SiteConditionRecord]:
        """How neglected paved sites are, as surveys show them."""
        return queries.read_site_conditions(self.db)

    def events_of(self, subject: str) -> list[EventRecord]:
        """What was done to a subject (a defect's id), the oldest first."""
        return queries.read_events(self.db, "WHERE subject = ?", [subject])

    def events(self) -> list[EventRecord]:
        """Everything that was done, the oldest first."""
        return queries.read_events(self.db)

    def proposals(self) -> list[ProposalRecord]:
        """What batch runs noticed and only a person may decide, the oldest first."""
        return queries.read_proposals(self.db)
