-- Stations and screens: how they are let in, whether they are there.

CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    device_key TEXT NOT NULL,
    token_hash TEXT UNIQUE,
    program TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    online BOOLEAN NOT NULL,
    paired_by TEXT REFERENCES members (id),
    paired_at BIGINT NOT NULL,
    last_seen_at BIGINT,
    revoked_by TEXT REFERENCES members (id),
    revoked_at BIGINT,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX devices_by_key ON devices (kind, device_key) WHERE revoked_at IS NULL;

CREATE TABLE presence (
    socket TEXT NOT NULL PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES devices (id),
    until_at BIGINT NOT NULL
);
CREATE INDEX presence_by_device ON presence (device_id);

CREATE TABLE pairings (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    device_key TEXT NOT NULL,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    program TEXT NOT NULL,
    code TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    state TEXT NOT NULL,
    device_id TEXT REFERENCES devices (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX pairings_by_code ON pairings (code) WHERE state = 'waiting';
CREATE INDEX pairings_by_end ON pairings (expires_at);

CREATE TABLE pairing_tries (
    id TEXT NOT NULL PRIMARY KEY,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX pairing_tries_by_time ON pairing_tries (at);

ALTER TABLE tickets ADD COLUMN device_id TEXT REFERENCES devices (id);
CREATE INDEX tickets_by_device ON tickets (device_id);
