"""Moments as the register writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def time_text(moment: datetime) -> str:
    """ISO 8601 in UTC to the millisecond, always of one length, so that text sorts as time."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now_text() -> str:
    """The present moment as the register writes it."""
    return time_text(datetime.now(UTC))
