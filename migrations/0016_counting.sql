-- What was said while a place is counted, in the order of what happened; undos that name no scan, in the same order;
-- what scans wrote on the shopping list, and took from receipts; and when things of a category count as due soon. schema.sql says what each
-- column means.

CREATE TABLE stocktake_entries (
    id TEXT NOT NULL PRIMARY KEY,
    stocktake_id TEXT NOT NULL REFERENCES stocktakes (id),
    what TEXT NOT NULL,
    product_id TEXT REFERENCES products (id),
    due_on TEXT NOT NULL DEFAULT '',
    due_kind TEXT NOT NULL DEFAULT 'best-before',
    batch TEXT NOT NULL DEFAULT '',
    quantity BIGINT NOT NULL DEFAULT 0,
    happened_at BIGINT NOT NULL,
    station TEXT NOT NULL DEFAULT '',
    seq BIGINT NOT NULL DEFAULT 0,
    taken_back_at BIGINT
);
CREATE INDEX stocktake_entries_in_order ON stocktake_entries (stocktake_id, product_id, happened_at, seq, id);
CREATE INDEX stocktake_entries_by_product ON stocktake_entries (product_id) WHERE product_id IS NOT NULL;

-- What was counted before this stays as it was: each line as if somebody had said it.
INSERT INTO stocktake_entries (id, stocktake_id, what, product_id, due_on, due_kind, batch, quantity, happened_at)
SELECT id, stocktake_id, 'exactly', product_id, due_on, due_kind, batch, quantity, counted_at FROM stocktake_lines;

INSERT INTO stocktake_entries (id, stocktake_id, what, happened_at)
SELECT id, id, 'begin', begun_at FROM stocktakes;

INSERT INTO stocktake_entries (id, stocktake_id, what, happened_at, taken_back_at)
SELECT s.scan_id, s.stocktake_id, 'commit', COALESCE(t.ended_at, t.begun_at), s.taken_back_at
FROM stocktake_scans s JOIN stocktakes t ON t.id = s.stocktake_id
WHERE s.line_id IS NULL;

DROP TABLE stocktake_scans;

ALTER TABLE stocktakes ADD COLUMN progress TEXT NOT NULL DEFAULT '';

CREATE INDEX acts_counted_by_scan ON acts (happened_at, id) WHERE kind = 'count' AND scan_id IS NOT NULL;

ALTER TABLE scans ADD COLUMN takes_last BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX scans_taking_last ON scans (station, happened_at, seq, id) WHERE takes_last;

CREATE TABLE shopping_scans (
    scan_id TEXT NOT NULL PRIMARY KEY,
    entry_id TEXT NOT NULL,
    product_id TEXT NOT NULL REFERENCES products (id),
    quantity BIGINT NOT NULL,
    was TEXT NOT NULL,
    taken_back_at BIGINT
);
CREATE INDEX shopping_scans_by_product ON shopping_scans (product_id);

CREATE TABLE receipt_scans (
    act_id TEXT NOT NULL,
    receipt_act_id TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (act_id, receipt_act_id)
);

ALTER TABLE categories ADD COLUMN warning_days BIGINT;
