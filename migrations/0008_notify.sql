-- Notifications: who wants to hear of what and where, what waits to be told, and how far the events were read.
-- schema.sql says what each column means.

CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    kinds TEXT NOT NULL,
    paused BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE wishes (
    member_id TEXT NOT NULL PRIMARY KEY REFERENCES members (id),
    mail TEXT,
    digest_at TEXT NOT NULL,
    quiet_from TEXT,
    quiet_until TEXT,
    choices TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE notices (
    member_id TEXT NOT NULL REFERENCES members (id),
    topic TEXT NOT NULL,
    fold TEXT NOT NULL,
    facts TEXT NOT NULL,
    at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (member_id, topic, fold)
);
CREATE INDEX notices_by_due ON notices (due_at, member_id);
CREATE INDEX notices_by_fold ON notices (topic, fold);

CREATE TABLE followed (
    channel TEXT NOT NULL PRIMARY KEY,
    epoch TEXT NOT NULL,
    seq BIGINT NOT NULL
);

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until_at BIGINT NOT NULL
);
