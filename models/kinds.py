"""The kinds of damage that the shipped road detector knows, and the signs of neglect beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of damage: its name in the register, its codes and its names for people."""

    name: str
    rdd_code: str
    english: str
    indonesian: str
    colour: str


ROAD_KINDS = (
    Kind("longitudinal_crack", "D00", "longitudinal crack", "retak memanjang", "#f2a900"),
    Kind("transverse_crack", "D10", "transverse crack", "retak melintang", "#e2571e"),
    Kind("alligator_crack", "D20", "alligator crack", "retak kulit buaya", "#b0116b"),
    Kind("pothole", "D40", "pothole", "lubang", "#c8102e"),
    Kind("repair", "Repair", "repair", "tambalan", "#2f6db5"),
)

# What `vision.surface` finds on paved ground by colour, with no model.
NEGLECT_KINDS = (Kind("vegetation", "", "vegetation on paving", "vegetasi liar", "#3f7d20"),)


def kind_for_label(label: str) -> Kind:
    """The kind that a label of a data set or of foreign weights means.

    RDD codes and our own names are known; any other label becomes a kind of its own, in grey.
    """
    for kind in (*ROAD_KINDS, *NEGLECT_KINDS):
        if label and label in (kind.rdd_code, kind.name):
            return kind
    return Kind(label, "", label, label, "#6b6b6b")


def labels_of(kinds: Iterable[Kind]) -> dict[str, str]:
    """Map every label that means one of these kinds (its names, its RDD code) to the kind's name."""
    return {
        label: kind.name
        for kind in kinds
        for label in (kind.name, kind.rdd_code, kind.english, kind.indonesian)
        if label
    }
