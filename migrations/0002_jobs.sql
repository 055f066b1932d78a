-- Work to be done later, and the rhythm of what is done again and again.

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    actor TEXT NOT NULL,
    request TEXT NOT NULL,
    enqueued_at BIGINT NOT NULL,
    since_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    holder TEXT,
    failed_at BIGINT,
    error_code TEXT,
    error TEXT
);
CREATE INDEX jobs_by_due ON jobs (kind, due_at, id) WHERE failed_at IS NULL;
CREATE INDEX jobs_by_holder ON jobs (holder) WHERE holder IS NOT NULL;
CREATE INDEX jobs_by_failure ON jobs (failed_at, id) WHERE failed_at IS NOT NULL;

CREATE TABLE schedule (
    chore TEXT NOT NULL PRIMARY KEY,
    last_at BIGINT NOT NULL
);
