-- What people decided of findings; every decision is kept, the last one counts.
CREATE TABLE finding_triage
(
    finding_id UUID,
    status     Enum8('open' = 0, 'acknowledged' = 1, 'false_positive' = 2),
    decided_by String,
    reason     String,
    decided_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree
ORDER BY (finding_id, decided_at, decided_by)
