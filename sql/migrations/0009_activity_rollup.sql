-- The facts of a server and minute summed up by user, database, command and statement: one row per server and minute, with an
-- array per measure. A minute is always written whole, and its newest version replaces it whole: so a correction that moves a
-- fact from one key to another leaves nothing behind. version: ns since the epoch, from before the facts were read.
CREATE TABLE activity_rollup
(
    server_id        LowCardinality(String),
    minute           DateTime('UTC') CODEC(Delta, ZSTD(1)),
    version          UInt64,
    user_name        Array(LowCardinality(String)),
    database_name    Array(LowCardinality(String)),
    command          Array(LowCardinality(String)),
    statement_digest Array(LowCardinality(String)),
    events           Array(UInt64),
    errors           Array(UInt64),
    unanswered       Array(UInt64),
    returned_rows    Array(UInt64),
    affected_rows    Array(UInt64),
    request_bytes    Array(UInt64),
    response_bytes   Array(UInt64),
    duration_us      Array(UInt64),
    max_duration_us  Array(UInt64),
    without_index    Array(UInt64),
    durations        Array(AggregateFunction(quantilesTDigest(0.5, 0.95, 0.99), UInt64))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (server_id, minute)
