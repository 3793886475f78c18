"""Opening a register's file: is it there, is it ours, is it of our version?"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkdtemp

from sqlite_utils import Database

from pipeline.register.migrations import create_tables, migrate, pending_migrations
from pipeline.register.schema import APPLICATION_ID
from vision.errors import PantauError

_SQLITE_MAGIC = b"SQLite format 3\x00"
_APPLICATION_ID_AT = slice(68, 72)  # offset in the header: https://www.sqlite.org/fileformat.html
_BUSY_TIMEOUT_S = 30.0


def open_database(path: Path, *, create: bool, read_only: bool) -> Database:
    """Connect to the register at `path`, migrated to this version.

    Raises PantauError when it is missing and not to be created, when the file is not a register
    (it stays untouched), when a newer Pantau wrote it, or when it cannot be written.
    """
    if path.exists():
        _require_ours(path)
    elif create and not read_only:
        _create(path)
    else:
        raise PantauError(f"{path}: there is no such register; `pantau inspect` creates one.")
    with _told_as_user_errors(path):
        return _connect(path, read_only)


def _require_ours(path: Path) -> None:
    if path.is_dir():
        raise PantauError(f"{path}: is a folder; name the register's file in it, say {path / 'register.db'}.")
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise PantauError(f"{path}: cannot be read ({error.strerror}); check its permissions.") from error
    if not header.startswith(_SQLITE_MAGIC):
        raise PantauError(f"{path}: is not a register of Pantau (no SQLite file); name another file with -r.")
    if int.from_bytes(header[_APPLICATION_ID_AT], "big") != APPLICATION_ID:
        raise PantauError(f"{path}: is a database of another program; name another file with -r.")


def _create(path: Path) -> None:
    """Write an empty register beside `path` first, so that it appears whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix=".register-", dir=path.parent))
    except OSError as error:
        raise PantauError(
            f"{path}: cannot be created ({error.strerror}); name a register in a folder you may write to."
        ) from error
    unfinished = folder / path.name
    try:
        with closing(sqlite3.connect(unfinished)) as connection:
            db = Database(connection, execute_plugins=False)
            create_tables(db)
            db.enable_wal()
        unfinished.replace(path)
    finally:
        for leftover in folder.iterdir():
            leftover.unlink()
        folder.rmdir()


def _connect(path: Path, read_only: bool) -> Database:
    if _writable(path):
        return _connect_for_writing(path, read_only)
    if not read_only:
        raise PantauError(f"{path}: is write-protected; change its permissions or work on a copy.")
    return _connect_protected(path)


def _connect_for_writing(path: Path, read_only: bool) -> Database:
    """A read-only connection could not remove SQLite's side files again: so readers get this, too."""
    db = Database(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S), execute_plugins=False)
    try:
        migrate(db, path)
        db.enable_wal()
        db.execute("PRAGMA foreign_keys = ON")
        if read_only:
            db.execute("PRAGMA query_only = ON")
    except BaseException:
        db.close()
        raise
    return db


def _connect_protected(path: Path) -> Database:
    written_by_somebody_now = path.with_name(path.name + "-wal").exists()
    mode = "mode=ro" if written_by_somebody_now else "mode=ro&immutable=1"
    db = Database(
        sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True, timeout=_BUSY_TIMEOUT_S),
        execute_plugins=False,
    )
    try:
        if pending_migrations(db, path):
            raise PantauError(f"{path}: was written by an older Pantau and is write-protected; open a copy.")
    except BaseException:
        db.close()
        raise
    return db


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


@contextmanager
def _told_as_user_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise PantauError(f"{path}: is in use by another program; try again later.") from error
        raise PantauError(f"{path}: is damaged ({error}); restore a backup of it.") from error
