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
    created_at BIGINT NOT NULL,        -- when it was set up
    warning_days BIGINT NOT NULL DEFAULT 3 -- what lasts no longer than so many days more is due soon
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
    last_at BIGINT NOT NULL          -- that moment; before the first time, when counting began, with a minus
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

-- Where things are kept.
CREATE TABLE places (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    name TEXT NOT NULL, -- what people call it
    name_key TEXT NOT NULL, -- the same in small letters; unique among those in use
    kind TEXT NOT NULL, -- 'pantry', 'fridge', 'freezer' or 'other'
    position BIGINT NOT NULL, -- order in which places are shown
    archived_at BIGINT, -- since when it is not used any more
    created_at BIGINT NOT NULL, -- when it was made
    version BIGINT NOT NULL DEFAULT 1 -- counts changes
);
CREATE UNIQUE INDEX places_by_name ON places (name_key) WHERE archived_at IS NULL;

-- Kinds of products; in a shop, the aisles in the order of one's way.
CREATE TABLE categories (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    name TEXT NOT NULL, -- what people call it
    name_key TEXT NOT NULL, -- the same in small letters; unique among those in use
    position BIGINT NOT NULL, -- order of the aisles
    archived_at BIGINT, -- since when it is not used any more
    created_at BIGINT NOT NULL, -- when it was made
    version BIGINT NOT NULL DEFAULT 1, -- counts changes
    warning_days BIGINT -- what lasts so many days more is due soon; empty for as many as the house says
);
CREATE UNIQUE INDEX categories_by_name ON categories (name_key) WHERE archived_at IS NULL;

