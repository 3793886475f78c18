"""Scores findings against the truth of a simulated district."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import shapely
from shapely import Point

from flight.simulator.truth import TrueDamage
from vision.frames import LocalFrame

# A finding this near to a damage can mean it, whatever uncertainty it claims.
LEAST_REACH_M = 2.5
_SIGMAS = 3.0


@dataclass(frozen=True)
class Finding:
    """What was found: a kind at a place, with its 1-σ uncertainty and the detector's score."""

    kind: str
    lat: float
    lon: float
    sigma_m: float
    score: float


@dataclass(frozen=True)
class KindScore:
    """Counts for one kind. `there` = `found` + `found_other_kind` + `missed`.

    `false` are findings of this kind that match no damage; `reported_for_other` are findings of
    this kind where damage of another kind is.
    """

    there: int = 0
    found: int = 0
    found_other_kind: int = 0
    missed: int = 0
    false: int = 0
    reported_for_other: int = 0


@dataclass(frozen=True)
class Match:
    """A finding (by its index) matched to a damage; distances in metres."""

    finding: int
    damage: str
    true_kind: str
    found_kind: str
    to_shape_m: float
    to_centre_m: float


@dataclass(frozen=True)
class Score:
    """The outcome. `not_photographed` damages count neither as found nor as missed.

    Position errors are distances of the matched findings from the damages' shapes (0 inside), and
    from their centres; None without any match.
    """

    kinds: dict[str, KindScore]
    matches: tuple[Match, ...]
    not_photographed: int

    @property
    def total(self) -> KindScore:
        """The counts of all kinds together."""
        rows = [tuple(asdict(kind).values()) for kind in self.kinds.values()]
        return KindScore(*(sum(column) for column in zip(*rows, strict=True))) if rows else KindScore()

    def error_m(self, percentile: float, to: str = "shape") -> float | None:
        """A percentile of the position errors to the "shape" or to the "centre"."""
        errors = [match.to_shape_m if to == "shape" else match.to_centre_m for match in self.matches]
        return round(float(np.percentile(errors, percentile)), 3) if errors else None

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "total": asdict(self.total),
            "kinds": {kind: asdict(counts) for kind, counts in self.kinds.items()},
            "not_photographed": self.not_photographed,
            "position_error_m": {
                f"to_{to}": {"median": self.error_m(50, to), "p90": self.error_m(90, to)}
                for to in ("shape", "centre")
            },
            "matches": [asdict(match) for match in self.matches],
        }

    def as_table(self) -> str:
        """A text table with a line per kind."""
        head = f"{'kind':<20}{'there':>7}{'found':>7}{'as other':>10}{'missed':>8}{'false':>7}"
        lines = [head, "-" * len(head)]
        for name, row in [*self.kinds.items(), ("all", self.total)]:
            lines.append(
                f"{name:<20}{row.there:>7}{row.found:>7}{row.found_other_kind:>10}"
                f"{row.missed:>8}{row.false:>7}"
            )
        if self.matches:
            lines.append(
                f"position error: median {self.error_m(50):.2f} m, 90th percentile {self.error_m(90):.2f} m "
                f"(to the centre: {self.error_m(50, 'centre'):.2f} m, {self.error_m(90, 'centre'):.2f} m)"
            )
        if self.not_photographed:
            lines.append(f"not photographed, not counted: {self.not_photographed}")
        return "\n".join(lines)


def score_findings(
    truth: Sequence[TrueDamage],
    found: Sequence[Finding],
    photographed: Collection[str] | None = None,
) -> Score:
    """Match findings to damages, one to one, and count.

    A finding can match a damage when it lies within max(2.5 m, 3 σ) of the damage's shape. Of the
    possible pairs the ones of the same kind come first, then the rest, each by distance: greedy,
    which equals the best assignment as long as damages lie farther apart than findings reach.
    `photographed` are the ids of damages that photos show (None: all). A finding that matches a
    damage which no photo counts as showing is neither right nor false.
    """
    if not truth:
        return Score(_count((), found, (), set()), (), 0)
    west, south, east, north = shapely.total_bounds([damage.geometry for damage in truth])
    frame = LocalFrame(float(south + north) / 2, float(west + east) / 2)
    matches = _match(truth, found, frame)
    seen = {damage.id for damage in truth if photographed is None or damage.id in photographed}
    kinds = _count([damage for damage in truth if damage.id in seen], found, matches, seen)
    counted = tuple(match for match in matches if match.damage in seen)
    return Score(kinds, counted, len(truth) - len(seen))


def _match(truth: Sequence[TrueDamage], found: Sequence[Finding], frame: LocalFrame) -> tuple[Match, ...]:
    shapes = frame.shapes_to_metres([damage.geometry for damage in truth])
    pairs = []
    for number, finding in enumerate(found):
        place = Point(frame.to_metres(finding.lat, finding.lon)[0])
        reach = max(LEAST_REACH_M, _SIGMAS * finding.sigma_m)
        for damage, geometry in zip(truth, shapes, strict=True):
            distance = float(geometry.distance(place))
            if distance <= reach:
                centre = float(geometry.centroid.distance(place))
                match = Match(number, damage.id, damage.kind, finding.kind, distance, centre)
                pairs.append((finding.kind != damage.kind, distance, centre, number, damage.id, match))
    matched: list[Match] = []
    used_findings: set[int] = set()
    used_damages: set[str] = set()
    for *_, match in sorted(pairs, key=lambda pair: pair[:-1]):
        if match.finding not in used_findings and match.damage not in used_damages:
            used_findings.add(match.finding)
            used_damages.add(match.damage)
            matched.append(match)
    return tuple(matched)


def _count(
    truth: Sequence[TrueDamage], found: Sequence[Finding], matches: Sequence[Match], seen: Collection[str]
) -> dict[str, KindScore]:
    of_finding = {match.finding for match in matches}
    counted = [match for match in matches if match.damage in seen]
    kinds = list(dict.fromkeys([*sorted({d.kind for d in truth}), *sorted({f.kind for f in found})]))
    scores = {}
    for kind in kinds:
        there = sum(damage.kind == kind for damage in truth)
        right = sum(match.true_kind == kind == match.found_kind for match in counted)
        other = sum(match.true_kind == kind != match.found_kind for match in counted)
        scores[kind] = KindScore(
            there=there,
            found=right,
            found_other_kind=other,
            missed=there - right - other,
            false=sum(f.kind == kind and n not in of_finding for n, f in enumerate(found)),
            reported_for_other=sum(match.found_kind == kind != match.true_kind for match in counted),
        )
    return scores
