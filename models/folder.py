"""A model as a folder: `model.toml`, the network as ONNX, and a card for people."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.kinds import Kind
from vision.errors import PantauError
from vision.views import VIEW_COUNTS
from vision.whole_file import write_whole

DESCRIPTION = "model.toml"
NETWORK = "model.onnx"
# The same network in 8 bit integers, as OpenVINO writes it.
INT8_NETWORK, INT8_WEIGHTS = "model.int8.xml", "model.int8.bin"
# What `pantau cross-validate --json` printed of the recipe, where that was done.
CROSS_VALIDATION = "cross_validation.json"


@dataclass(frozen=True)
class ModelFolder:
    """What `model.toml` says of a detector.

    `gsd_cm` is the interval of ground sample distances (centimetres per pixel) of its training
    pictures, None where nobody knows it. `thresholds` are the lowest scores worth reporting, per
    kind; `coarsest_gsd_cm` are the coarsest ground sample distances at which a kind is still found, for
    the kinds of which that is known. Each tile is looked at in `view_count` views (see `vision.views`); the
    thresholds hold for that many. `sha256` holds the checksum of each file; the network's own names
    the model in registers. `scores` is what `pantau evaluate` said when the model was released, empty
    where nobody asked.
    """

    path: Path
    name: str
    version: str
    architecture: str
    licence: str
    input_px: int
    gsd_cm: tuple[float, float] | None
    kinds: tuple[Kind, ...]
    thresholds: Mapping[str, float]
    sha256: Mapping[str, str]
    coarsest_gsd_cm: Mapping[str, float] = field(default_factory=dict)
    view_count: int = 1
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)

    @property
    def network_file(self) -> Path:
        """The ONNX file, in 32 bit floats."""
        return self.path / NETWORK

    @property
    def has_int8(self) -> bool:
        """Whether the network comes in 8 bit integers, too."""
        return INT8_NETWORK in self.sha256 and INT8_WEIGHTS in self.sha256


def read_model_folder(path: Path) -> ModelFolder:
    """Read `path/model.toml`; raises PantauError when it is missing or says something else."""
    description = path / DESCRIPTION
    try:
        content = tomllib.loads(description.read_text(encoding="utf-8-sig"))
        return _folder_of(path, content)
    except FileNotFoundError as error:
        raise PantauError(
            f"{path}: is no model folder: it has no {DESCRIPTION}; give a folder that `pantau train` wrote."
        ) from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise PantauError(
            f"{description}: cannot be read as a model's description ({error}); correct it, or restore the "
            "model folder."
        ) from error
    except KeyError as error:
        raise PantauError(f"{description}: the entry {error} is missing; add it.") from error


def check_files(model: ModelFolder) -> None:
    """Raises PantauError when a file of the model is missing or is not the one that was described."""
    if NETWORK not in model.sha256:
        raise PantauError(f"{model.path / DESCRIPTION}: the checksum of {NETWORK} is missing under [files].")
    for name, expected in model.sha256.items():
        file = model.path / name
        if not file.is_file():
            raise PantauError(f"{file}: is missing, though {DESCRIPTION} lists it; restore the model folder.")
        if sha256_of(file) != expected:
            raise PantauError(
                f"{file}: has changed since the model was described (its SHA-256 is not the one in "
                f"{DESCRIPTION}); restore the file, or release the model again."
            )


def write_model_toml(model: ModelFolder) -> Path:
    """Write `model.toml` into the model's folder, atomically; returns its path."""
    file = model.path / DESCRIPTION
    write_whole(file, "\n".join(_toml_lines(model)) + "\n")
    return file


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _folder_of(path: Path, content: Mapping[str, Any]) -> ModelFolder:
    kinds = content["kinds"]
    return ModelFolder(
        path=path,
        name=str(content["name"]),
        version=str(content["version"]),
        architecture=str(content["architecture"]),
        licence=str(content["licence"]),
        input_px=int(content["input_px"]),
        gsd_cm=_interval(content["gsd_cm"]) if "gsd_cm" in content else None,
        kinds=_kinds(kinds),
        thresholds={kind["name"]: _threshold(kind) for kind in kinds},
        sha256=dict(content["files"]),
        coarsest_gsd_cm={kind["name"]: _coarsest_gsd_cm(kind) for kind in kinds if "coarsest_gsd_cm" in kind},
        view_count=_view_count(content.get("views", 1)),
        training=content.get("training", {}),
        scores=content.get("scores", {}),
    )


def _kinds(entries: Sequence[Mapping[str, Any]]) -> tuple[Kind, ...]:
    kinds = tuple(
        Kind(kind["name"], kind["rdd_code"], kind["english"], kind["indonesian"], kind["colour"])
        for kind in entries
    )
    if len({kind.name for kind in kinds}) < len(kinds):
        raise ValueError("two of its kinds have one name")
    return kinds


def _threshold(kind: Mapping[str, Any]) -> float:
    threshold = float(kind["threshold"])
    if not 0 <= threshold <= 1:
        raise ValueError(f"the threshold {threshold:g} of {kind['name']} is not between 0 and 1")
    return threshold


def _coarsest_gsd_cm(kind: Mapping[str, Any]) -> float:
    coarsest_gsd_cm = float(kind["coarsest_gsd_cm"])
    if not coarsest_gsd_cm > 0:
        raise ValueError(f"coarsest_gsd_cm = {coarsest_gsd_cm:g} of {kind['name']} is not above 0")
    return coarsest_gsd_cm


def _interval(value: Any) -> tuple[float, float]:
    fine, coarse = value
    if not 0 < fine <= coarse:
        raise ValueError(f"gsd_cm = {value} is no interval")
    return float(fine), float(coarse)


def _view_count(value: Any) -> int:
    if value not in VIEW_COUNTS:
        raise ValueError(f"views = {value} is none of {', '.join(map(str, VIEW_COUNTS))}")
    return int(value)


def _toml_lines(model: ModelFolder) -> list[str]:
    head = {
        "name": model.name,
        "version": model.version,
        "architecture": model.architecture,
        "licence": model.licence,
        "input_px": model.input_px,
        "views": model.view_count,
    }
    if model.gsd_cm:
        head["gsd_cm"] = list(model.gsd_cm)
    lines = [*_entries(head), "", "[files]", *_entries(model.sha256)]
    for title, table in (("training", model.training), ("scores", model.scores)):
        if table:
            lines += ["", f"[{title}]", *_entries(table)]
    for kind in model.kinds:
        lines += ["", "[[kinds]]", *_entries(_kind_entry(model, kind))]
    return lines


def _kind_entry(model: ModelFolder, kind: Kind) -> dict[str, Any]:
    entry = vars(kind) | {"threshold": model.thresholds[kind.name]}
    if kind.name in model.coarsest_gsd_cm:
        entry["coarsest_gsd_cm"] = model.coarsest_gsd_cm[kind.name]
    return entry


def _entries(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_toml(value)}" for key, value in table.items()]


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def _toml(value: Any) -> str:
    """A value in TOML; JSON writes text, numbers, truth values and lists of them just so."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_entries(value)) + " }"
    return json.dumps(value, ensure_ascii=False)
