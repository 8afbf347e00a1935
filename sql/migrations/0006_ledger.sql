-- What each stage took in, passed on and lost, per minute, server and unit: totals so far, of which the newest version counts.
--   taken_in = passed_on + open + all of lost
-- impaired: of what was passed on, how much is truncated, has a gap or began in the middle.
CREATE TABLE ledger
(
    minute      DateTime('UTC') CODEC(Delta, ZSTD(1)),
    server_id   LowCardinality(String),
    stage       LowCardinality(String),
    origin      LowCardinality(String),
    ordinal     UInt64 CODEC(T64, LZ4),
    unit        LowCardinality(String),
    taken_in    UInt64 CODEC(T64, LZ4),
    passed_on   UInt64 CODEC(T64, LZ4),
    open        UInt64 CODEC(T64, LZ4),
    lost        Map(LowCardinality(String), UInt64),
    impaired    Map(LowCardinality(String), UInt64),
    version     UInt64 CODEC(T64, LZ4),
    ingested_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (stage, origin, ordinal)
SETTINGS non_replicated_deduplication_window = 1000
