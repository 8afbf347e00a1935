-- Findings in parts: what each origin counted of one, of which the newest version counts. Parts of a finding have its finding_id
-- and add up in the view `findings`; a part without events takes an earlier one back. rules and samples are JSON.
CREATE TABLE finding_parts
(
    finding_id     UUID,
    origin         String CODEC(ZSTD(1)),
    version        UInt64 CODEC(T64, LZ4),
    kind           Enum8('statement' = 0, 'scheduled' = 1),
    area           LowCardinality(String),
    rule_id        LowCardinality(String),
    server_id      LowCardinality(String),
    user_name      LowCardinality(String),
    client_address LowCardinality(String),
    client_program LowCardinality(String),
    database_name  LowCardinality(String),
    window_start   DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    window_end     DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    first_seen     DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    last_seen      DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    events         UInt64 CODEC(T64, LZ4),
    accepted       UInt64 CODEC(T64, LZ4),
    errors         UInt64 CODEC(T64, LZ4),
    returned_rows  UInt64 CODEC(T64, LZ4),
    affected_rows  UInt64 CODEC(T64, LZ4),
    severity       Enum8('info' = 1, 'low' = 2, 'medium' = 3, 'high' = 4, 'critical' = 5),
    attack_tags    Array(LowCardinality(String)),
    tables         Array(String),
    rules          String CODEC(ZSTD(3)),
    samples        String CODEC(ZSTD(3)),
    ingested_at    DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(window_start)
ORDER BY (finding_id, origin)
SETTINGS non_replicated_deduplication_window = 1000
