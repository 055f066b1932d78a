-- What somebody must not eat counts its changes, and a unit is shown as it was said. schema.sql says what each column
-- means.

CREATE TABLE member_eating (
    member_id TEXT NOT NULL PRIMARY KEY REFERENCES members (id),
    version BIGINT NOT NULL DEFAULT 1
);

ALTER TABLE units ADD COLUMN per BIGINT NOT NULL DEFAULT 0;

ALTER TABLE product_units ADD COLUMN per BIGINT NOT NULL DEFAULT 0;
