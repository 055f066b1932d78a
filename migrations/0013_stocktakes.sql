-- Stocktakes: a line for each sort of a product, and when it was counted. Nothing was ever kept in the lines
-- that this replaces.

DROP TABLE stocktake_lines;

CREATE TABLE stocktake_lines (
    id TEXT NOT NULL PRIMARY KEY,
    stocktake_id TEXT NOT NULL REFERENCES stocktakes (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    due_on TEXT NOT NULL DEFAULT '',
    due_kind TEXT NOT NULL,
    batch TEXT NOT NULL DEFAULT '',
    quantity BIGINT NOT NULL,
    counted_at BIGINT NOT NULL,
    counted_by TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX stocktake_lines_once ON stocktake_lines (stocktake_id, product_id, due_on, batch);
CREATE INDEX stocktake_lines_by_product ON stocktake_lines (product_id);

CREATE TABLE stocktake_scans (
    scan_id TEXT NOT NULL PRIMARY KEY,
    stocktake_id TEXT NOT NULL REFERENCES stocktakes (id),
    line_id TEXT,
    quantity BIGINT NOT NULL,
    taken_back_at BIGINT
);
CREATE INDEX stocktake_scans_by_line ON stocktake_scans (line_id) WHERE line_id IS NOT NULL;

CREATE UNIQUE INDEX stocktakes_open_by_place ON stocktakes (place_id) WHERE ended_at IS NULL;
CREATE INDEX stocktakes_by_place ON stocktakes (place_id, begun_at);
CREATE INDEX stocktakes_by_group ON stocktakes (group_id) WHERE group_id IS NOT NULL;