-- What a house knows of a product.
CREATE TABLE products (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    name TEXT NOT NULL, -- what people call it; of an unknown one, its code
    brand TEXT NOT NULL DEFAULT '', -- who makes it; empty when nobody said
    search_key TEXT NOT NULL, -- name and brand, folded for searching
    state TEXT NOT NULL, -- 'active', 'unknown' (waits in the inbox), 'archived' or 'merged'
    merged_into TEXT REFERENCES products (id), -- the product that it became a part of
    category_id TEXT REFERENCES categories (id), -- its kind
    place_id TEXT REFERENCES places (id), -- where it is usually kept
    base_unit TEXT NOT NULL, -- 'piece', 'g' or 'ml'; all amounts are thousandths of it
    pack_size BIGINT NOT NULL, -- what one scan of its code stands for
    minimum BIGINT NOT NULL DEFAULT 0, -- below this it belongs on the shopping list; 0 for never
    due_kind TEXT NOT NULL, -- 'best-before' or 'use-by': what its dates mean
    shelf_days BIGINT, -- how long it lasts closed; empty when it does not spoil
    opened_days BIGINT, -- how long it lasts opened
    frozen_days BIGINT, -- how long it lasts frozen
    thawed_days BIGINT, -- how long it lasts thawed
    picture TEXT REFERENCES media (id), -- what it looks like
    facts TEXT NOT NULL DEFAULT '{}', -- allergens, nutrition and the like, as JSON
    off_data TEXT, -- what the catalogue answered, as JSON
    source TEXT NOT NULL DEFAULT '', -- where its facts come from; empty for a person
    note TEXT NOT NULL DEFAULT '', -- what else there is to say
    created_at BIGINT NOT NULL, -- when it was first seen
    changed_at BIGINT NOT NULL, -- when it was last changed
    version BIGINT NOT NULL DEFAULT 1 -- counts changes
);
CREATE INDEX products_by_name ON products (search_key, id) WHERE state = 'active';
CREATE INDEX products_waiting ON products (created_at, id) WHERE state = 'unknown';
CREATE INDEX products_by_change ON products (changed_at, id);
CREATE INDEX products_merged ON products (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX products_by_place ON products (place_id) WHERE place_id IS NOT NULL;
CREATE INDEX products_by_picture ON products (picture) WHERE picture IS NOT NULL;
CREATE INDEX products_by_category ON products (category_id) WHERE category_id IS NOT NULL;
CREATE INDEX products_aside ON products (state, search_key, id) WHERE state <> 'active';

-- The words that a product is found by.
CREATE TABLE product_words (
    word TEXT NOT NULL, -- a word of name or brand, folded
    product_id TEXT NOT NULL REFERENCES products (id), -- the product
    PRIMARY KEY (word, product_id)
);
CREATE INDEX product_words_by_product ON product_words (product_id);

-- Each of those words once, for searches by its end.
CREATE TABLE search_words (
    word TEXT NOT NULL PRIMARY KEY, -- the word
    backwards TEXT NOT NULL -- the same from its end
);
CREATE INDEX search_words_backwards ON search_words (backwards);

-- What a word and a misspelling of it have in common.
CREATE TABLE search_forms (
    form TEXT NOT NULL, -- three of the word's first letters, in their order
    word TEXT NOT NULL, -- the word
    PRIMARY KEY (form, word)
);
CREATE INDEX search_forms_by_word ON search_forms (word);

-- By which spelling of words the products were last made findable as a whole; no row before that.
CREATE TABLE search_state (
    spelling BIGINT NOT NULL PRIMARY KEY, -- the number of the spelling
    done_at BIGINT NOT NULL -- when that was done
);

-- Units that mean something of their own for a product: a cup of flour.
CREATE TABLE product_units (
    product_id TEXT NOT NULL REFERENCES products (id), -- the product
    name_key TEXT NOT NULL, -- the unit in small letters
    name TEXT NOT NULL, -- the unit as it is written
    num BIGINT NOT NULL, -- one of it is num/den base units
    den BIGINT NOT NULL, -- see num
    per BIGINT NOT NULL DEFAULT 0, -- of how many it was said; 0 for the fewest that are exact
    PRIMARY KEY (product_id, name_key)
);

-- Units of the house, beside those that everybody knows.
CREATE TABLE units (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    name TEXT NOT NULL, -- the unit as it is written
    name_key TEXT NOT NULL UNIQUE, -- the same in small letters
    base_unit TEXT NOT NULL, -- what it measures: 'piece', 'g' or 'ml'
    num BIGINT NOT NULL, -- one of it is num/den base units
    den BIGINT NOT NULL, -- see num
    created_at BIGINT NOT NULL, -- when it was made
    version BIGINT NOT NULL DEFAULT 1, -- counts changes
    per BIGINT NOT NULL DEFAULT 0 -- of how many it was said; 0 for the fewest that are exact
);

-- What stands on packs. A code of one shop may mean several products.
CREATE TABLE codes (
    code TEXT NOT NULL, -- fourteen digits of a trade item number, or 'shop:' or 'text:' and the rest
    product_id TEXT NOT NULL REFERENCES products (id), -- what it stands for
    amount BIGINT, -- how much one scan of it stands for; empty for the product's pack size
    note TEXT NOT NULL DEFAULT '', -- such as 'case of 12'
    created_at BIGINT NOT NULL, -- when it was first seen
    told_of TEXT, -- what it stood for, where that became a part of this product since; empty otherwise
    PRIMARY KEY (code, product_id)
);
CREATE INDEX codes_by_product ON codes (product_id);

-- Which product became a part of which.
CREATE TABLE product_joins (
    product_id TEXT NOT NULL PRIMARY KEY REFERENCES products (id), -- the one that became a part
    into_id TEXT NOT NULL REFERENCES products (id), -- of this one, which may have become a part of another since
    counts TEXT NOT NULL, -- which counts of the two are of both: 'all', or 'together' for those of one stocktake
    joined_at BIGINT NOT NULL -- when
);

-- Everything that happened, as it was said. What it came to is worked out by playing a product's acts in order.
CREATE TABLE acts (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7; of a scan, the scan's own
    group_id TEXT NOT NULL, -- what one person did at once
    product_id TEXT NOT NULL REFERENCES products (id), -- what it happened to
    kind TEXT NOT NULL, -- 'receive', 'consume', 'open', 'undo', …
    intent TEXT NOT NULL, -- what was to be done, as JSON
    effects TEXT NOT NULL, -- what it comes to at present, as JSON
    short BIGINT NOT NULL DEFAULT 0, -- how much of what was to be taken was not there
    happened_at BIGINT NOT NULL, -- when it happened, which may be long before it was heard of
    station TEXT NOT NULL DEFAULT '', -- where; empty for the app
    seq BIGINT NOT NULL DEFAULT 0, -- its place among the acts of one moment at one station
    undone_by TEXT, -- the act that took it back
    actor TEXT NOT NULL, -- who told, such as 'member:…' or 'station:…'
    person_id TEXT REFERENCES members (id), -- who did it, where a station knows
    scan_id TEXT, -- the scan it came from
    said_amount BIGINT, -- the amount as it was said
    said_unit TEXT NOT NULL DEFAULT '', -- and its unit
    reason TEXT NOT NULL DEFAULT '', -- why, in a word or a sentence
    recorded_at BIGINT NOT NULL, -- when the hub heard of it
    told_of TEXT -- the product of which it was told, where that became a part of this one since; empty otherwise
);
CREATE INDEX acts_by_product ON acts (product_id, happened_at, station, seq, id);
CREATE INDEX acts_by_group ON acts (group_id);
CREATE INDEX acts_by_person ON acts (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX acts_scanned_in ON acts (happened_at, id) WHERE kind = 'receive' AND scan_id IS NOT NULL;
CREATE INDEX acts_by_receipt ON acts (happened_at, id) WHERE kind = 'receive' AND reason = 'receipt';
CREATE INDEX acts_counted_by_scan ON acts (happened_at, id) WHERE kind = 'count' AND scan_id IS NOT NULL;

-- Some of a product that came at one time and is in one place. Never merged; empty ones stay.
CREATE TABLE lots (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    product_id TEXT NOT NULL REFERENCES products (id), -- what it is
    origin_id TEXT NOT NULL, -- the lot it was split from, at the root; itself otherwise
    place_id TEXT NOT NULL REFERENCES places (id), -- where it is
    quantity BIGINT NOT NULL, -- how much is left: the sum of its movements
    due_on TEXT, -- until when it lasts
    due_kind TEXT NOT NULL, -- 'best-before' or 'use-by'
    due_estimated BOOLEAN NOT NULL, -- whether the date was reckoned and not read
    batch TEXT NOT NULL DEFAULT '', -- batch of the maker; empty when unknown
    serial TEXT NOT NULL DEFAULT '', -- serial number; empty when unknown
    price BIGINT, -- what was paid, in minor units
    currency TEXT NOT NULL DEFAULT '', -- of the price, as three letters
    priced_amount BIGINT, -- how much that was paid for
    opened_at BIGINT, -- since when it is open
    frozen BOOLEAN NOT NULL, -- whether it is in a freezer
    received_at BIGINT NOT NULL, -- when it came
    version BIGINT NOT NULL DEFAULT 1 -- counts changes
);
CREATE INDEX lots_there_by_product ON lots (product_id, id, place_id) WHERE quantity > 0;
CREATE INDEX lots_empty_by_product ON lots (product_id, id) WHERE quantity <= 0;
CREATE INDEX lots_there_by_due ON lots (due_on, id) WHERE quantity > 0 AND due_on IS NOT NULL;
CREATE INDEX lots_by_batch ON lots (batch) WHERE batch <> '';

-- The ledger. Rows are added and never changed; a merge of products alone gives them another product.
CREATE TABLE movements (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    act_id TEXT NOT NULL REFERENCES acts (id), -- what it comes from
    product_id TEXT NOT NULL REFERENCES products (id), -- of what
    lot_id TEXT NOT NULL REFERENCES lots (id), -- of which lot
    place_id TEXT NOT NULL REFERENCES places (id), -- where
    kind TEXT NOT NULL, -- the act's kind, or 'settle' when a late scan changed what an act came to
    quantity BIGINT NOT NULL, -- how much more, or less
    total BIGINT NOT NULL, -- how much of the product there was afterwards
    happened_at BIGINT NOT NULL, -- when it happened
    recorded_at BIGINT NOT NULL -- when it was booked
);
CREATE INDEX movements_by_act ON movements (act_id, id);

-- How much there is of each product: the sum of its lots.
CREATE TABLE levels (
    product_id TEXT NOT NULL PRIMARY KEY REFERENCES products (id), -- the product
    quantity BIGINT NOT NULL, -- how much
    opened BIGINT NOT NULL, -- how much of that is open
    lots BIGINT NOT NULL, -- in how many lots
    due_on TEXT, -- the earliest date among them
    minimum BIGINT NOT NULL, -- the product's minimum, beside what it is compared with
    changed_at BIGINT NOT NULL -- when it last changed
);
CREATE INDEX levels_missing ON levels (product_id) WHERE quantity < minimum;

-- What only a person knows: something was used that the house did not know it had.
CREATE TABLE questions (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    product_id TEXT NOT NULL REFERENCES products (id), -- of what
    act_id TEXT NOT NULL UNIQUE REFERENCES acts (id), -- what was done
    quantity BIGINT NOT NULL, -- how much was missing
    opened_at BIGINT NOT NULL, -- when it was asked
    closed_at BIGINT, -- when it was settled, by a person or by a scan that came late
    answer TEXT NOT NULL DEFAULT '', -- 'bought', 'not-used', or 'explained' when it settled itself
    answered_by TEXT NOT NULL DEFAULT '' -- who answered
);
CREATE INDEX questions_open ON questions (opened_at, id) WHERE closed_at IS NULL;
CREATE INDEX questions_by_product ON questions (product_id);

-- Every scan, once, with what became of it.
CREATE TABLE scans (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7, made where it was scanned
    station TEXT NOT NULL, -- the station's id; empty for the app
    boot TEXT NOT NULL DEFAULT '', -- one run of the station
    seq BIGINT NOT NULL DEFAULT 0, -- its number at the station
    code TEXT NOT NULL, -- the message as the scanner sent it
    said TEXT NOT NULL, -- the whole of what was sent, as JSON
    fingerprint TEXT NOT NULL, -- digest of that, to tell a repetition from another scan of the same id
    status TEXT NOT NULL, -- what became of it; `again` where it is asked whether it was another pack
    outcome TEXT NOT NULL, -- the same with all that was answered, as JSON
    product_id TEXT REFERENCES products (id), -- what it was about
    act_id TEXT, -- what it booked
    undoes TEXT, -- the scan it takes back
    happened_at BIGINT NOT NULL, -- when it was scanned
    received_at BIGINT NOT NULL, -- when the hub heard of it
    actor TEXT NOT NULL, -- who sent it
    stood TEXT NOT NULL DEFAULT '', -- how its station stood when it was scanned, and what it made of that, as JSON; empty without a station
    about TEXT, -- the scan before it that it completes or confirms
    takes_last BOOLEAN NOT NULL DEFAULT FALSE -- whether it takes the last one back, and names none
);
CREATE INDEX scans_by_station ON scans (station, happened_at, seq, id);
CREATE INDEX scans_by_product ON scans (product_id, happened_at) WHERE product_id IS NOT NULL AND (status <> 'applied' OR act_id IS NULL);
CREATE INDEX scans_undoing ON scans (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX scans_about ON scans (about) WHERE about IS NOT NULL;
CREATE INDEX scans_taking_last ON scans (station, happened_at, seq, id) WHERE takes_last;
CREATE INDEX scans_asking_which ON scans (id) WHERE status = 'question' AND product_id IS NULL AND about IS NULL;
CREATE INDEX scans_asking_again ON scans (id) WHERE status = 'again' AND about IS NULL;

-- What the scans of a station, or of a browser that scans, mean.
CREATE TABLE stations (
    id TEXT NOT NULL PRIMARY KEY, -- the device's id, or one that a browser made
    name TEXT NOT NULL DEFAULT '', -- what a browser calls itself; a device has its own
    mode TEXT NOT NULL, -- what a scan does now
    person_id TEXT REFERENCES members (id), -- who is scanning
    place_id TEXT REFERENCES places (id), -- where things go, or come from
    usual_mode TEXT NOT NULL, -- what it goes back to
    usual_place_id TEXT REFERENCES places (id), -- and where
    back_after_seconds BIGINT NOT NULL, -- after so much quiet
    set_at BIGINT NOT NULL, -- when it was set
    until_at BIGINT, -- when it goes back; empty when it is at its usual
    quantity BIGINT, -- what the next scan counts for, if a card said so
    queued BIGINT NOT NULL DEFAULT 0, -- how many scans wait there
    last_scan_id TEXT, -- its last scan
    last_scan_at BIGINT, -- when that was
    version BIGINT NOT NULL DEFAULT 1, -- counts changes
    thing_id TEXT, -- the scan that a second code may complete, and a card confirm
    thing_at BIGINT, -- when that was
    turned_at BIGINT NOT NULL DEFAULT 0, -- when the last happened that this row follows from
    turned_seq BIGINT NOT NULL DEFAULT 0, -- its number at the station
    turned_by TEXT NOT NULL DEFAULT '' -- the scan or the turn that it was
);

-- What people made of a station in the app, among its scans.
CREATE TABLE turns (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    station TEXT NOT NULL, -- the station's id
    seq BIGINT NOT NULL, -- its number among what happened in one moment
    stood TEXT NOT NULL, -- how the station stood before, and what was changed, as JSON
    happened_at BIGINT NOT NULL, -- when
    actor TEXT NOT NULL -- who did it
);
CREATE INDEX turns_by_station ON turns (station, happened_at, seq, id);

-- How shops write weight and price into the numbers of their own labels, as two of them taught it.
CREATE TABLE shop_patterns (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    shop TEXT NOT NULL, -- what the shop is called
    shop_key TEXT NOT NULL, -- the same in small letters
    prefix TEXT NOT NULL, -- the first two of the thirteen digits
    says TEXT NOT NULL, -- what the value is: 'price', 'weight' or 'count'
    digits BIGINT NOT NULL, -- how many digits it has, the last before the check digit
    decimals BIGINT NOT NULL, -- how many of them are decimals, of kilograms or of the currency
    checked BOOLEAN NOT NULL, -- whether a check digit of its own stands before it
    currency TEXT NOT NULL DEFAULT '', -- of a price; empty for that of the house's region
    taught_by TEXT NOT NULL, -- who taught it
    taught_at BIGINT NOT NULL -- when
);
CREATE UNIQUE INDEX shop_patterns_by_shop ON shop_patterns (shop_key, prefix);
CREATE INDEX shop_patterns_by_prefix ON shop_patterns (prefix);

-- A shelf that is being counted.
CREATE TABLE stocktakes (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    place_id TEXT NOT NULL REFERENCES places (id), -- which
    state TEXT NOT NULL, -- 'open', 'committed' or 'dropped'
    begun_by TEXT NOT NULL, -- who counts
    begun_at BIGINT NOT NULL, -- since when
    ended_at BIGINT, -- when it was committed or dropped
    group_id TEXT, -- what was booked
    version BIGINT NOT NULL DEFAULT 1, -- counts changes
    progress TEXT NOT NULL DEFAULT '' -- how far it is booked while it is committed, as JSON; empty otherwise
);
CREATE INDEX stocktakes_open ON stocktakes (begun_at, id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX stocktakes_open_by_place ON stocktakes (place_id) WHERE ended_at IS NULL;
CREATE INDEX stocktakes_by_place ON stocktakes (place_id, begun_at);
CREATE INDEX stocktakes_by_group ON stocktakes (group_id) WHERE group_id IS NOT NULL;

-- What was found on it, for each sort of a product: by date and batch where those were read.
CREATE TABLE stocktake_lines (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7
    stocktake_id TEXT NOT NULL REFERENCES stocktakes (id), -- the count
    product_id TEXT NOT NULL REFERENCES products (id), -- what
    due_on TEXT NOT NULL DEFAULT '', -- the date on it; empty where none was read
    due_kind TEXT NOT NULL, -- 'best-before' or 'use-by'
    batch TEXT NOT NULL DEFAULT '', -- the batch on it; empty where none was read
    quantity BIGINT NOT NULL, -- how much was there at counted_at, in base units; of what is not known yet, packs
    counted_at BIGINT NOT NULL, -- as of when; what moves later is added
    counted_by TEXT NOT NULL, -- who counted it last
    version BIGINT NOT NULL DEFAULT 1 -- counts changes
);
CREATE UNIQUE INDEX stocktake_lines_once ON stocktake_lines (stocktake_id, product_id, due_on, batch);
CREATE INDEX stocktake_lines_by_product ON stocktake_lines (product_id);

-- What was said while a place is counted. The lines follow from it, in the order of what happened.
CREATE TABLE stocktake_entries (
    id TEXT NOT NULL PRIMARY KEY, -- the scan that said it; of what was said in the app, one of its own
    stocktake_id TEXT NOT NULL REFERENCES stocktakes (id), -- the count
    what TEXT NOT NULL, -- 'begin', 'more', 'exactly', 'without' (the line is taken out) or 'commit'
    product_id TEXT REFERENCES products (id), -- of what, also where that became a part of another since; empty where it is about the count as a whole
    due_on TEXT NOT NULL DEFAULT '', -- the date on it; empty where none was read
    due_kind TEXT NOT NULL DEFAULT 'best-before', -- or 'use-by'
    batch TEXT NOT NULL DEFAULT '', -- the batch on it; empty where none was read
    quantity BIGINT NOT NULL DEFAULT 0, -- how much, in base units; of what is not known yet, packs
    happened_at BIGINT NOT NULL, -- as of when
    station TEXT NOT NULL DEFAULT '', -- where it was scanned; empty for the app
    seq BIGINT NOT NULL DEFAULT 0, -- its number there
    taken_back_at BIGINT -- when it was taken back
);
CREATE INDEX stocktake_entries_in_order ON stocktake_entries (stocktake_id, product_id, happened_at, seq, id);
CREATE INDEX stocktake_entries_by_product ON stocktake_entries (product_id) WHERE product_id IS NOT NULL;

-- What catalogues answered about products. What is not known is asked for again after a while.
CREATE TABLE catalogue_answers (
    gtin TEXT NOT NULL PRIMARY KEY,     -- fourteen digits
    state TEXT NOT NULL,                -- 'looking', 'found', 'absent' or 'failed'
    source TEXT NOT NULL DEFAULT '',    -- who answered: 'file', 'service'; empty until somebody did
    facts TEXT NOT NULL DEFAULT '{}',   -- what is believed of it, as JSON
    off_data TEXT,                      -- the answer as it came, as JSON; empty where there is none, or too much
    picture TEXT REFERENCES media (id), -- its picture, once that was fetched
    tries BIGINT NOT NULL DEFAULT 0,    -- how often the service failed to answer since it last did
    reason TEXT NOT NULL DEFAULT '',    -- why, as a word
    asked_at BIGINT NOT NULL,           -- when it was last asked for
    answered_at BIGINT,                 -- when it was last answered
    next_at BIGINT NOT NULL             -- from when on asking once more is of use
);
CREATE INDEX catalogue_answers_by_state ON catalogue_answers (state, next_at);

-- How often a service may be asked, by all hubs of the house together.
CREATE TABLE catalogue_pace (
    service TEXT NOT NULL PRIMARY KEY,      -- its address
    free_at BIGINT NOT NULL,                -- when the next request is due, were they spread evenly
    rests_until BIGINT NOT NULL DEFAULT 0,  -- it asked to be left alone, or failed, until then
    failures BIGINT NOT NULL DEFAULT 0      -- how often in a row
);

-- Dumps that were sent to a hub to make its catalogue file of.
CREATE TABLE catalogue_imports (
    id TEXT NOT NULL PRIMARY KEY,       -- UUIDv7
    name TEXT NOT NULL,                 -- what the file was called
    state TEXT NOT NULL,                -- 'importing', 'imported' or 'failed'
    languages TEXT NOT NULL,            -- of which products were kept, separated by commas; empty for all
    countries TEXT NOT NULL,            -- the same
    percent BIGINT NOT NULL DEFAULT 0,  -- how far it is
    read_rows BIGINT NOT NULL DEFAULT 0, -- rows that were read
    kept BIGINT NOT NULL DEFAULT 0,     -- rows of which something is kept; of the whole, products
    reason TEXT NOT NULL DEFAULT '',    -- why it failed, as a word
    detail TEXT NOT NULL DEFAULT '',    -- and as a sentence
    begun_at BIGINT NOT NULL,           -- when it was sent
    told_at BIGINT NOT NULL,            -- when it last said how far it is
    ended_at BIGINT                     -- when it ended
);
-- Receipts: sent as a picture, a document or a text, or typed in.
CREATE TABLE receipts (
    id TEXT NOT NULL PRIMARY KEY,      -- UUIDv7
    state TEXT NOT NULL,               -- 'processing', 'completed', 'failed' or 'confirmed'; 'completed' again once what it brought was taken back
    source TEXT NOT NULL,              -- 'picture', 'document', 'text' or 'hand'
    media_id TEXT REFERENCES media (id), -- the picture or the document; empty for others
    text TEXT NOT NULL DEFAULT '',     -- what was sent as text, or read; empty until then
    reader TEXT NOT NULL DEFAULT '',   -- who read it: 'tesseract', 'poppler', 'service'; empty for nobody
    shop TEXT NOT NULL DEFAULT '',     -- name of the shop
    day TEXT,                          -- when it was bought
    time TEXT,                         -- at what time, as HH:MM by the clock of the shop
    currency TEXT NOT NULL,            -- three letters
    total BIGINT,                      -- what was to be paid as it is printed, in minor units; empty when unread
    payment TEXT,                      -- 'cash', 'card' or 'voucher'
    voided BIGINT NOT NULL DEFAULT 0,  -- how many lines were taken back at the till
    cut BOOLEAN NOT NULL DEFAULT FALSE, -- whether the text was longer than what is read of one
    error_code TEXT,                   -- why it could not be read, as a word
    error TEXT,                        -- and as a sentence
    added_by TEXT NOT NULL,            -- who sent it, such as 'member:…'
    created_at BIGINT NOT NULL,        -- when it was sent
    changed_at BIGINT NOT NULL,        -- when anything about it was last different
    confirmed_at BIGINT,               -- when a person confirmed it; from then on nothing changes, unless it is taken back
    group_id TEXT,                     -- the acts by which it came into stock, all together; kept when it is taken back
    version BIGINT NOT NULL DEFAULT 1  -- rises with every change of it or of its lines
);
CREATE INDEX receipts_by_picture ON receipts (media_id) WHERE media_id IS NOT NULL;
CREATE INDEX receipts_by_state ON receipts (state, id);
CREATE INDEX receipts_by_group ON receipts (group_id) WHERE group_id IS NOT NULL;

-- The lines of a receipt that have a price.
CREATE TABLE receipt_lines (
    id TEXT NOT NULL PRIMARY KEY,                          -- UUIDv7
    receipt_id TEXT NOT NULL REFERENCES receipts (id),     -- the receipt
    position BIGINT NOT NULL,                              -- where it stands, from 1
    kind TEXT NOT NULL,                                    -- 'item', 'discount', 'deposit', 'tax' or 'rounding'
    wording TEXT NOT NULL,                                 -- as it is printed
    code TEXT,                                             -- number of the article, when one is printed
    quantity BIGINT NOT NULL,                              -- in thousandths of the unit
    unit TEXT NOT NULL,                                    -- 'piece', 'kg', 'g', 'l', 'ml' or 'lb'
    unit_price BIGINT,                                     -- what one unit costs, in minor units
    total BIGINT NOT NULL,                                 -- what the line comes to, in minor units
    doubtful BOOLEAN NOT NULL DEFAULT FALSE,               -- whether something about it was guessed
    ignored BOOLEAN NOT NULL DEFAULT FALSE,                -- whether it does not go into stock
    product_id TEXT REFERENCES products (id),              -- what it is; empty until somebody or something knows
    pack BIGINT,                                           -- what one piece is in thousandths of the product's base unit
    amount BIGINT,                                         -- what arrives by a person's word, in thousandths of that
    place_id TEXT REFERENCES places (id),                  -- where it goes; empty for the usual place
    due_on TEXT,                                           -- until when it lasts, if a person said
    reason TEXT NOT NULL DEFAULT '',                       -- how the product was found: 'remembered', 'code', 'scan', 'name', 'person'
    confidence BIGINT NOT NULL DEFAULT 0,                  -- how sure that is, in percent
    lot_id TEXT,                                           -- the lot that came of it; empty until confirmed
    for_all BOOLEAN NOT NULL DEFAULT FALSE                 -- of a discount: whether it is on everything, and not on the item above it
);
CREATE INDEX receipt_lines_by_receipt ON receipt_lines (receipt_id, position, id);
CREATE INDEX receipt_lines_by_place ON receipt_lines (place_id) WHERE place_id IS NOT NULL;
CREATE INDEX receipt_lines_by_product ON receipt_lines (product_id) WHERE product_id IS NOT NULL;

-- What the wordings of shops stand for, as confirmed receipts taught it.
CREATE TABLE receipt_wordings (
    shop_key TEXT NOT NULL,                   -- folded name of the shop
    wording_key TEXT NOT NULL,                -- folded wording, without what a second reading may change
    product_id TEXT REFERENCES products (id), -- the product; empty when such lines are ignored
    pack BIGINT,                              -- what one piece is in thousandths of the product's base unit; empty for its usual pack
    ignored BOOLEAN NOT NULL DEFAULT FALSE,   -- whether such lines do not go into stock
    times BIGINT NOT NULL DEFAULT 1,          -- how often it was confirmed
    taught_at BIGINT NOT NULL,                -- when it last was
    PRIMARY KEY (shop_key, wording_key)
);
CREATE INDEX receipt_wordings_by_product ON receipt_wordings (product_id) WHERE product_id IS NOT NULL;

-- What was scanned in after the receipt of that trip was confirmed, and so had come with it already.
CREATE TABLE receipt_scans (
    act_id TEXT NOT NULL, -- what the scan booked
    receipt_act_id TEXT NOT NULL, -- what the receipt booked, which is so much less
    quantity BIGINT NOT NULL, -- how much, in base units
    PRIMARY KEY (act_id, receipt_act_id)
);

-- The shopping list. What was taken off it stays as a row, so that a phone that was away cannot put it back.
CREATE TABLE shopping (
    id TEXT NOT NULL PRIMARY KEY, -- UUIDv7, made by the hub or by the phone that wrote it down
    product_id TEXT REFERENCES products (id), -- what is to be bought; empty for a word of somebody's own
    name TEXT NOT NULL, -- what it is called; empty for the product's name
    name_key TEXT NOT NULL, -- the same in small letters, for the order of the list
    quantity BIGINT, -- how much, in thousandths of the unit; empty for some
    unit TEXT NOT NULL DEFAULT '', -- the unit as it was said
    priority TEXT NOT NULL, -- 'urgent', 'normal' or 'low'
    category_id TEXT REFERENCES categories (id), -- the aisle, when somebody chose one; otherwise the product's
    note TEXT NOT NULL DEFAULT '', -- what else there is to say
    automatic BOOLEAN NOT NULL, -- whether the minimum stock put it there and may take it away
    added_by TEXT NOT NULL, -- who wants it, such as 'member:…'; 'system' for the minimum stock
    added_at BIGINT NOT NULL, -- when it was written down
    checked_at BIGINT, -- when it was bought
    checked_by TEXT NOT NULL DEFAULT '', -- by whom
    bought_quantity BIGINT, -- how much of it was bought so far
    bought_unit TEXT NOT NULL DEFAULT '', -- and its unit
    put_away_at BIGINT, -- when it was put into the stock by a purchase
    fingerprint TEXT NOT NULL DEFAULT '', -- digest of what a phone first said under this id
    deleted_at BIGINT, -- when it was taken off the list
    deleted_by TEXT NOT NULL DEFAULT '', -- by whom
    changed_in TEXT NOT NULL, -- for each field the version that last changed it, as JSON
    version BIGINT NOT NULL DEFAULT 1 -- counts changes
);
CREATE INDEX shopping_there ON shopping (automatic, id) WHERE deleted_at IS NULL;
CREATE INDEX shopping_by_product ON shopping (product_id) WHERE product_id IS NOT NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX shopping_automatic ON shopping (product_id) WHERE automatic AND deleted_at IS NULL;
CREATE INDEX shopping_gone ON shopping (deleted_at) WHERE deleted_at IS NOT NULL;

-- What scans wrote on the list, so that each can be taken back.
CREATE TABLE shopping_scans (
    scan_id TEXT NOT NULL PRIMARY KEY, -- the scan
    entry_id TEXT NOT NULL, -- the entry that it wrote, or raised
    product_id TEXT NOT NULL REFERENCES products (id), -- of what
    quantity BIGINT NOT NULL, -- how much more, in base units
    was TEXT NOT NULL, -- what the entry was: 'absent', 'automatic', 'without' an amount or 'less'
    taken_back_at BIGINT -- when it was taken back
);
CREATE INDEX shopping_scans_by_product ON shopping_scans (product_id);

-- Products that are not put on the list for a while, although there is too little of them.
CREATE TABLE shopping_rests (
    product_id TEXT NOT NULL PRIMARY KEY REFERENCES products (id), -- the product
    why TEXT NOT NULL, -- 'bought': it is on its way home; 'dismissed': somebody took it off the list
    level BIGINT NOT NULL, -- how much there was; more than that means that it came
    since_at BIGINT NOT NULL -- since when
);

-- Addresses of other programs that are called when something happens.
CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,          -- UUIDv7
    name TEXT NOT NULL,                    -- for people
    url TEXT NOT NULL,                     -- what is called
    secret TEXT NOT NULL,                  -- what calls are signed with; kept as it is, because it is needed each time
    kinds TEXT NOT NULL,                   -- topics it wants to hear of, such as 'due-soon', with spaces between
    paused BOOLEAN NOT NULL DEFAULT FALSE, -- whether nothing is sent
    created_at BIGINT NOT NULL,            -- when it was added
    version BIGINT NOT NULL DEFAULT 1      -- rises with every change
);

-- What a person wants to be told, and how.
CREATE TABLE wishes (
    member_id TEXT NOT NULL PRIMARY KEY REFERENCES members (id), -- who
    mail TEXT,                 -- where letters go; empty for nowhere
    digest_at TEXT NOT NULL,   -- when the daily letter comes by the house's clock, such as '07:30'
    quiet_from TEXT,           -- the beginning of the hours in which no letter comes; empty for none
    quiet_until TEXT,          -- their end
    choices TEXT NOT NULL,     -- such as 'due-soon=digest question=at-once'; what is not named is as usual
    version BIGINT NOT NULL    -- rises with every change
);

-- What waits to be told to a person. The same thing twice is one row.
CREATE TABLE notices (
    member_id TEXT NOT NULL REFERENCES members (id), -- to whom
    topic TEXT NOT NULL,       -- such as 'due-soon'
    fold TEXT NOT NULL,        -- what it is about, such as a product's id: the newest word on it counts
    facts TEXT NOT NULL,       -- what the letter says about it, as JSON
    at BIGINT NOT NULL,        -- when it happened, last
    due_at BIGINT NOT NULL,    -- when the letter is to go
    PRIMARY KEY (member_id, topic, fold)
);
CREATE INDEX notices_by_due ON notices (due_at, member_id);
CREATE INDEX notices_by_fold ON notices (topic, fold);

-- How far the events of a channel were read for notifications.
CREATE TABLE followed (
    channel TEXT NOT NULL PRIMARY KEY, -- such as 'house'
    epoch TEXT NOT NULL,               -- the history it was read in; of another one nothing is told
    seq BIGINT NOT NULL                -- the last number that was read
);

-- What only one of several hub processes does at a time.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY, -- what, such as 'mqtt'
    holder TEXT NOT NULL,           -- the process that does it
    until_at BIGINT NOT NULL        -- until when, unless renewed
);

-- What people of the house must not eat.
CREATE TABLE member_allergens (
    member_id TEXT NOT NULL REFERENCES members (id), -- who
    allergen TEXT NOT NULL, -- what: 'milk', 'gluten', … or a word of their own
    PRIMARY KEY (member_id, allergen)
);

-- How often that was said anew.
CREATE TABLE member_eating (
    member_id TEXT NOT NULL PRIMARY KEY REFERENCES members (id), -- who
    version BIGINT NOT NULL DEFAULT 1 -- counts changes
);

-- Secrets in the addresses by which people's programs read the calendar of dates.
CREATE TABLE calendar_keys (
    member_id TEXT NOT NULL PRIMARY KEY REFERENCES members (id), -- whose
    key_hash TEXT NOT NULL UNIQUE, -- SHA-256 of the secret
    created_at BIGINT NOT NULL -- when it was made
);
