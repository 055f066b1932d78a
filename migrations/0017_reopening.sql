-- Receipts that are open again once what they brought was taken back. schema.sql says what each column means.

CREATE INDEX receipts_by_group ON receipts (group_id) WHERE group_id IS NOT NULL;

-- Receipts of which everything was taken back before this.
UPDATE receipts SET state = 'completed', confirmed_at = NULL, version = version + 1
WHERE state = 'confirmed'
    AND EXISTS (SELECT 1 FROM acts a WHERE a.group_id = receipts.group_id)
    AND NOT EXISTS (SELECT 1 FROM acts a WHERE a.group_id = receipts.group_id AND a.undone_by IS NULL);

UPDATE receipt_lines SET lot_id = NULL
WHERE receipt_id IN (SELECT id FROM receipts WHERE state = 'completed');
