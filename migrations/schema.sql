-- What the database holds once every migration is applied. Each column says what it means; a test
-- keeps this file true.

-- Streams of events. `house` is the one everybody follows.
CREATE TABLE channels (
    name TEXT NOT NULL PRIMARY KEY, -- such as 'house'
    seq BIGINT NOT NULL,            -- number of the last event; the next is one more
    epoch TEXT NOT NULL             -- names one unbroken history; a restored backup begins another
);

-- Every announced change, for clients that were away. Kept for a week.
CREATE TABLE events (
    channel TEXT NOT NULL REFERENCES channels (name), -- the stream it belongs to
    seq BIGINT NOT NULL,       -- dense within the channel, in the order of commits
    type TEXT NOT NULL,        -- such as 'member.updated'
    entity_id TEXT NOT NULL,   -- what changed
    at BIGINT NOT NULL,        -- when
    data TEXT NOT NULL,        -- the whole new state, as JSON
    PRIMARY KEY (channel, seq)
);

-- The house. One row, or none before it is set up.
CREATE TABLE house (
    id TEXT NOT NULL PRIMARY KEY,      -- UUIDv7
    name TEXT NOT NULL,                -- what people call it
    language TEXT NOT NULL,            -- 'en' or 'de': what new members start with
    time_zone TEXT NOT NULL,           -- IANA name; days begin and end by it
    demo BOOLEAN NOT NULL,             -- the invented household
    version BIGINT NOT NULL DEFAULT 1, -- rises with every change
    created_at BIGINT NOT NULL         -- when it was set up
);

-- The people. Never deleted; those who left have revoked_at.
CREATE TABLE members (
    id TEXT NOT NULL PRIMARY KEY,          -- UUIDv7
    name TEXT NOT NULL,                    -- as they write it; they sign in with it
    name_key TEXT NOT NULL,                -- folded, so that two spellings are one name
    role TEXT NOT NULL,                    -- 'owner', 'member' or 'staff'
    language TEXT NOT NULL,                -- 'en' or 'de'
    theme TEXT NOT NULL DEFAULT 'system',  -- 'system', 'light' or 'dark'
    password TEXT NOT NULL,                -- argon2id, in the usual $-form
    joined_at BIGINT NOT NULL,             -- when they came
    last_seen_at BIGINT,                   -- when last, to a few minutes; empty before the first sign-in
    revoked_at BIGINT,                     -- when they left; empty while they belong
    version BIGINT NOT NULL DEFAULT 1      -- rises with every change
);
CREATE UNIQUE INDEX members_by_name ON members (name_key) WHERE revoked_at IS NULL;

-- Devices on which people are signed in.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,                     -- UUIDv7
    token_hash TEXT NOT NULL UNIQUE,                  -- SHA-256 of the cookie's secret
    member_id TEXT NOT NULL REFERENCES members (id),  -- who
    device TEXT NOT NULL,                             -- browser and machine, for recognition
    created_at BIGINT NOT NULL,                       -- when they signed in
    last_seen_at BIGINT NOT NULL,                     -- when last, to a few minutes
    expires_at BIGINT NOT NULL                        -- thirty days after that
);
CREATE INDEX sessions_by_member ON sessions (member_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- One-time links.
CREATE TABLE links (
    id TEXT NOT NULL PRIMARY KEY,             -- UUIDv7
    token_hash TEXT NOT NULL UNIQUE,          -- SHA-256 of what stands behind the '#'
    purpose TEXT NOT NULL,                    -- 'setup', 'invite', 'reset' or 'sign-in'
    role TEXT NOT NULL,                       -- what whoever joins by it becomes
    member_id TEXT REFERENCES members (id),   -- whom it lets in; empty for setup and invite
    created_by TEXT REFERENCES members (id),  -- who made it; empty when the hub did
    created_at BIGINT NOT NULL,               -- when it was made
    expires_at BIGINT NOT NULL,               -- until when it works
    used_at BIGINT                            -- when it was used; empty while it works
);
CREATE INDEX links_by_end ON links (expires_at);

-- Service tokens for scripts.
CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,     -- UUIDv7
    token_hash TEXT NOT NULL UNIQUE,  -- SHA-256 of the token
    name TEXT NOT NULL,               -- how its owner calls it, and revokes it
    created_at BIGINT NOT NULL,       -- when it was made
    last_seen_at BIGINT,              -- when last used, to a few minutes; empty before the first time
    revoked_at BIGINT                 -- when it was ended; empty while it works
);
CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked_at IS NULL;

