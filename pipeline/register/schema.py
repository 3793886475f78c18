"""The tables of the register, as ordered migrations.

A migration that has landed never changes; a new one is appended.
"""

from __future__ import annotations

APPLICATION_ID = 0x50414E54  # "PANT": tells a register from any other SQLite file

_FIRST_TABLES = """
CREATE TABLE surveys (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    plan TEXT
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    survey INTEGER NOT NULL REFERENCES surveys(id),
    model TEXT NOT NULL,
    model_sha256 TEXT NOT NULL,
    settings TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted')),
    started_at TEXT NOT NULL,
    ended_at TEXT
);
CREATE TABLE photos (
    id TEXT PRIMARY KEY,
    survey INTEGER NOT NULL REFERENCES surveys(id),
    run INTEGER REFERENCES runs(id),
    path TEXT NOT NULL,
    taken_at TEXT,
    lat REAL, lon REAL, alt_agl_m REAL, yaw_deg REAL, pitch_deg REAL, roll_deg REAL,
    sigma_position_m REAL,
    camera TEXT,
    width_px INTEGER, height_px INTEGER,
    gsd_cm REAL,
    footprint TEXT,
    status TEXT NOT NULL CHECK (status IN ('used', 'rejected')),
    reason TEXT,
    detail TEXT,
    remarks TEXT NOT NULL DEFAULT '[]',
    CHECK (status = 'rejected' OR run IS NOT NULL)
);
CREATE INDEX photos_survey ON photos(survey);
CREATE TABLE detections (
    id TEXT PRIMARY KEY,
    photo TEXT NOT NULL REFERENCES photos(id),
    run INTEGER NOT NULL REFERENCES runs(id),
    outline_px TEXT NOT NULL,
    kind TEXT NOT NULL,
    score REAL NOT NULL
);
CREATE INDEX detections_photo ON detections(photo);
CREATE TABLE defects (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high')),
    priority REAL NOT NULL,
    status TEXT NOT NULL,
    duplicate_of TEXT REFERENCES defects(id),
    assignee TEXT,
    lat REAL NOT NULL, lon REAL NOT NULL,
    sigma_m REAL NOT NULL,
    length_m REAL NOT NULL, width_m REAL NOT NULL, area_m2 REAL NOT NULL,
    score REAL NOT NULL,
    observation_count INTEGER NOT NULL,
    photo_count INTEGER,
    first_seen TEXT, last_seen TEXT,
    site TEXT REFERENCES sites(id), station_m REAL
);
CREATE TABLE observations (
    detection TEXT PRIMARY KEY REFERENCES detections(id),
    defect TEXT REFERENCES defects(id),
    kind TEXT NOT NULL,
    score REAL NOT NULL,
    lat REAL NOT NULL, lon REAL NOT NULL,
    sigma_m REAL NOT NULL,
    sigma_major_m REAL NOT NULL, sigma_minor_m REAL NOT NULL, sigma_azimuth_deg REAL NOT NULL,
    length_m REAL NOT NULL, width_m REAL NOT NULL, area_m2 REAL NOT NULL,
    footprint TEXT NOT NULL
);
CREATE INDEX observations_defect ON observations(defect);
CREATE INDEX observations_place ON observations(lat, lon);
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    old TEXT, new TEXT,
    note TEXT
);
CREATE INDEX events_subject ON events(subject);
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TABLE sites (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('road', 'facility')),
    width_m REAL, height_m REAL,
    paved INTEGER NOT NULL CHECK (paved IN (0, 1)),
    geometry TEXT NOT NULL
);
CREATE TABLE segments (
    id TEXT PRIMARY KEY,
    site TEXT NOT NULL REFERENCES sites(id),
    start_m REAL NOT NULL, end_m REAL NOT NULL,
    survey INTEGER REFERENCES surveys(id),
    condition_low REAL, condition_high REAL, class TEXT
);
CREATE TABLE coverage (
    survey INTEGER NOT NULL REFERENCES surveys(id),
    site TEXT NOT NULL REFERENCES sites(id),
    covered_m REAL NOT NULL, total_m REAL NOT NULL, gaps TEXT,
    PRIMARY KEY (survey, site)
);
CREATE TABLE proposals (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open', created_at TEXT NOT NULL
);
CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL, lat REAL, lon REAL, description TEXT,
    requested_at TEXT, status TEXT, defect TEXT REFERENCES defects(id)
);
"""

