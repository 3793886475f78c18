"""Bringing a register up to date: named migrations in order, a backup first."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from pipeline.register.schema import APPLICATION_ID, MIGRATIONS
from vision.errors import PantauError

Steps = tuple[tuple[str, str], ...]


def create_tables(db: Database, steps: Steps = MIGRATIONS) -> None:
    """Turn an empty database into a register."""
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _migrations(steps).apply(db)


def pending_migrations(db: Database, path: Path, steps: Steps = MIGRATIONS) -> list[str]:
    """Names of the migrations that the register still needs.

    Raises PantauError when it holds migrations that this version of Pantau does not know.
    """
    migrations = _migrations(steps)
    known = {name for name, _ in steps}
    unknown = [applied.name for applied in migrations.applied(db) if applied.name not in known]
    if unknown:
        raise PantauError(
            f"{path}: written by a newer version of Pantau (it has {unknown[-1]}); update Pantau to open it."
        )
    return [migration.name for migration in migrations.pending(db)]


def migrate(db: Database, path: Path, steps: Steps = MIGRATIONS) -> Path | None:
    """Apply what is pending, each step whole or not at all; returns the backup made before.

    Returns None where the register is up to date. Raises PantauError as `pending_migrations` does.
    """
    pending = pending_migrations(db, path, steps)
    if not pending:
        return None
    backup = _backup(db, path, before=pending[0])
    _migrations(steps).apply(db)
    return backup


def _migrations(steps: Steps) -> Migrations:
    migrations = Migrations("pantau")
    for name, sql in steps:
        migrations(name=name)(_step(sql))
    return migrations


def _step(sql: str) -> Callable[[Database], None]:
    def apply(db: Database) -> None:
        db.executescript(sql)

    return apply


def _backup(db: Database, path: Path, before: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = path.with_name(f"{path.name}.before-{before}.{stamp}.bak")
    unfinished = target.with_name(target.name + ".part")
    with closing(sqlite3.connect(unfinished)) as copy:
        db.conn.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    unfinished.replace(target)
    return target
