-- Receipts: what was bought, as the paper says and as a person confirmed it.
-- schema.sql says what each column means.

CREATE TABLE receipts (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    media_id TEXT REFERENCES media (id),
    text TEXT NOT NULL DEFAULT '',
    reader TEXT NOT NULL DEFAULT '',
    shop TEXT NOT NULL DEFAULT '',
    day TEXT,
    time TEXT,
    currency TEXT NOT NULL,
    total BIGINT,
    payment TEXT,
    voided BIGINT NOT NULL DEFAULT 0,
    cut BOOLEAN NOT NULL DEFAULT FALSE,
    error_code TEXT,
    error TEXT,
    added_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    group_id TEXT,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX receipts_by_picture ON receipts (media_id) WHERE media_id IS NOT NULL;
CREATE INDEX receipts_by_state ON receipts (state, id);

CREATE TABLE receipt_lines (
    id TEXT NOT NULL PRIMARY KEY,
    receipt_id TEXT NOT NULL REFERENCES receipts (id),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    wording TEXT NOT NULL,
    code TEXT,
    quantity BIGINT NOT NULL,
    unit TEXT NOT NULL,
    unit_price BIGINT,
    total BIGINT NOT NULL,
    doubtful BOOLEAN NOT NULL DEFAULT FALSE,
    ignored BOOLEAN NOT NULL DEFAULT FALSE,
    product_id TEXT REFERENCES products (id),
    pack BIGINT,
    amount BIGINT,
    place_id TEXT REFERENCES places (id),
    due_on TEXT,
    reason TEXT NOT NULL DEFAULT '',
    confidence BIGINT NOT NULL DEFAULT 0,
    lot_id TEXT
);
CREATE INDEX receipt_lines_by_receipt ON receipt_lines (receipt_id, position, id);
CREATE INDEX receipt_lines_by_place ON receipt_lines (place_id) WHERE place_id IS NOT NULL;
CREATE INDEX receipt_lines_by_product ON receipt_lines (product_id) WHERE product_id IS NOT NULL;

CREATE TABLE receipt_wordings (
    shop_key TEXT NOT NULL,
    wording_key TEXT NOT NULL,
    product_id TEXT REFERENCES products (id),
    pack BIGINT,
    ignored BOOLEAN NOT NULL DEFAULT FALSE,
    times BIGINT NOT NULL DEFAULT 1,
    taught_at BIGINT NOT NULL,
    PRIMARY KEY (shop_key, wording_key)
);
CREATE INDEX receipt_wordings_by_product ON receipt_wordings (product_id) WHERE product_id IS NOT NULL;
