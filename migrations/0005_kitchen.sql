-- The kitchen: what there is, where it is, and everything that ever happened to it.
-- schema.sql says what each column means.

CREATE TABLE places (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    position BIGINT NOT NULL,
    archived_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX places_by_name ON places (name_key) WHERE archived_at IS NULL;

CREATE TABLE categories (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    archived_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX categories_by_name ON categories (name_key) WHERE archived_at IS NULL;

CREATE TABLE products (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    brand TEXT NOT NULL DEFAULT '',
    search_key TEXT NOT NULL,
    state TEXT NOT NULL,
    merged_into TEXT REFERENCES products (id),
    category_id TEXT REFERENCES categories (id),
    place_id TEXT REFERENCES places (id),
    base_unit TEXT NOT NULL,
    pack_size BIGINT NOT NULL,
    minimum BIGINT NOT NULL DEFAULT 0,
    due_kind TEXT NOT NULL,
    shelf_days BIGINT,
    opened_days BIGINT,
    frozen_days BIGINT,
    thawed_days BIGINT,
    picture TEXT REFERENCES media (id),
    facts TEXT NOT NULL DEFAULT '{}',
    off_data TEXT,
    source TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX products_by_name ON products (search_key, id) WHERE state = 'active';
CREATE INDEX products_waiting ON products (created_at, id) WHERE state = 'unknown';
CREATE INDEX products_by_change ON products (changed_at, id);
CREATE INDEX products_merged ON products (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX products_by_place ON products (place_id) WHERE place_id IS NOT NULL;
CREATE INDEX products_by_picture ON products (picture) WHERE picture IS NOT NULL;
CREATE INDEX products_by_category ON products (category_id) WHERE category_id IS NOT NULL;

CREATE TABLE product_units (
    product_id TEXT NOT NULL REFERENCES products (id),
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    num BIGINT NOT NULL,
    den BIGINT NOT NULL,
    PRIMARY KEY (product_id, name_key)
);

CREATE TABLE units (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    base_unit TEXT NOT NULL,
    num BIGINT NOT NULL,
    den BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE codes (
    code TEXT NOT NULL,
    product_id TEXT NOT NULL REFERENCES products (id),
    amount BIGINT,
    note TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    PRIMARY KEY (code, product_id)
);
CREATE INDEX codes_by_product ON codes (product_id);

CREATE TABLE acts (
    id TEXT NOT NULL PRIMARY KEY,
    group_id TEXT NOT NULL,
    product_id TEXT NOT NULL REFERENCES products (id),
    kind TEXT NOT NULL,
    intent TEXT NOT NULL,
    effects TEXT NOT NULL,
    short BIGINT NOT NULL DEFAULT 0,
    happened_at BIGINT NOT NULL,
    station TEXT NOT NULL DEFAULT '',
    seq BIGINT NOT NULL DEFAULT 0,
    undone_by TEXT,
    actor TEXT NOT NULL,
    person_id TEXT REFERENCES members (id),
    scan_id TEXT,
    said_amount BIGINT,
    said_unit TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    recorded_at BIGINT NOT NULL
);
CREATE INDEX acts_by_product ON acts (product_id, happened_at, station, seq, id);
CREATE INDEX acts_by_group ON acts (group_id);
CREATE INDEX acts_by_person ON acts (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX acts_by_scan ON acts (scan_id) WHERE scan_id IS NOT NULL;

CREATE TABLE lots (
    id TEXT NOT NULL PRIMARY KEY,
    product_id TEXT NOT NULL REFERENCES products (id),
    origin_id TEXT NOT NULL,
    place_id TEXT NOT NULL REFERENCES places (id),
    quantity BIGINT NOT NULL,
    due_on TEXT,
    due_kind TEXT NOT NULL,
    due_estimated BOOLEAN NOT NULL,
    batch TEXT NOT NULL DEFAULT '',
    serial TEXT NOT NULL DEFAULT '',
    price BIGINT,
    currency TEXT NOT NULL DEFAULT '',
    priced_amount BIGINT,
    opened_at BIGINT,
    frozen BOOLEAN NOT NULL,
    received_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX lots_by_product ON lots (product_id, id);
CREATE INDEX lots_there_by_product ON lots (product_id, id) WHERE quantity > 0;
CREATE INDEX lots_there_by_place ON lots (place_id, product_id, id) WHERE quantity > 0;
CREATE INDEX lots_by_place ON lots (place_id);
CREATE INDEX lots_there_by_due ON lots (due_on, id) WHERE quantity > 0 AND due_on IS NOT NULL;
CREATE INDEX lots_by_batch ON lots (batch) WHERE batch <> '';

CREATE TABLE movements (
    id TEXT NOT NULL PRIMARY KEY,
    act_id TEXT NOT NULL REFERENCES acts (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    place_id TEXT NOT NULL REFERENCES places (id),
    kind TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    total BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX movements_by_product ON movements (product_id, id);
CREATE INDEX movements_by_lot ON movements (lot_id, id);
CREATE INDEX movements_by_place ON movements (place_id, id);
CREATE INDEX movements_by_act ON movements (act_id, id);

CREATE TABLE levels (
    product_id TEXT NOT NULL PRIMARY KEY REFERENCES products (id),
    quantity BIGINT NOT NULL,
    opened BIGINT NOT NULL,
    lots BIGINT NOT NULL,
    due_on TEXT,
    minimum BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX levels_there ON levels (product_id) WHERE quantity > 0;
CREATE INDEX levels_missing ON levels (product_id) WHERE quantity < minimum;
CREATE INDEX levels_by_change ON levels (changed_at, product_id);

CREATE TABLE questions (
    id TEXT NOT NULL PRIMARY KEY,
    product_id TEXT NOT NULL REFERENCES products (id),
    act_id TEXT NOT NULL UNIQUE REFERENCES acts (id),
    quantity BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    answer TEXT NOT NULL DEFAULT '',
    answered_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX questions_open ON questions (opened_at, id) WHERE closed_at IS NULL;
CREATE INDEX questions_by_product ON questions (product_id);

CREATE TABLE scans (
    id TEXT NOT NULL PRIMARY KEY,
    station TEXT NOT NULL,
    boot TEXT NOT NULL DEFAULT '',
    seq BIGINT NOT NULL DEFAULT 0,
    code TEXT NOT NULL,
    said TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status TEXT NOT NULL,
    outcome TEXT NOT NULL,
    product_id TEXT REFERENCES products (id),
    act_id TEXT,
    undoes TEXT,
    happened_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX scans_by_station ON scans (station, happened_at, seq, id);
CREATE INDEX scans_by_product ON scans (product_id, happened_at) WHERE product_id IS NOT NULL;
CREATE INDEX scans_undoing ON scans (undoes) WHERE undoes IS NOT NULL;

CREATE TABLE stations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    mode TEXT NOT NULL,
    person_id TEXT REFERENCES members (id),
    place_id TEXT REFERENCES places (id),
    usual_mode TEXT NOT NULL,
    usual_place_id TEXT REFERENCES places (id),
    back_after_seconds BIGINT NOT NULL,
    set_at BIGINT NOT NULL,
    until_at BIGINT,
    quantity BIGINT,
    queued BIGINT NOT NULL DEFAULT 0,
    last_scan_id TEXT,
    last_scan_at BIGINT,
    version BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE stocktakes (
    id TEXT NOT NULL PRIMARY KEY,
    place_id TEXT NOT NULL REFERENCES places (id),
    state TEXT NOT NULL,
    begun_by TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    ended_at BIGINT,
    group_id TEXT,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX stocktakes_open ON stocktakes (begun_at, id) WHERE ended_at IS NULL;

CREATE TABLE stocktake_lines (
    stocktake_id TEXT NOT NULL REFERENCES stocktakes (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    quantity BIGINT NOT NULL,
    PRIMARY KEY (stocktake_id, product_id)
);