-- Stations and screens. Never deleted; those that were sent off have revoked_at.
CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,              -- UUIDv7
    kind TEXT NOT NULL,                        -- 'station' or 'screen'
    name TEXT NOT NULL,                        -- as people call it
    place TEXT NOT NULL DEFAULT '',            -- where it is, in words; empty when nobody said
    device_key TEXT NOT NULL,                  -- what it calls itself, to be known when it pairs again
    token_hash TEXT UNIQUE,                    -- SHA-256 of its token; empty before it fetched one, and after
    program TEXT NOT NULL DEFAULT '',          -- version of its program, or its browser
    address TEXT NOT NULL DEFAULT '',          -- from where it was seen last
    online BOOLEAN NOT NULL,                   -- as it was last announced; follows from presence
    paired_by TEXT REFERENCES members (id),    -- who let it in
    paired_at BIGINT NOT NULL,                 -- when
    last_seen_at BIGINT,                       -- when last, to a few minutes; empty before it used its token
    revoked_by TEXT REFERENCES members (id),   -- who sent it off; empty when it went by itself or by command
    revoked_at BIGINT,                         -- when; empty while it belongs
    version BIGINT NOT NULL DEFAULT 1          -- rises with every change a person makes
);
CREATE UNIQUE INDEX devices_by_key ON devices (kind, device_key) WHERE revoked_at IS NULL;

-- Live sockets of devices, a lease each, whichever process holds them.
CREATE TABLE presence (
    socket TEXT NOT NULL PRIMARY KEY,                -- random, one for each connection
    device_id TEXT NOT NULL REFERENCES devices (id), -- whose
    until_at BIGINT NOT NULL                         -- end of the lease unless it is renewed
);
CREATE INDEX presence_by_device ON presence (device_id);

-- Requests of devices to be let in. Open for ten minutes, forgotten an hour later.
CREATE TABLE pairings (
    id TEXT NOT NULL PRIMARY KEY,             -- UUIDv7
    kind TEXT NOT NULL,                       -- 'station' or 'screen'
    device_key TEXT NOT NULL,                 -- what the device calls itself
    address TEXT NOT NULL,                    -- from where it asked
    name TEXT NOT NULL,                       -- what it proposes to be called; may be empty
    program TEXT NOT NULL,                    -- version of its program, or its browser
    code TEXT NOT NULL,                       -- six digits, for the eyes before the device
    secret_hash TEXT NOT NULL,                -- SHA-256 of what the device asks again with
    state TEXT NOT NULL,                      -- 'waiting', 'confirmed', 'refused' or 'expired'
    device_id TEXT REFERENCES devices (id),   -- what it became
    created_at BIGINT NOT NULL,               -- when it asked
    expires_at BIGINT NOT NULL                -- until when the code works, or the token can be fetched
);
CREATE UNIQUE INDEX pairings_by_code ON pairings (code) WHERE state = 'waiting';
CREATE INDEX pairings_by_end ON pairings (expires_at);

-- Wrong codes that were typed, to count them. Kept for as long as they count.
CREATE TABLE pairing_tries (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    actor TEXT NOT NULL,          -- who typed it, such as 'member:…'
    at BIGINT NOT NULL            -- when
);
CREATE INDEX pairing_tries_by_time ON pairing_tries (at);

-- Tickets that open one live socket each, within thirty seconds.
CREATE TABLE tickets (
    token_hash TEXT NOT NULL PRIMARY KEY,                          -- SHA-256 of the ticket
    session_id TEXT REFERENCES sessions (id) ON DELETE CASCADE,    -- whose, if a person's
    token_id TEXT REFERENCES tokens (id),                          -- whose, if a script's
    expires_at BIGINT NOT NULL,                                    -- until when it works
    device_id TEXT REFERENCES devices (id)                         -- whose, if a device's
);
CREATE INDEX tickets_by_end ON tickets (expires_at);
CREATE INDEX tickets_by_session ON tickets (session_id);
CREATE INDEX tickets_by_device ON tickets (device_id);

