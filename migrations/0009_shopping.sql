-- The shopping list. schema.sql says what each column means.

CREATE TABLE shopping (
    id TEXT NOT NULL PRIMARY KEY,
    product_id TEXT REFERENCES products (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    quantity BIGINT,
    unit TEXT NOT NULL DEFAULT '',
    priority TEXT NOT NULL,
    category_id TEXT REFERENCES categories (id),
    note TEXT NOT NULL DEFAULT '',
    automatic BOOLEAN NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    checked_at BIGINT,
    checked_by TEXT NOT NULL DEFAULT '',
    bought_quantity BIGINT,
    bought_unit TEXT NOT NULL DEFAULT '',
    put_away_at BIGINT,
    fingerprint TEXT NOT NULL DEFAULT '',
    deleted_at BIGINT,
    deleted_by TEXT NOT NULL DEFAULT '',
    changed_in TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX shopping_there ON shopping (automatic, id) WHERE deleted_at IS NULL;
CREATE INDEX shopping_by_product ON shopping (product_id) WHERE product_id IS NOT NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX shopping_automatic ON shopping (product_id) WHERE automatic AND deleted_at IS NULL;
CREATE INDEX shopping_gone ON shopping (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE shopping_rests (
    product_id TEXT NOT NULL PRIMARY KEY REFERENCES products (id),
    why TEXT NOT NULL,
    level BIGINT NOT NULL,
    since_at BIGINT NOT NULL
);
