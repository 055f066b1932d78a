-- Receipts that are open again once what they brought was taken back; what receipts brought at a time; and the scans that
-- ask something, found without looking at all others. schema.sql says what each column means.

CREATE INDEX receipts_by_group ON receipts (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX acts_by_receipt ON acts (happened_at, id) WHERE kind = 'receive' AND reason = 'receipt';

CREATE INDEX scans_asking_which ON scans (id) WHERE status = 'question' AND product_id IS NULL AND about IS NULL;
CREATE INDEX scans_asking_again ON scans (id) WHERE status = 'again' AND about IS NULL;

-- Receipts of which everything was taken back before this.
UPDATE receipts SET state = 'completed', confirmed_at = NULL, version = version + 1
WHERE state = 'confirmed'
    AND EXISTS (SELECT 1 FROM acts a WHERE a.group_id = receipts.group_id)
    AND NOT EXISTS (SELECT 1 FROM acts a WHERE a.group_id = receipts.group_id AND a.undone_by IS NULL);

UPDATE receipt_lines SET lot_id = NULL
WHERE receipt_id IN (SELECT id FROM receipts WHERE state = 'completed');
