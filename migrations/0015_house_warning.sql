-- When something counts as due soon, what a receipt gives on everything, and what the search knows.
-- schema.sql says what each column means.

ALTER TABLE house ADD COLUMN warning_days BIGINT NOT NULL DEFAULT 3;

ALTER TABLE receipt_lines ADD COLUMN for_all BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX acts_scanned_in ON acts (happened_at, id) WHERE kind = 'receive' AND scan_id IS NOT NULL;

CREATE TABLE search_state (
    spelling BIGINT NOT NULL PRIMARY KEY,
    done_at BIGINT NOT NULL
);
