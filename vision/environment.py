"""Can this computer run Pantau? Checks of the installation, as values."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: whether it is well, what was seen, and the remedy if not."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


REINSTALL = "pip install --force-reinstall . (in Pantau's folder)"
_OPENCV_REMEDIES = {
    "libGL.so.1": "install the system library: apt-get install libgl1, or dnf install mesa-libGL",
    "libgthread-2.0": "install the system library: apt-get install libglib2.0-0",
}


def check_python() -> Check:
    """Python is new enough."""
    seen = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", sys.version_info >= (3, 11), seen, "install Python 3.11 or newer")


def check_import(module: str, remedy: str = REINSTALL) -> Check:
    """A module can be imported; the remedy names the system library that is missing, if one is."""
    return check_works(module, lambda: importlib.import_module(module), remedy)


def check_works(name: str, action: Callable[[], object], remedy: str = REINSTALL) -> Check:
    """An import, or whatever else must work, works."""
    try:
        action()
    except (ImportError, OSError, AttributeError, RuntimeError) as error:
        named = [fix for library, fix in _OPENCV_REMEDIES.items() if library in str(error)]
        return Check(name, False, str(error).splitlines()[0], named[0] if named else remedy)
    return Check(name, True, "can be imported")


def check_opencv_builds() -> Check:
    """Only one build of OpenCV is installed: two overwrite each other's files."""
    builds = [name for name in ("opencv-python", "opencv-python-headless") if _installed(name)]
    return Check(
        "one OpenCV build",
        len(builds) <= 1,
        ", ".join(f"{name} {version(name)}" for name in builds),
        "pip uninstall opencv-python opencv-python-headless, then pip install opencv-python",
    )


def check_requirements(distribution: str) -> Check:
    """Every dependency that the package declares is installed."""
    names = [line.split(";")[0].split(">")[0].split("=")[0].strip() for line in _required(distribution)]
    missing = [name for name in names if not _installed(name)]
    detail = f"missing: {', '.join(missing)}" if missing else f"{len(names)} of {len(names)} installed"
    return Check("dependencies", not missing, detail, f"pip install {' '.join(missing)}")


def _required(distribution: str) -> Sequence[str]:
    return [line for line in requires(distribution) or [] if "extra ==" not in line]


def _installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
