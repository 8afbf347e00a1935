-- One row per client command and per login. The text of a statement is in `statements`, under its digest.
--
-- The key holds nothing that may become known later (such as the user), so that a corrected row replaces its predecessor.
-- Rows are equal when server, time and id are: reading the same packets again adds none.
-- statement_raw, parameters and query_attributes (JSON) stay empty unless --dangerously-keep-raw is given.
CREATE TABLE audit_events
(
    event_time           DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    event_id             UUID,
    server_id            LowCardinality(String),
    connection_uid       FixedString(32) CODEC(ZSTD(1)),
    connection_id        UInt64 CODEC(T64, LZ4),
    client_address       LowCardinality(String),
    client_port          UInt16,
    server_address       LowCardinality(String),
    server_port          UInt16,
    server_version       LowCardinality(String),
    is_tls               Bool,
    user_name            LowCardinality(String),
    user_name_source     Enum8('unknown' = 0, 'handshake' = 1, 'processlist' = 2, 'change_user' = 3),
    database_name        LowCardinality(String),
    client_program       LowCardinality(String),
    command              LowCardinality(String),
    statement_digest     LowCardinality(String),
    statement_bytes      UInt64 CODEC(T64, LZ4),
    statement_hash       LowCardinality(String),
    status               Enum8('unknown' = 0, 'ok' = 1, 'error' = 2),
    error_code           UInt16,
    sql_state            LowCardinality(String),
    error_message_masked String CODEC(ZSTD(1)),
    affected_rows        UInt64 CODEC(T64, LZ4),
    returned_rows        UInt64 CODEC(T64, LZ4),
    last_insert_id       UInt64 CODEC(T64, LZ4),
    warnings             UInt16,
    request_bytes        UInt64 CODEC(T64, LZ4),
    response_bytes       UInt64 CODEC(T64, LZ4),
    duration_us          UInt64 CODEC(T64, LZ4),
    first_row_us         UInt64 CODEC(T64, LZ4),
    in_transaction       Bool,
    no_index_used        Bool,
    completeness         Enum8('complete' = 0, 'truncated' = 1, 'gap' = 2, 'midstream' = 3),
    rule_ids             Array(LowCardinality(String)),
    risk_level           Enum8('none' = 0, 'info' = 1, 'low' = 2, 'medium' = 3, 'high' = 4, 'critical' = 5),
    statement_raw        String CODEC(ZSTD(1)),
    parameters           String CODEC(ZSTD(1)),
    query_attributes     String CODEC(ZSTD(1)),
    ingested_at          DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1)),
    INDEX by_connection  connection_uid TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_digest      statement_digest TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(ingested_at)
PARTITION BY toDate(event_time)
ORDER BY (server_id, event_time, event_id)
SETTINGS non_replicated_deduplication_window = 1000