-- Answers to requests that carried an Idempotency-Key. Kept for a day.
CREATE TABLE idempotency (
    actor TEXT NOT NULL,        -- who asked, such as 'member:…'
    key_hash TEXT NOT NULL,     -- SHA-256 of the key
    fingerprint TEXT NOT NULL,  -- SHA-256 of method, path and body
    answer BYTEA NOT NULL,      -- the answer as JSON, masked with a stream made from the key
    at BIGINT NOT NULL,         -- when
    PRIMARY KEY (actor, key_hash)
);
CREATE INDEX idempotency_by_time ON idempotency (at);

-- Work to be done later. A row is deleted with the commit of its effect; what failed for good stays
-- until somebody decides about it.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,       -- UUIDv7
    kind TEXT NOT NULL,                 -- such as 'house.tidy'; decides who does it, and how often it is tried
    payload TEXT NOT NULL,              -- what the work needs to know, as JSON
    actor TEXT NOT NULL,                -- whose change asked for it, such as 'member:…' or 'system'
    request TEXT NOT NULL,              -- id of the request that asked for it; empty when none did
    enqueued_at BIGINT NOT NULL,        -- when it was asked for
    since_at BIGINT NOT NULL,           -- when it began to wait or to run; due_at counts from here
    due_at BIGINT NOT NULL,             -- from when on it may be taken: the end of a pause, or of a lease
    attempts BIGINT NOT NULL DEFAULT 0, -- how often it was begun; a graceful stop takes its one back
    holder TEXT,                        -- the process that is at it; empty while it waits
    failed_at BIGINT,                   -- when it was given up
    error_code TEXT,                    -- why the last attempt failed, as a word
    error TEXT                          -- and as a sentence
);
CREATE INDEX jobs_by_due ON jobs (kind, due_at, id) WHERE failed_at IS NULL;
CREATE INDEX jobs_by_holder ON jobs (holder) WHERE holder IS NOT NULL;
CREATE INDEX jobs_by_failure ON jobs (failed_at, id) WHERE failed_at IS NOT NULL;

-- When each recurring chore was last put among the jobs.
CREATE TABLE schedule (
    chore TEXT NOT NULL PRIMARY KEY, -- its name, from the program's own list
    last_at BIGINT NOT NULL          -- the moment it counts from; the next time follows from its rhythm
);

-- Pictures and documents that are kept. The same content is one file, however often it was sent.
CREATE TABLE media_files (
    digest TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of the kept bytes
    place TEXT NOT NULL,               -- where in the store: the digest and a word that no later file shares
    kind TEXT NOT NULL,                -- 'jpeg', 'png' or 'pdf'
    width BIGINT NOT NULL,             -- in pixels; 0 for a document
    height BIGINT NOT NULL,            -- in pixels; 0 for a document
    bytes BIGINT NOT NULL,             -- length of the kept bytes
    created_at BIGINT NOT NULL,        -- when it was first sent
    claimed BOOLEAN NOT NULL DEFAULT FALSE, -- whether it ever belonged to something: then backups may name it
    small_at BIGINT,                   -- when the small pictures of it were made; empty until they are
    unheld_at BIGINT                   -- since when nobody holds on to it; empty while somebody does
);
CREATE UNIQUE INDEX media_files_by_place ON media_files (place);
CREATE INDEX media_files_unheld ON media_files (unheld_at) WHERE unheld_at IS NOT NULL;

-- Who holds on to a file. What nobody claims within a day is let go.
CREATE TABLE media (
    id TEXT NOT NULL PRIMARY KEY,                         -- UUIDv7, in the address by which it is served
    digest TEXT NOT NULL REFERENCES media_files (digest), -- the file
    visibility TEXT NOT NULL,                             -- 'house': who belongs to it; 'public': anybody
    owner TEXT,                                           -- what it belongs to, such as 'product:…'; empty until claimed
    added_by TEXT NOT NULL,                               -- who sent it, such as 'member:…'
    created_at BIGINT NOT NULL                            -- when it was sent
);
CREATE INDEX media_by_file ON media (digest);
CREATE INDEX media_by_owner ON media (owner) WHERE owner IS NOT NULL;
CREATE INDEX media_unowned_by_time ON media (created_at) WHERE owner IS NULL;
CREATE INDEX media_unowned_by_sender ON media (added_by) WHERE owner IS NULL;
