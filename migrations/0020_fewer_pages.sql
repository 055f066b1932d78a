-- A scan changes a page of every index that says where its product stands among twenty thousand: each is written to
-- the log and to the file. What was booked is found by its acts, what is in a place and what is empty along indexes
-- that a scan changes anyway or seldom, and what moved in a lot by the acts of its product.

DROP INDEX scans_by_product;
CREATE INDEX scans_by_product ON scans (product_id, happened_at) WHERE product_id IS NOT NULL AND (status <> 'applied' OR act_id IS NULL);

DROP INDEX lots_by_product;
DROP INDEX lots_there_by_product;
DROP INDEX lots_there_by_place;
CREATE INDEX lots_there_by_product ON lots (product_id, id, place_id) WHERE quantity > 0;
CREATE INDEX lots_empty_by_product ON lots (product_id, id) WHERE quantity <= 0;

DROP INDEX movements_by_lot;
