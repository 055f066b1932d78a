-- What scans met at their station, and how shops write their own labels. schema.sql says what each column means.

ALTER TABLE scans ADD COLUMN stood TEXT NOT NULL DEFAULT '';
ALTER TABLE scans ADD COLUMN about TEXT;
CREATE INDEX scans_about ON scans (about) WHERE about IS NOT NULL;

ALTER TABLE stations ADD COLUMN thing_id TEXT;
ALTER TABLE stations ADD COLUMN thing_at BIGINT;
ALTER TABLE stations ADD COLUMN turned_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stations ADD COLUMN turned_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stations ADD COLUMN turned_by TEXT NOT NULL DEFAULT '';

CREATE TABLE turns (
    id TEXT NOT NULL PRIMARY KEY,
    station TEXT NOT NULL,
    seq BIGINT NOT NULL,
    stood TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX turns_by_station ON turns (station, happened_at, seq, id);

CREATE TABLE shop_patterns (
    id TEXT NOT NULL PRIMARY KEY,
    shop TEXT NOT NULL,
    shop_key TEXT NOT NULL,
    prefix TEXT NOT NULL,
    says TEXT NOT NULL,
    digits BIGINT NOT NULL,
    decimals BIGINT NOT NULL,
    checked BOOLEAN NOT NULL,
    currency TEXT NOT NULL DEFAULT '',
    taught_by TEXT NOT NULL,
    taught_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX shop_patterns_by_shop ON shop_patterns (shop_key, prefix);
CREATE INDEX shop_patterns_by_prefix ON shop_patterns (prefix);
