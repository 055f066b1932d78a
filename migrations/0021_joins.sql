-- What was told of a product before it became a part of another is known as that ever after. schema.sql says what each
-- column means.

CREATE TABLE product_joins (
    product_id TEXT NOT NULL PRIMARY KEY REFERENCES products (id),
    into_id TEXT NOT NULL REFERENCES products (id),
    counts TEXT NOT NULL,
    joined_at BIGINT NOT NULL
);

ALTER TABLE acts ADD COLUMN told_of TEXT;

ALTER TABLE codes ADD COLUMN told_of TEXT;
