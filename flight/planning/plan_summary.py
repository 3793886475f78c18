"""A plan's summary: the document of `plan.json`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flight.coverage.visibility import visibility
from flight.missions.remote_route import count_items
from flight.planning.plan import Plan, Sortie
from flight.planning.sortie_files import sortie_files
from pipeline.coverage.coverage_summary import proof_document
from pipeline.sites.site_reading import Site


def plan_summary(plan: Plan) -> dict[str, Any]:
    """The summary of a plan; distances in metres, times in seconds, shares from 0 to 1."""
    rules = plan.rules
    return {
        "format": "pantau plan",
        "version": 2,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "drone": plan.drone.name,
        "height_m": round(plan.height_m, 2),
        "gsd_cm": round(plan.gsd_m * 100, 3),
        "speed_ms": round(plan.speed_ms, 2),
        "photo": {
            "across_m": round(plan.swath.across_m, 2),
            "along_m": round(plan.swath.along_m, 2),
            "spacing_m": round(plan.swath.photo_spacing_m, 2),
            "pass_spacing_m": round(plan.swath.pass_spacing_m, 2),
        },
        "settings": _settings(plan),
        "kinds": _kinds(plan),
        "sites": [_site(plan, site) for site in plan.sites],
        "launches": [list(place) for place in dict.fromkeys((s.home.lat, s.home.lon) for s in plan.sorties)],
        "sorties": [_sortie(plan, sortie) for sortie in plan.sorties],
        "totals": {
            "sorties": len(plan.sorties),
            "passes": sum(len(sortie.passes) for sortie in plan.sorties),
            "distance_m": round(plan.distance_m, 1),
            "duration_s": round(plan.duration_s),
            "photos": plan.photo_count,
        },
        "lower_bound_m": round(plan.lower_bound_m, 1),
        "ratio": round(plan.distance_m / plan.lower_bound_m, 4),
        "search": {
            "seed": plan.search.seed,
            "iterations": plan.search.iterations,
            "seconds": round(plan.search.seconds, 2),
        },
        "surroundings": {
            "ground_known": plan.ground_known,
            "obstacles_known": plan.obstacles_known,
            "zones": [zone.name for zone in plan.zones],
        },
        "profile": rules.profile if rules else None,
        "violations": [asdict(violation) for violation in rules.violations] if rules else [],
        "notices": list(rules.notices) if rules else [],
        "checklist": [asdict(item) for item in rules.checklist] if rules else [],
        "proof": proof_document(plan.proof) if plan.proof else None,
        "warnings": list(plan.warnings),
        "remarks": list(plan.remarks),
    }


def _kinds(plan: Plan) -> dict[str, Any]:
    seen = visibility(plan.gsd_m)
    return {
        "shown": [entry.kind for entry in seen if entry.shown],
        "not_shown": [entry.kind for entry in seen if not entry.shown],
        "visible_from_mm": {entry.kind: round(entry.visible_from_m * 1000, 1) for entry in seen},
        "assumed": {entry.kind: entry.wanted for entry in seen},
    }


def _settings(plan: Plan) -> dict[str, Any]:
    settings = plan.settings
    return {
        "forward_overlap": settings.forward_overlap,
        "side_overlap": settings.side_overlap,
        "battery_reserve": settings.battery_reserve,
        "max_distance_m": settings.max_distance_m,
        "max_range_m": settings.max_range_m,
        "verge_margin_m": settings.verge_margin_m,
        "lateral_tolerance_m": settings.lateral_tolerance_m,
        "exposure_s": settings.exposure_s,
        "transit_height_m": plan.transit_height_m,
        "clearance_m": settings.clearance_m,
        "agl_tolerance_m": settings.agl_tolerance_m,
        "wind_ms": settings.wind_ms,
        "wind_from_deg": settings.wind_from_deg,
        "permits": list(settings.permits),
        "day": settings.day.isoformat() if settings.day else None,
    }


def _site(plan: Plan, site: Site) -> dict[str, Any]:
    passes = [flown for sortie in plan.sorties for flown in sortie.passes if flown.site == site.id]
    looks = plan.looks.get(site.id)
    return {
        "id": site.id,
        "name": site.name,
        "kind": site.kind,
        "passes": len(passes),
        "length_m": round(sum(flown.length_m for flown in passes), 1),
        "photos": sum(len(flown.photos) for flown in passes),
        "covered": round(plan.covered[site.id], 4),
        "looks": asdict(looks) if looks else None,
    }


def _sortie(plan: Plan, sortie: Sortie) -> dict[str, Any]:
    battery_s = plan.drone.endurance_min * 60
    return {
        "number": sortie.number,
        "files": sortie_files(plan.drone, sortie),
        "launch": [sortie.home.lat, sortie.home.lon],
        "passes": [flown.id for flown in sortie.passes],
        "distance_m": round(sortie.distance_m, 1),
        "duration_s": round(sortie.duration_s),
        "battery_used": round(sortie.duration_s / battery_s, 3),
        "photos": sortie.photo_count,
        "items": count_items(plan, sortie),
        "highest_m": round(max(place.alt_m for leg in sortie.legs() for place in leg.waypoints), 1),
        "return_height_m": round(sortie.return_height_m, 1),
    }
