-- What catalogues know of products: answers that were given, how often may be asked, and imports.
-- schema.sql says what each column means.

CREATE TABLE catalogue_answers (
    gtin TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    source TEXT NOT NULL DEFAULT '',
    facts TEXT NOT NULL DEFAULT '{}',
    off_data TEXT,
    picture TEXT REFERENCES media (id),
    tries BIGINT NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    asked_at BIGINT NOT NULL,
    answered_at BIGINT,
    next_at BIGINT NOT NULL
);
CREATE INDEX catalogue_answers_by_state ON catalogue_answers (state, next_at);

CREATE TABLE catalogue_pace (
    service TEXT NOT NULL PRIMARY KEY,
    free_at BIGINT NOT NULL,
    rests_until BIGINT NOT NULL DEFAULT 0,
    failures BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE catalogue_imports (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    languages TEXT NOT NULL,
    countries TEXT NOT NULL,
    percent BIGINT NOT NULL DEFAULT 0,
    read_rows BIGINT NOT NULL DEFAULT 0,
    kept BIGINT NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    begun_at BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    ended_at BIGINT
);
