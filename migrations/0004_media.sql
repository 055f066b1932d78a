-- Pictures and documents: the files that are kept, and who holds on to them.
-- schema.sql says what each column means.

CREATE TABLE media_files (
    digest TEXT NOT NULL PRIMARY KEY,
    place TEXT NOT NULL,
    kind TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    claimed BOOLEAN NOT NULL DEFAULT FALSE,
    small_at BIGINT,
    unheld_at BIGINT
);
CREATE UNIQUE INDEX media_files_by_place ON media_files (place);
CREATE INDEX media_files_unheld ON media_files (unheld_at) WHERE unheld_at IS NOT NULL;

CREATE TABLE media (
    id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL REFERENCES media_files (digest),
    visibility TEXT NOT NULL,
    owner TEXT,
    added_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX media_by_file ON media (digest);
CREATE INDEX media_by_owner ON media (owner) WHERE owner IS NOT NULL;
CREATE INDEX media_unowned_by_time ON media (created_at) WHERE owner IS NULL;
CREATE INDEX media_unowned_by_sender ON media (added_by) WHERE owner IS NULL;
