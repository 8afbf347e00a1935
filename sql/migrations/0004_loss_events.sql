-- Spans of a connection of which no event tells: lost by the capture, encrypted, or not understood.
-- from_byte counts in the half-connection from its first captured byte, and is 0 where bytes sums up several spans.
CREATE TABLE loss_events
(
    loss_time      DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    loss_id        UUID,
    server_id      LowCardinality(String),
    connection_uid FixedString(32) CODEC(ZSTD(1)),
    client_address LowCardinality(String),
    client_port    UInt16,
    server_address LowCardinality(String),
    server_port    UInt16,
    reason         Enum8('gap' = 0, 'tls' = 1, 'unreadable' = 2),
    from_client    Bool,
    from_byte      UInt64 CODEC(T64, LZ4),
    bytes          UInt64 CODEC(T64, LZ4),
    ingested_at    DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(ingested_at)
PARTITION BY toDate(loss_time)
ORDER BY (server_id, loss_time, loss_id)
SETTINGS non_replicated_deduplication_window = 1000
