-- Minutes whose facts changed: written behind the facts, so that a rollup of a later version has them. Kept for 90 days.
CREATE TABLE rollup_marks
(
    server_id LowCardinality(String),
    minute    DateTime('UTC') CODEC(Delta, ZSTD(1)),
    marked_at UInt64 DEFAULT toUnixTimestamp64Nano(now64(9))
)
ENGINE = ReplacingMergeTree(marked_at)
PARTITION BY toYYYYMM(minute)
ORDER BY (server_id, minute)
TTL toDateTime(intDiv(marked_at, 1000000000)) + toIntervalDay(90)
SETTINGS non_replicated_deduplication_window = 100
