"""Identities that derive from content: the same input gives the same id on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Container

# Crockford's base 32: no I, L, O, U, which people misread or misspell on the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHORTEST = 8
_DETECTION_HEX_DIGITS = 24


def detection_id(photo_id: str, model_sha256: str, settings: str, kind: str, outline_px: str) -> str:
    """The id of a detection: the same model and settings find it again in the same photo."""
    content = "\n".join((photo_id, model_sha256, settings, kind, outline_px))
    return hashlib.sha256(content.encode()).hexdigest()[:_DETECTION_HEX_DIGITS]


def defect_id(founding_detection: str, taken: Container[str]) -> str:
    """The id of a defect, say D-7K2M9QXA, from the detection that founded it.

    It is longer than eight characters only where a shorter one is already `taken`.
    """
    number = int.from_bytes(hashlib.sha256(founding_detection.encode()).digest(), "big")
    characters = "".join(_ALPHABET[(number >> 5 * place) & 31] for place in range(50))
    lengths = range(_SHORTEST, len(characters) + 1)
    candidates = (f"D-{characters[:length]}" for length in lengths)
    return next(candidate for candidate in candidates if candidate not in taken)
