"""What a work folder was begun with, so that going on never mixes two trainings.

Scores would lie otherwise: another split of the same pictures has some to score on that were learnt from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vision.errors import PantauError
from vision.whole_file import write_whole

BEGUN_WITH = "begun_with.json"


def hold_to_plan(work: Path, plan: Mapping[str, Any], is_begun: bool) -> None:
    """Note the plan in `work`; where something is begun there, compare it with what was noted.

    `plan` holds, by words for people, values that JSON can write. A folder begun without a note gets it.

    Raises PantauError that names what differs, or when the note cannot be read.
    """
    file = work / BEGUN_WITH
    wanted = json.loads(json.dumps(plan))
    if is_begun and file.is_file():
        begun_with = _read(file)
        changed = [name for name, value in wanted.items() if begun_with.get(name) != value]
        if changed:
            raise PantauError(
                f"{work}: was begun with other {' and other '.join(changed)}; give those again, or another "
                "folder for --work."
            )
    write_whole(file, json.dumps(wanted, indent=1) + "\n")


def fingerprint(names: Iterable[str]) -> str:
    """A short text that changes when a name comes or goes; their order does not matter."""
    return hashlib.sha256("\n".join(sorted(names)).encode("utf-8")).hexdigest()[:16]


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise PantauError(
            f"{file}: does not say what the folder was begun with ({error}); give another folder for --work."
        ) from error
