-- The calendar of dates. schema.sql says what each column means.

CREATE TABLE calendar_keys (
    member_id TEXT NOT NULL PRIMARY KEY REFERENCES members (id),
    key_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