# Areas: a facility has no length. Looks: how many photos show the places of a site.
_COVERAGE_AREAS = """
ALTER TABLE coverage ADD COLUMN covered_m2 REAL NOT NULL DEFAULT 0;
ALTER TABLE coverage ADD COLUMN total_m2 REAL NOT NULL DEFAULT 0;
ALTER TABLE coverage ADD COLUMN looks_fewest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE coverage ADD COLUMN looks_median REAL NOT NULL DEFAULT 0;
"""

# Sizes of the damage itself, where its pixels show them: NULL is not measurable. `outlined` says that the
# outline is the damage's own; before, all outlines were boxes.
_DAMAGE_WIDTHS = """
ALTER TABLE observations ADD COLUMN outlined INTEGER NOT NULL DEFAULT 0 CHECK (outlined IN (0, 1));
ALTER TABLE observations ADD COLUMN crack_length_m REAL;
ALTER TABLE observations ADD COLUMN crack_width_m REAL;
ALTER TABLE observations ADD COLUMN diameter_m REAL;
ALTER TABLE defects ADD COLUMN outlined INTEGER NOT NULL DEFAULT 0 CHECK (outlined IN (0, 1));
ALTER TABLE defects ADD COLUMN crack_length_m REAL;
ALTER TABLE defects ADD COLUMN crack_width_m REAL;
ALTER TABLE defects ADD COLUMN diameter_m REAL;
"""

# What surveys show of neglect, merged on the ground: `least` where all photos of a place agree, `most`
# where any photo has it.
_SITE_CONDITIONS = """
CREATE TABLE site_conditions (
    survey INTEGER NOT NULL REFERENCES surveys(id),
    site TEXT NOT NULL REFERENCES sites(id),
    photos INTEGER NOT NULL,
    paved_seen_m2 REAL NOT NULL,
    vegetation_m2 REAL NOT NULL, vegetation_least_m2 REAL NOT NULL, vegetation_most_m2 REAL NOT NULL,
    PRIMARY KEY (survey, site)
);
"""

# Which flight a photo shares its errors with, and what 1 σ of each of them moves an observation, metres east
# and north (see `pipeline.geotagging.ground_error.shared_factors`). NULL: entered before. Defects get their
# ellipse when they are seen again.
_SHARED_ERRORS = """
ALTER TABLE photos ADD COLUMN flight TEXT;
ALTER TABLE observations ADD COLUMN shared_m TEXT;
ALTER TABLE defects ADD COLUMN sigma_major_m REAL;
ALTER TABLE defects ADD COLUMN sigma_minor_m REAL;
ALTER TABLE defects ADD COLUMN sigma_azimuth_deg REAL;
"""

# For which sites (their keys, see `pipeline.coverage.sites_read`) a photo was looked at. NULL: entered
# before, which counts as looked at for all.
_SITES_READ = """
ALTER TABLE photos ADD COLUMN read_for TEXT;
"""

MIGRATIONS: tuple[tuple[str, str], ...] = (
    ("0001_first_tables", _FIRST_TABLES),
    ("0002_coverage_areas", _COVERAGE_AREAS),
    ("0003_damage_widths", _DAMAGE_WIDTHS),
    ("0004_site_conditions", _SITE_CONDITIONS),
    ("0005_shared_errors", _SHARED_ERRORS),
    ("0006_sites_read", _SITES_READ),
)
