-- What servers say that they did, minute by minute: gains of their status variables, as the watcher read them, newest versions.
--   measured_ms: how much of the minute lies between two readings of one life of the server
--   channels: how the statements came, those of the watcher (own_questions) left out, as far as the server tells
CREATE TABLE server_minutes
(
    minute           DateTime('UTC') CODEC(Delta, ZSTD(1)),
    server_id        LowCardinality(String),
    origin           LowCardinality(String),
    measured_ms      UInt64 CODEC(T64, LZ4),
    uncertainty_ms   UInt64 CODEC(T64, LZ4),
    restarts         UInt64 CODEC(T64, LZ4),
    flushes          UInt64 CODEC(T64, LZ4),
    questions        UInt64 CODEC(T64, LZ4),
    queries          UInt64 CODEC(T64, LZ4),
    connections      UInt64 CODEC(T64, LZ4),
    aborted_connects UInt64 CODEC(T64, LZ4),
    bytes_received   UInt64 CODEC(T64, LZ4),
    bytes_sent       UInt64 CODEC(T64, LZ4),
    ssl_accepts      UInt64 CODEC(T64, LZ4),
    own_questions    UInt64 CODEC(T64, LZ4),
    peak_per_second  UInt64 CODEC(T64, LZ4),
    commands         Map(LowCardinality(String), UInt64),
    channels         Map(LowCardinality(String), UInt64),
    version          UInt64 CODEC(T64, LZ4),
    ingested_at      DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (server_id, minute, origin)
SETTINGS non_replicated_deduplication_window = 1000
